//! The client id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::client::invalid_name::InvalidName;

/// The consumer key of an app: its OAuth `client_id`. Not secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

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
