//! The org's clock.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Where an org reads the time from: lifetimes of codes, tokens and attestations and the pace of
/// deploys are all measured with it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> SystemTime;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that only moves when it is told to, for tests.
///
/// With it a [`Pace::Time`](crate::Pace::Time) deploy finishes only after [`ManualClock::advance`];
/// [`Pace::Polls`](crate::Pace::Polls) does not need the clock.
#[derive(Debug)]
pub struct ManualClock(Mutex<SystemTime>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: SystemTime) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Puts the clock at `now`, forward or back.
    pub fn set(&self, now: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// `2026-11-20T17:43:29.000Z`, as Salesforce writes times in JSON and SOAP.
pub(crate) fn timestamp(time: SystemTime) -> String {
    // Formatting fails only for years beyond four digits, which no clock here shows.
    OffsetDateTime::from(time)
        .format(TIMESTAMP)
        .unwrap_or_default()
}

/// Milliseconds since 1970, as in the `issued_at` member of a token response.
pub(crate) fn unix_millis(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_salesforce_does() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_196_609_007);
        assert_eq!(timestamp(time), "2026-11-20T17:43:29.007Z");
        assert_eq!(unix_millis(time), 1_795_196_609_007);
    }
}
