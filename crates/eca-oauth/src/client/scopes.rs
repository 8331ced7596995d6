//! Scopes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// RFC 6749 section 3.3: a scope is printable ASCII without space, quote and backslash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scope {0:?} is not a scope token")]
pub struct InvalidScope(String);

/// Scopes in the order given, each a scope token of RFC 6749 section 3.3.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Whether `scope` is one of them. Case matters (RFC 6749 section 3.3).
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known == scope)
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
    type Err = InvalidScope;

    /// Reads a list separated by spaces.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let token = |scope: &str| {
            let valid = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if scope.bytes().all(valid) {
                Ok(scope.to_owned())
            } else {
                Err(InvalidScope(scope.to_owned()))
            }
        };
        text.split_ascii_whitespace()
            .map(token)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TryFrom<String> for Scopes {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
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
