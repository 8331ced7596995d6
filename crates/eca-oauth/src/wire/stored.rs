//! The JSON form of flows that wait for a one-time password. It has secrets, so that none of the
//! public types is serializable: a caller asks for the text by name.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::secret::InvalidSecret;

/// Text that is not the JSON form of a pending flow. Does not contain the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPending {
    /// Not JSON, or not with the members of this version.
    #[error("the text is not a pending flow (line {line}, column {column})")]
    Json {
        /// Counted from 1; 0 when the text is empty.
        line: usize,
        /// Counted from 1; 0 for the start of a line.
        column: usize,
    },
    /// A member has a value that cannot be used.
    #[error("the text is not a pending flow")]
    Secret(#[from] InvalidSecret),
}

/// A secret in the stored form.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(crate) struct StoredText(pub(crate) Zeroizing<String>);

impl From<String> for StoredText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for StoredText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Serialize for StoredText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl StoredText {
    /// The secret of this kind.
    pub(crate) fn read<T>(
        mut self,
        make: impl FnOnce(String) -> Result<T, InvalidSecret>,
    ) -> Result<T, InvalidSecret> {
        make(std::mem::take(&mut *self.0))
    }
}

/// More than such a text has: growing would leave copies in memory that are not wiped.
const CAPACITY: usize = 8192;

pub(crate) fn to_json(stored: &impl Serialize) -> Zeroizing<String> {
    let mut json = Vec::with_capacity(CAPACITY);
    let written = serde_json::to_writer(&mut json, stored);
    debug_assert!(written.is_ok(), "text, numbers, and maps with text as keys");
    Zeroizing::new(String::from_utf8(json).unwrap_or_default())
}

pub(crate) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, InvalidPending> {
    // Without the message of serde_json, which may quote the text.
    serde_json::from_str(json).map_err(|error| InvalidPending::Json {
        line: error.line(),
        column: error.column(),
    })
}
