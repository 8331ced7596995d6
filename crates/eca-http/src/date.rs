//! The time by a server's clock.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::DATE;

/// When the server sent a response: its `Date` header (RFC 9110 section 6.6.1), in whole seconds.
/// `None` if there is none or it cannot be read.
pub fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let text = headers.get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(text).ok()
}

/// How far the local clock is from a server's. The way of the response is part of it, and dates
/// have whole seconds: a second or two mean nothing.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use eca_http::ClockSkew;
///
/// let mut response = http::Response::new(());
/// let date = http::HeaderValue::from_static("Thu, 01 Jan 1970 00:01:00 GMT");
/// response.headers_mut().insert("date", date);
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(90);
/// let skew = ClockSkew::of(response.headers(), now);
/// assert_eq!(skew, Some(ClockSkew::Ahead(Duration::from_secs(30))));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockSkew {
    /// The local clock is at the server's time or after it.
    Ahead(Duration),
    /// The local clock is before the server's time.
    Behind(Duration),
}

impl ClockSkew {
    /// Compares `now` of the local clock, read when the response came, with the `Date` header.
    pub fn of(headers: &HeaderMap, now: SystemTime) -> Option<ClockSkew> {
        Some(match now.duration_since(date(headers)?) {
            Ok(ahead) => ClockSkew::Ahead(ahead),
            Err(error) => ClockSkew::Behind(error.duration()),
        })
    }

    /// How far, whichever way.
    pub fn amount(self) -> Duration {
        match self {
            ClockSkew::Ahead(amount) | ClockSkew::Behind(amount) => amount,
        }
    }
}

/// In whole seconds: `30 s ahead`.
impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self {
            ClockSkew::Ahead(_) => "ahead",
            ClockSkew::Behind(_) => "behind",
        };
        write!(f, "{} s {way}", self.amount().as_secs())
    }
}
