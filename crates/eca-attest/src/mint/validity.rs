//! The settings for `exp`, `iat` and `jti`.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::jwt::date::{DateError, NumericDate};
use crate::jwt::random::IdSource;
use crate::mint::error::MintError;

/// How long a token is valid: from one second to [`Lifetime::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(Duration);

/// A lifetime is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LifetimeError {
    /// Less than a second.
    #[error("a token lifetime must be at least one second")]
    TooShort,
    /// More than [`Lifetime::MAX`].
    #[error("a token lifetime of {0:?} is more than the allowed {max:?}", max = Lifetime::MAX.0)]
    TooLong(Duration),
}

/// The `jti` of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Jti {
    /// No `jti`: the token can be sent any number of times while it is valid.
    #[default]
    None,
    /// A new random value of 128 bits for each token: Salesforce accepts each token only once.
    Fresh,
    /// This value.
    Given(String),
}

/// Whether a token carries `iat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum IssuedAt {
    /// With `iat`, the time of signing. Servers that do not need it ignore it.
    #[default]
    Present,
    /// Without `iat`.
    Absent,
}

impl Lifetime {
    /// Three minutes: enough for clocks that differ.
    pub const DEFAULT: Lifetime = Lifetime(Duration::from_mins(3));

    /// Five minutes: the limit that Salesforce states for the `client_assertion` of its web server
    /// flow. Its public pages show no limit for client attestation.
    pub const MAX: Lifetime = Lifetime(Duration::from_mins(5));

    /// The lifetime in whole seconds.
    pub fn as_duration(self) -> Duration {
        self.0
    }

    /// `iat` and `exp` of a token that is made `now`.
    pub(crate) fn starting_at(
        self,
        now: SystemTime,
    ) -> Result<(NumericDate, NumericDate), DateError> {
        let issued_at = NumericDate::try_from(now)?;
        let end = issued_at.to_system_time().checked_add(self.as_duration());
        Ok((
            issued_at,
            NumericDate::try_from(end.ok_or(DateError::TooLate)?)?,
        ))
    }
}

impl TryFrom<Duration> for Lifetime {
    type Error = LifetimeError;

    fn try_from(duration: Duration) -> Result<Self, LifetimeError> {
        if duration > Lifetime::MAX.0 {
            return Err(LifetimeError::TooLong(duration));
        }
        if duration.as_secs() == 0 {
            return Err(LifetimeError::TooShort);
        }
        Ok(Lifetime(Duration::from_secs(duration.as_secs())))
    }
}

impl Default for Lifetime {
    fn default() -> Self {
        Lifetime::DEFAULT
    }
}

impl Jti {
    /// The `jti` of one token.
    pub(crate) fn make(&self, ids: &dyn IdSource) -> Result<Option<String>, MintError> {
        match self {
            Jti::None => Ok(None),
            Jti::Fresh => Ok(Some(BASE64_URL_SAFE_NO_PAD.encode(ids.fresh_id()?))),
            Jti::Given(id) if id.is_empty() => Err(MintError::EmptyClaim { claim: "jti" }),
            Jti::Given(id) => Ok(Some(id.clone())),
        }
    }
}
