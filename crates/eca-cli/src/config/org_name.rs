//! The name of an org.

use std::borrow::Borrow;

use serde::Deserialize;

/// The name of an org: letters, digits, `.`, `_` and `-`. It becomes a part of command lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct OrgName(String);

impl OrgName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrgName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if text.is_empty() || [".", ".."].contains(&text.as_str()) || !text.bytes().all(is_allowed)
        {
            return Err("the name of an org has only letters, digits, `.`, `_` and `-`");
        }
        Ok(Self(text))
    }
}

impl Borrow<str> for OrgName {
    fn borrow(&self) -> &str {
        &self.0
    }
}
