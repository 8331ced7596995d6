//! The bytes of a plan file: a line of JSON, and a line with the SHA-256 of it.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The most bytes of a plan file.
pub const PLAN_FILE_LIMIT: usize = 96 << 20;

const SCHEMA: &str = "eca/plan-file/1";
const DIGEST: &str = "sha256:";

/// Bytes that are not a plan file as it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPlanFile {
    /// Too large.
    #[error("it has {0} bytes, and a plan at most {PLAN_FILE_LIMIT}")]
    TooLarge(usize),
    /// Not the two lines.
    #[error("it is not a plan that `eca plan -o` wrote")]
    NotOne,
    /// The digest is that of another content.
    #[error("it was altered after it was written: its digest does not fit")]
    Altered,
    /// Another version, or a member that this program does not know.
    #[error("it cannot be read")]
    Json(#[from] serde_json::Error),
}

/// The version of the JSON. Members may be added under the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SCHEMA)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == SCHEMA {
            return Ok(Self);
        }
        let message = format!("it is of version {name:?}, and this program reads {SCHEMA}");
        Err(serde::de::Error::custom(message))
    }
}

pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    // Maps with text keys and no foreign types: this does not fail.
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    let digest = hex(&bytes);
    bytes.extend_from_slice(DIGEST.as_bytes());
    bytes.extend_from_slice(digest.as_bytes());
    bytes.push(b'\n');
    bytes
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, InvalidPlanFile> {
    if bytes.len() > PLAN_FILE_LIMIT {
        return Err(InvalidPlanFile::TooLarge(bytes.len()));
    }
    let body = bytes.strip_suffix(b"\n").ok_or(InvalidPlanFile::NotOne)?;
    let line = body.iter().rposition(|byte| *byte == b'\n');
    let (json, digest) = body.split_at(line.ok_or(InvalidPlanFile::NotOne)? + 1);
    let digest = digest.strip_prefix(DIGEST.as_bytes());
    let digest = digest.ok_or(InvalidPlanFile::NotOne)?;
    if digest != hex(json).as_bytes() {
        return Err(InvalidPlanFile::Altered);
    }
    Ok(serde_json::from_slice(json)?)
}

/// The SHA-256 in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Bytes as a text of JSON.
pub(super) mod base64_text {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD
            .decode(text)
            .map_err(serde::de::Error::custom)
    }
}
