//! The secret types. None is `Clone`, `PartialEq` or `Serialize`; each is wiped from memory when
//! dropped, prints a constant, and gives its text only through `expose_secret`.
//!
//! Copies made through `expose_secret`, such as a request body, are not wiped.

use std::fmt;

use eca_attest::SignedJwt;
use http::HeaderValue;
use zeroize::Zeroizing;

/// Text that cannot be a secret of this kind. The error does not contain the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}")]
pub struct InvalidSecret {
    what: &'static str,
    problem: &'static str,
}

impl InvalidSecret {
    pub(crate) fn new(what: &'static str, problem: &'static str) -> Self {
        Self { what, problem }
    }

    /// What the text was meant to be, such as `access token`.
    pub fn what(&self) -> &'static str {
        self.what
    }
}

/// The characters that a secret may have; the error is the reason.
type Rule = fn(&str) -> Result<(), &'static str>;

/// Not empty.
const ANY: Rule = |text| {
    if text.is_empty() {
        return Err("is empty");
    }
    Ok(())
};

/// `VSCHAR` of RFC 6749 appendix A: printable ASCII.
const PRINTABLE: Rule = |text| {
    ANY(text)?;
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Ok(());
    }
    Err("has a character outside printable ASCII, such as a line break")
};

/// Printable ASCII without space: what can stand in an `Authorization` header (RFC 6750
/// section 2.1).
const VISIBLE: Rule = |text| {
    PRINTABLE(text)?;
    if text.contains(' ') {
        return Err("has a space");
    }
    Ok(())
};

/// What Salesforce accepts for an exchange (Salesforce Help, "OAuth 2.0 Token Exchange Flow").
const SUBJECT: Rule = |text| {
    PRINTABLE(text)?;
    if text.len() > 10_000 {
        return Err("is longer than 10,000 characters");
    }
    Ok(())
};

macro_rules! secret {
    ($(#[$meta:meta])* $name:ident, $what:literal, $rule:expr) => {
        $(#[$meta])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// A secret with this text.
            ///
            /// # Errors
            ///
            /// [`InvalidSecret`] when the text cannot be this kind of secret.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidSecret> {
                let text = Zeroizing::new(text.into());
                match $rule(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err(problem) => Err(InvalidSecret::new($what, problem)),
                }
            }

            /// The text itself. The caller is responsible for where it goes.
            pub fn expose_secret(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret! {
    /// An access token for an org's APIs: an opaque session id or a JWT, see
    /// [`AccessToken::format`].
    AccessToken, "access token", VISIBLE
}
secret! {
    /// A refresh token, which gets new access tokens.
    RefreshToken, "refresh token", VISIBLE
}
secret! {
    /// An OpenID Connect ID token: it authorizes nothing, but contains personal data.
    IdToken, "id token", VISIBLE
}
secret! {
    /// The consumer secret of an app.
    ClientSecret, "client secret", PRINTABLE
}
secret! {
    /// A code that gets tokens once (RFC 6749 section 1.3.1).
    AuthorizationCode, "authorization code", PRINTABLE
}
secret! {
    /// The handle of a running authorization challenge (OAuth 2.0 for First-Party Applications,
    /// `auth_session`).
    AuthSession, "auth session", ANY
}
secret! {
    /// A user's password.
    Password, "password", ANY
}
secret! {
    /// A code that a user got by email or text message.
    OneTimePassword, "one-time password", ANY
}
secret! {
    /// A signed client attestation, in compact form. It proves to the server that a request comes
    /// from the company's own app, so anyone with a fresh one can impersonate the app.
    ClientAttestationJwt, "client attestation", VISIBLE
}

secret! {
    /// A JWT signed with the app's key: as a grant (RFC 7523 section 2.1), or as client
    /// authentication (section 2.2).
    AssertionJwt, "assertion", VISIBLE
}
secret! {
    /// The device code, which gets a token once the user has approved.
    DeviceSecret, "device code", PRINTABLE
}
secret! {
    /// Another identity provider's token, to be exchanged: at most 10,000 characters.
    SubjectToken, "subject token", SUBJECT
}

/// The formats of an org's access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessTokenFormat {
    /// `00D…!…`: the org's id, an exclamation mark, and a session key.
    Opaque,
    /// `eyJ…`: a JWT. SOAP APIs refuse it before version 68.0.
    Jwt,
    /// Neither.
    Unknown,
}

impl AccessToken {
    /// The format of this token, by its characters alone.
    pub fn format(&self) -> AccessTokenFormat {
        let text = self.expose_secret();
        if let Some((org, key)) = text.split_once('!') {
            let word = org.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if org.starts_with("00D") && matches!(org.len(), 15..=18) && word && !key.is_empty() {
                return AccessTokenFormat::Opaque;
            }
        }
        let parts = text.split('.');
        if text.starts_with("eyJ") && parts.clone().count() == 3 && parts.clone().all(is_base64url)
        {
            return AccessTokenFormat::Jwt;
        }
        AccessTokenFormat::Unknown
    }

    /// `Bearer …` for an `Authorization` header (RFC 6750 section 2.1), marked as sensitive.
    pub fn bearer_header(&self) -> HeaderValue {
        sensitive_header(&Zeroizing::new(format!("Bearer {}", self.expose_secret())))
    }
}

impl AuthSession {
    /// A copy for one request. Not `Clone`, so that no copy is made by accident.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

impl AuthorizationCode {
    /// A copy for one request. Not `Clone`, so that no copy is made by accident.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

impl From<&SignedJwt> for ClientAttestationJwt {
    fn from(signed: &SignedJwt) -> Self {
        Self(compact(signed))
    }
}

impl From<&SignedJwt> for AssertionJwt {
    fn from(signed: &SignedJwt) -> Self {
        Self(compact(signed))
    }
}

/// A JWS in compact form is base64url and dots, so that it needs no check.
fn compact(signed: &SignedJwt) -> Zeroizing<String> {
    let jws = signed.expose_jwt();
    debug_assert!(jws.split('.').all(is_base64url), "a compact jws");
    Zeroizing::new(jws.to_owned())
}

impl ClientAttestationJwt {
    /// The attestation as a header value of its own, marked as sensitive.
    pub(crate) fn header(&self) -> HeaderValue {
        sensitive_header(self.expose_secret())
    }
}

fn is_base64url(part: &str) -> bool {
    part.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A header value that is marked as sensitive.
#[expect(
    clippy::expect_used,
    reason = "callers pass printable ASCII: checked by PRINTABLE or VISIBLE, or made by base64"
)]
pub(crate) fn sensitive_header(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("printable ASCII is a header value");
    value.set_sensitive(true);
    value
}
