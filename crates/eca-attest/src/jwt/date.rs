//! Dates in tokens and messages.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// In the year 5138. Larger numbers are milliseconds by mistake, the most common fault in tokens
/// that are written by hand.
const MAX_SECONDS: u64 = 100_000_000_000;

/// A NumericDate (RFC 7519, section 2): whole seconds since 1970-01-01T00:00:00Z.
///
/// It is made from a [`SystemTime`], never from a number, so that it cannot be milliseconds.
///
/// ```
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
/// use eca_attest::NumericDate;
///
/// let date = NumericDate::try_from(UNIX_EPOCH + Duration::from_millis(1_795_200_000_999))?;
/// assert_eq!(date.seconds(), 1_795_200_000);
/// assert_eq!(date.to_string(), "2026-11-20T18:40:00Z");
/// # Ok::<(), eca_attest::DateError>(())
/// ```
///
/// ```compile_fail
/// let date = eca_attest::NumericDate(1_795_200_000_000);
/// ```
///
/// ```compile_fail
/// let date = eca_attest::NumericDate::try_from(1_795_200_000_000_u64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate(u64);

/// A time that tokens cannot represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// Before 1970.
    #[error("the time is before 1970")]
    BeforeEpoch,
    /// In the year 5138 or later, so probably in milliseconds.
    #[error("the time is in the year 5138 or later, perhaps milliseconds instead of seconds")]
    TooLate,
}

impl NumericDate {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The date as a [`SystemTime`].
    pub fn to_system_time(self) -> SystemTime {
        // Cannot overflow: the constructors keep it below the year 5139.
        UNIX_EPOCH + Duration::from_secs(self.0)
    }

    /// Reads a JSON number. Fractions of a second are valid and are cut off.
    pub(crate) fn from_json(value: &serde_json::Value) -> Result<NumericDate, DateError> {
        let seconds = match (value.as_u64(), value.as_f64()) {
            (Some(seconds), _) => seconds,
            (None, Some(seconds)) if seconds >= 0.0 => Duration::try_from_secs_f64(seconds)
                .map_err(|_| DateError::TooLate)?
                .as_secs(),
            _ => return Err(DateError::BeforeEpoch),
        };
        NumericDate::new(seconds)
    }

    fn new(seconds: u64) -> Result<NumericDate, DateError> {
        if seconds >= MAX_SECONDS {
            return Err(DateError::TooLate);
        }
        Ok(NumericDate(seconds))
    }
}

impl TryFrom<SystemTime> for NumericDate {
    type Error = DateError;

    fn try_from(time: SystemTime) -> Result<Self, DateError> {
        let since = time.duration_since(UNIX_EPOCH);
        NumericDate::new(since.map_err(|_| DateError::BeforeEpoch)?.as_secs())
    }
}

impl serde::Serialize for NumericDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rfc3339(self.to_system_time()))
    }
}

/// A time as `2026-11-20T18:40:00Z`, in whole seconds.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    let seconds = unix_seconds(at);
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|date| date.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{seconds} s since 1970"))
}

/// Whole seconds since 1970, negative before it.
pub(crate) fn unix_seconds(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let whole = before.as_secs() + u64::from(before.subsec_nanos() > 0);
            i64::try_from(whole).map_or(i64::MIN, |seconds| -seconds)
        }
    }
}

/// The time that many seconds after (or before) 1970; `None` if the platform cannot hold it.
pub(crate) fn from_unix_seconds(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    }
}

/// `at + by`, or `at` where the platform cannot hold the sum.
pub(crate) fn later(at: SystemTime, by: Duration) -> SystemTime {
    at.checked_add(by).unwrap_or(at)
}
