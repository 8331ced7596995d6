//! ID tokens (OpenID Connect Core 1.0), for clients with the scope `openid`.
//!
//! The app's `idTokenConfig` sets their audience, their lifetime, and whether they describe the
//! user (Metadata API Developer Guide, "ExtlClntAppGlobalOauthSettings"). Custom attributes are
//! formulas and custom permissions need Apex: this org's token has neither.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::ids::RecordId;
use crate::oauth::error::OauthError;
use crate::oauth::issue::signing::SigningKey;
use crate::oauth::userinfo;
use crate::secret::Secret;
use crate::state::OrgConfig;
use crate::state::id_token_config::IdTokenConfig;
use crate::state::users::User;
use crate::testing::clock::unix_seconds;

/// The longest `nonce`, in characters; this org's own choice.
const LONGEST_NONCE: usize = 1_000;

/// Refuses a `nonce` that is too long to be remembered.
pub(crate) fn check_nonce(nonce: Option<&str>) -> Result<Option<&str>, OauthError> {
    if nonce.is_some_and(|nonce| nonce.chars().nth(LONGEST_NONCE).is_some()) {
        return Err(OauthError::new(
            "invalid_request",
            format!("nonce is longer than {LONGEST_NONCE} characters"),
        ));
    }
    Ok(nonce)
}

/// Whether a token response identifies the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity<'a> {
    /// No user took part.
    NoUser,
    /// A user took part; with the `nonce` of the authorization request.
    User { nonce: Option<&'a str> },
}

/// The claims that the configuration can add. All of them are members of userinfo.
pub(crate) const STANDARD_CLAIMS: [&str; 8] = [
    "preferred_username",
    "nickname",
    "name",
    "email",
    "email_verified",
    "zoneinfo",
    "locale",
    "active",
];

/// The content of an ID token.
#[derive(Debug)]
pub(crate) struct IdToken<'a> {
    pub(crate) org: &'a OrgConfig,
    pub(crate) org_id: &'a RecordId,
    /// The client's consumer key.
    pub(crate) client: &'a str,
    pub(crate) config: &'a IdTokenConfig,
    pub(crate) user: &'a User,
    /// The `issuer` of the discovery document that the client used.
    pub(crate) issuer: &'a str,
    /// The access token of the response.
    pub(crate) access_token: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) now: SystemTime,
}

impl IdToken<'_> {
    /// Signs the token.
    pub(crate) fn sign(&self, key: &SigningKey) -> Result<Secret, OauthError> {
        let config = self.config;
        // OpenID Connect Core section 2: the client is always in it.
        let audience = match config.audiences.as_slice() {
            [] => json!(self.client),
            more => std::iter::once(self.client)
                .chain(more.iter().map(String::as_str))
                .collect(),
        };
        let mut claims = json!({
            "at_hash": access_token_hash(self.access_token),
            "aud": audience,
            "exp": unix_seconds(self.now + config.lifetime),
            "iat": unix_seconds(self.now),
            "iss": self.issuer,
            "sub": userinfo::subject(self.org, self.org_id, self.user),
        });
        if let Some(nonce) = self.nonce {
            claims["nonce"] = json!(nonce);
        }
        if config.has_standard_claims {
            let about = userinfo::about(self.org, self.org_id, self.user, self.issuer);
            for name in STANDARD_CLAIMS {
                claims[name] = about[name].clone();
            }
        }
        key.sign(
            &json!({ "alg": "RS256", "kid": key.id(), "typ": "JWT" }),
            &claims,
        )
    }
}

/// OpenID Connect Core section 3.1.3.6, for RS256.
fn access_token_hash(token: &str) -> Value {
    let digest = Sha256::digest(token.as_bytes());
    json!(URL_SAFE_NO_PAD.encode(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_openid_connect_core_appendix_a_3() {
        // The access token and its hash in the example response.
        assert_eq!(
            access_token_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
