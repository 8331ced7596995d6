//! Who the client is and how it proves it: client id, scopes, client authentication.

pub(crate) mod pkce;
pub(crate) mod proof;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::secret::{ClientSecret, sensitive_header};

/// The consumer key of an app: its OAuth `client_id`. Not secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

/// Text that cannot be a client id or a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// RFC 6749 appendix A.1: a client id is printable ASCII, and here not empty.
    #[error("client id is empty or has a character outside printable ascii")]
    ClientId,
    /// RFC 6749 section 3.3: a scope is printable ASCII without space, quote and backslash.
    #[error("scope {0:?} is not a scope token")]
    Scope(String),
}

impl ClientId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        let printable = text.bytes().all(|byte| matches!(byte, 0x21..=0x7e));
        if text.is_empty() || !printable {
            return Err(InvalidName::ClientId);
        }
        Ok(Self(text))
    }
}

impl FromStr for ClientId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Scopes in the order given, each a scope token of RFC 6749 section 3.3.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Whether `scope` is one of them. Case matters (RFC 6749 section 3.3).
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|own| own == scope)
    }

    /// Each scope.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Scopes {
    type Err = InvalidName;

    /// Reads a list separated by spaces.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let token = |scope: &str| {
            let valid = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if scope.bytes().all(valid) {
                Ok(scope.to_owned())
            } else {
                Err(InvalidName::Scope(scope.to_owned()))
            }
        };
        text.split_ascii_whitespace()
            .map(token)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TryFrom<String> for Scopes {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Where the client secret stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// In an `Authorization: Basic` header (RFC 6749 section 2.3.1), which Salesforce recommends.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the form body.
    Form,
    /// Nowhere: the client id alone.
    None,
}

/// `Basic …` of client id and secret, each form-encoded first (RFC 6749 section 2.3.1).
pub(crate) fn basic_header(id: &ClientId, secret: &ClientSecret) -> HeaderValue {
    let encoded = |text: &str| -> Zeroizing<String> {
        Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
    };
    let pair = Zeroizing::new(format!(
        "{}:{}",
        *encoded(id.as_str()),
        *encoded(secret.expose_secret())
    ));
    let mut header = Zeroizing::new("Basic ".to_owned());
    BASE64_STANDARD.encode_string(pair.as_bytes(), &mut header);
    sensitive_header(&header)
}
