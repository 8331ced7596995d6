//! The id of an org.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of an org, of 15 or 18 characters: `00D` and letters and digits. The first 15 say which
/// org it is; the last three are a checksum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgId(String);

/// A text that is not the id of an org.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the id of an org: 00D and 12 or 15 more letters and digits")]
pub struct InvalidOrgId(String);

impl OrgId {
    /// The first 15 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrgId {
    type Err = InvalidOrgId;

    fn from_str(text: &str) -> Result<Self, InvalidOrgId> {
        let is_id = matches!(text.len(), 15 | 18)
            && text.starts_with("00D")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.get(..15) {
            Some(id) if is_id => Ok(Self(id.to_owned())),
            _ => Err(InvalidOrgId(text.to_owned())),
        }
    }
}

impl TryFrom<String> for OrgId {
    type Error = InvalidOrgId;

    fn try_from(text: String) -> Result<Self, InvalidOrgId> {
        text.parse()
    }
}

impl From<OrgId> for String {
    fn from(id: OrgId) -> Self {
        id.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
