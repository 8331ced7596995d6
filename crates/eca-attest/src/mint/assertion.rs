//! JWT assertions (RFC 7523): authorization grants and client authentication.

use std::time::SystemTime;

use serde::Serialize;

use crate::jwt::audience::Audience;
use crate::jwt::client_id::ClientId;
use crate::jwt::random::IdSource;
use crate::jwt::signed::{SignedJwt, UnsignedJwt};
use crate::mint::claims::ClaimsBuilder;
use crate::mint::error::MintError;
use crate::mint::validity::{IssuedAt, Jti, Lifetime};
use crate::sign::{Algorithm, AsyncSigner, Signer};

/// The `grant_type` of [`Assertion::jwt_bearer`] (RFC 7523, section 2.1).
pub const JWT_BEARER_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The `client_assertion_type` of [`Assertion::client_authentication`] (RFC 7523, section 2.2).
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The claims of JWT assertions. [`sign`](Assertion::sign) makes a token for each request.
///
/// ```
/// # #[cfg(feature = "rustcrypto")] {
/// use std::time::SystemTime;
/// use eca_attest::{Assertion, OsIds, PrivateKey, Provider};
///
/// # let pem = include_bytes!("../../tests/data/test-only-rsa-2048.pem");
/// let signer = Provider::default().signer(&PrivateKey::read(pem)?)?;
/// // The audience does not depend on the host of the request.
/// let assertion = Assertion::jwt_bearer(
///     "3MVG9example".parse()?,
///     "deployer@example.com",
///     "https://login.salesforce.com".parse()?,
/// );
/// let signed = assertion.sign(&*signer, SystemTime::now(), &OsIds)?;
/// assert_eq!(signed.header(), r#"{"alg":"RS256"}"#);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Assertion {
    claims: ClaimsBuilder,
    kind: Option<String>,
    key_id: Option<String>,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl Assertion {
    /// A JWT bearer grant: the app with that consumer key requests a token for the user with that
    /// user name. Salesforce requires `https://login.salesforce.com`, `https://test.salesforce.com`
    /// or the Experience Cloud site's URL as the audience, whichever host the request goes to
    /// (Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration").
    ///
    /// It has an `iat` and no `jti`.
    pub fn jwt_bearer(issuer: ClientId, user: impl Into<String>, audience: Audience) -> Assertion {
        let claims = ClaimsBuilder {
            subject: Some(user.into()),
            ..ClaimsBuilder::new(issuer, audience)
        };
        Assertion {
            claims,
            kind: None,
            key_id: None,
        }
    }

    /// A `client_assertion` (`private_key_jwt`): issuer and subject are the client. Salesforce
    /// requires the URL of its token endpoint as the audience; other servers require their issuer
    /// identifier, as the revision of RFC 7523 does.
    ///
    /// It has an `iat` and a fresh `jti`, which OpenID Connect Core (section 9) requires.
    pub fn client_authentication(client: ClientId, audience: Audience) -> Assertion {
        let subject = client.to_string();
        Assertion::jwt_bearer(client, subject, audience).id(Jti::Fresh)
    }

    /// Sets how long each token is valid.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Lifetime) -> Assertion {
        self.claims.lifetime = lifetime;
        self
    }

    /// Sets whether tokens carry `iat`.
    #[must_use]
    pub fn issued_at(mut self, issued_at: IssuedAt) -> Assertion {
        self.claims.issued_at = issued_at;
        self
    }

    /// Sets which `jti` tokens carry.
    #[must_use]
    pub fn id(mut self, id: Jti) -> Assertion {
        self.claims.id = id;
        self
    }

    /// Adds `typ` to the header, such as `client-authentication+jwt` for servers that follow the
    /// revision of RFC 7523. Salesforce's public pages do not show one.
    #[must_use]
    pub fn kind(mut self, typ: impl Into<String>) -> Assertion {
        self.kind = Some(typ.into());
        self
    }

    /// Adds `kid` to the header, for servers with several keys of a client.
    #[must_use]
    pub fn key_id(mut self, kid: impl Into<String>) -> Assertion {
        self.key_id = Some(kid.into());
        self
    }

    /// Makes and signs one token that is valid from `now`, with the signer's algorithm. Salesforce
    /// accepts RS256 only, so its keys must be RSA.
    ///
    /// # Errors
    /// If a claim is empty, `now` is out of range, `ids` fails, or the signer fails.
    pub fn sign(
        &self,
        signer: &dyn Signer,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        self.prepare(signer.algorithm(), now, ids)?.sign(signer)
    }

    /// [`sign`](Assertion::sign) with an asynchronous signer.
    ///
    /// # Errors
    /// Those of [`sign`](Assertion::sign).
    pub async fn sign_async(
        &self,
        signer: &dyn AsyncSigner,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<SignedJwt, MintError> {
        let unsigned = self.prepare(signer.algorithm(), now, ids)?;
        unsigned.sign_async(signer).await
    }

    /// Makes one token without its signature, for a key outside this process.
    ///
    /// # Errors
    /// If a claim is empty, `now` is out of range, or `ids` fails.
    pub fn prepare(
        &self,
        algorithm: Algorithm,
        now: SystemTime,
        ids: &dyn IdSource,
    ) -> Result<UnsignedJwt, MintError> {
        let header = Header {
            alg: algorithm.name(),
            typ: self.kind.as_deref(),
            kid: self.key_id.as_deref(),
        };
        self.claims.prepare(algorithm, &header, now, ids)
    }
}
