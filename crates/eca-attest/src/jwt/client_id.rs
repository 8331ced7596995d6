//! The client id of an app.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Consumer keys have about 85 characters.
const MAX_CLIENT_ID: usize = 256;

/// The OAuth client id of an app, which Salesforce calls its consumer key, such as `3MVG9…`. Not
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

/// A text is not a client id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientIdError {
    /// Empty.
    #[error("the client id is empty")]
    Empty,
    /// More than 256 bytes.
    #[error("the client id has {len} characters, at most {MAX_CLIENT_ID} are allowed")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A character that no client id can have (RFC 6749, appendix A.1), or a blank.
    #[error("the client id has an invalid character at position {position}")]
    Character {
        /// Its position, counted from one.
        position: usize,
    },
}

impl ClientId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = ClientIdError;

    fn try_from(text: String) -> Result<Self, ClientIdError> {
        if text.is_empty() {
            return Err(ClientIdError::Empty);
        }
        if text.len() > MAX_CLIENT_ID {
            return Err(ClientIdError::TooLong { len: text.len() });
        }
        match text.chars().position(|c| !c.is_ascii_graphic()) {
            Some(position) => Err(ClientIdError::Character {
                position: position + 1,
            }),
            None => Ok(ClientId(text)),
        }
    }
}

impl FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
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
