//! The org's clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// The source of the org's time: it measures lifetimes of codes, tokens and attestations and the
/// pace of deploys.
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

/// A clock for tests, which only [`ManualClock::advance`] moves.
///
/// With it a [`Pace::Time`](crate::testing::pace::Pace::Time) deploy finishes only after
/// [`ManualClock::advance`]; [`Pace::Polls`](crate::testing::pace::Pace::Polls) does not need the
/// clock.
#[derive(Debug)]
pub struct ManualClock(Mutex<SystemTime>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: SystemTime) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Sets the clock to `now`, forward or back.
    pub fn set(&self, now: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock at an offset from another one, which can be changed.
#[derive(Debug)]
pub(crate) struct ShiftedClock {
    base: Arc<dyn Clock>,
    /// Positive or negative.
    shift: Mutex<time::Duration>,
}

impl ShiftedClock {
    pub(crate) fn new(base: Arc<dyn Clock>, starts_at: Option<SystemTime>) -> Self {
        let clock = Self {
            base,
            shift: Mutex::new(time::Duration::ZERO),
        };
        if let Some(time) = starts_at {
            clock.set(time);
        }
        clock
    }

    /// The offset from its base, in seconds and nanoseconds; both are negative if it is behind.
    pub(crate) fn shift(&self) -> (i64, i32) {
        let shift = *self.shift.lock().unwrap_or_else(PoisonError::into_inner);
        (shift.whole_seconds(), shift.subsec_nanoseconds())
    }

    /// Restores an offset.
    pub(crate) fn restore(&self, (seconds, nanoseconds): (i64, i32)) {
        *self.shift.lock().unwrap_or_else(PoisonError::into_inner) =
            time::Duration::new(seconds, nanoseconds);
    }

    /// Sets the clock to `now`; it runs on from there.
    pub(crate) fn set(&self, now: SystemTime) {
        let shift = OffsetDateTime::from(now) - OffsetDateTime::from(self.base.now());
        *self.shift.lock().unwrap_or_else(PoisonError::into_inner) = shift;
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        if let Some(now) = self.now().checked_add(by) {
            self.set(now);
        }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> SystemTime {
        let shift = *self.shift.lock().unwrap_or_else(PoisonError::into_inner);
        let base = self.base.now();
        // Both ends were system times once, so this is in range.
        OffsetDateTime::from(base)
            .checked_add(shift)
            .map_or(base, SystemTime::from)
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

/// Seconds since 1970, as in the claims of a JWT (RFC 7519 section 2).
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_runs_with_its_base() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let base = Arc::new(ManualClock::new(start));
        let day = Duration::from_hours(24);
        let clock = ShiftedClock::new(base.clone(), Some(start + day));
        assert_eq!(clock.now(), start + day);
        base.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), start + day + Duration::from_secs(1));
        clock.advance(day);
        assert_eq!(clock.now(), start + 2 * day + Duration::from_secs(1));
        clock.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn times_are_written_as_salesforce_does() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_196_609_007);
        assert_eq!(timestamp(time), "2026-11-20T17:43:29.007Z");
        assert_eq!(unix_millis(time), 1_795_196_609_007);
    }
}
