//! The claims that attestations and assertions share.

use std::time::SystemTime;

use serde::Serialize;

use crate::jwt::audience::Audience;
use crate::jwt::client_id::ClientId;
use crate::jwt::date::NumericDate;
use crate::jwt::random::IdSource;
use crate::jwt::signed::UnsignedJwt;
use crate::mint::error::MintError;
use crate::mint::validity::{IssuedAt, Jti, Lifetime};
use crate::sign::Algorithm;

/// The settings for the claims of tokens.
#[derive(Debug, Clone)]
pub(crate) struct ClaimsBuilder {
    pub(crate) issuer: ClientId,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Audience,
    pub(crate) lifetime: Lifetime,
    pub(crate) issued_at: IssuedAt,
    pub(crate) id: Jti,
}

/// The claims of one token, in the order of RFC 7519, section 4.1.
#[derive(Serialize)]
struct TokenClaims<'a> {
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    aud: &'a str,
    exp: NumericDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<NumericDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
}

impl ClaimsBuilder {
    /// Claims with `iat` and without `sub` and `jti`.
    pub(crate) fn new(issuer: ClientId, audience: Audience) -> ClaimsBuilder {
        ClaimsBuilder {
            issuer,
            subject: None,
            audience,
            lifetime: Lifetime::default(),
            issued_at: IssuedAt::default(),
            id: Jti::default(),
        }
    }

    /// Makes one token without its signature, valid from `now`.
    pub(crate) fn prepare(
        &self,
        algorithm: Algorithm,
        header: &impl Serialize,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<UnsignedJwt, MintError> {
        let sub = self.subject.as_deref();
        if sub == Some("") {
            return Err(MintError::EmptyClaim { claim: "sub" });
        }
        let jti = self.id.make(ids)?;
        let (issued_at, exp) = self.lifetime.starting_at(now)?;
        let claims = TokenClaims {
            iss: self.issuer.as_str(),
            sub,
            aud: self.audience.as_str(),
            exp,
            iat: (self.issued_at == IssuedAt::Present).then_some(issued_at),
            jti: jti.as_deref(),
        };
        UnsignedJwt::new(algorithm, header, &claims, claims.jti, Some(exp))
    }
}
