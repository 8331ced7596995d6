//! The policy for the claims of tokens.

use std::time::{Duration, SystemTime};

use crate::jwt::audience::Audience;
use crate::jwt::claims::Claims;
use crate::jwt::client_id::ClientId;
use crate::jwt::date::{NumericDate, later};
use crate::verify::error::VerifyError;

/// With a larger tolerance the dates mean nothing.
const MAX_SKEW: Duration = Duration::from_hours(24);

/// The policy for the claims of a token. `exp` is always required.
#[derive(Debug, Clone)]
pub struct ValidationPolicy {
    issuer: Option<ClientId>,
    audiences: Option<Vec<Audience>>,
    skew: Duration,
    max_lifetime: Option<Duration>,
    required: Vec<&'static str>,
}

impl ValidationPolicy {
    /// The default tolerance for clocks.
    pub const DEFAULT_SKEW: Duration = Duration::from_mins(1);

    /// Requires this issuer and this audience.
    pub fn new(issuer: ClientId, audience: Audience) -> ValidationPolicy {
        ValidationPolicy {
            issuer: Some(issuer),
            audiences: Some(vec![audience]),
            ..ValidationPolicy::any_issuer_and_audience()
        }
    }

    /// Accepts any issuer and audience, for diagnosis. A server with this policy accepts tokens
    /// that are for other servers (RFC 8725, section 3.9).
    pub fn any_issuer_and_audience() -> ValidationPolicy {
        ValidationPolicy {
            issuer: None,
            audiences: None,
            skew: ValidationPolicy::DEFAULT_SKEW,
            max_lifetime: None,
            required: Vec::new(),
        }
    }

    /// Requires this issuer.
    #[must_use]
    pub fn issuer(mut self, issuer: ClientId) -> ValidationPolicy {
        self.issuer = Some(issuer);
        self
    }

    /// Adds an audience. A token must have one of them.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> ValidationPolicy {
        self.audiences.get_or_insert_default().push(audience);
        self
    }

    /// Sets how far clocks may differ, at most a day. It applies to `exp`, `nbf` and `iat`.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> ValidationPolicy {
        self.skew = skew.min(MAX_SKEW);
        self
    }

    /// Sets how far ahead `exp` may be.
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: Duration) -> ValidationPolicy {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// Requires a `jti`.
    #[must_use]
    pub fn require_id(mut self) -> ValidationPolicy {
        self.required.push("jti");
        self
    }

    /// Requires an `iat`.
    #[must_use]
    pub fn require_issued_at(mut self) -> ValidationPolicy {
        self.required.push("iat");
        self
    }

    /// Checks all claims and returns `exp`.
    pub(crate) fn check(
        &self,
        claims: &Claims,
        now: SystemTime,
    ) -> Result<NumericDate, VerifyError> {
        if let Some(expected) = &self.issuer {
            present(claims, "iss")?;
            let found = claims.issuer()?.unwrap_or_default();
            if found != expected.as_str() {
                return Err(VerifyError::Issuer {
                    expected: expected.to_string(),
                    found: found.to_owned(),
                });
            }
        }
        if let Some(expected) = &self.audiences {
            present(claims, "aud")?;
            let found = claims.audiences()?;
            let fits = |found: &&str| expected.iter().any(|one| one.as_str() == *found);
            if !found.iter().any(fits) {
                return Err(VerifyError::Audience {
                    expected: expected.iter().map(Audience::to_string).collect(),
                    found: found.iter().map(|&one| one.to_owned()).collect(),
                });
            }
        }
        let expires_at = self.check_dates(claims, now)?;
        for &claim in &self.required {
            present(claims, claim)?;
        }
        Ok(expires_at)
    }

    /// The time until which a token with that `exp` can pass.
    pub(crate) fn last_moment(&self, expires_at: NumericDate) -> SystemTime {
        later(expires_at.to_system_time(), self.skew)
    }

    /// Checks the dates and returns `exp`.
    fn check_dates(&self, claims: &Claims, now: SystemTime) -> Result<NumericDate, VerifyError> {
        let missing = VerifyError::MissingClaim { claim: "exp" };
        let expires_at = claims.expires_at()?.ok_or(missing)?;
        // RFC 7519, section 4.1.4: a token is refused "on or after" this time.
        if now >= self.last_moment(expires_at) {
            return Err(VerifyError::Expired {
                at: expires_at,
                now,
            });
        }
        let latest = later(now, self.skew);
        if let Some(max) = self.max_lifetime
            && expires_at.to_system_time() > later(latest, max)
        {
            return Err(VerifyError::LifetimeTooLong {
                at: expires_at,
                max,
            });
        }
        for (claim, at) in [("nbf", claims.not_before()?), ("iat", claims.issued_at()?)] {
            if let Some(at) = at
                && at.to_system_time() > latest
            {
                return Err(VerifyError::NotYetValid { claim, at, now });
            }
        }
        Ok(expires_at)
    }
}

fn present(claims: &Claims, claim: &'static str) -> Result<(), VerifyError> {
    if claims.has(claim) {
        Ok(())
    } else {
        Err(VerifyError::MissingClaim { claim })
    }
}
