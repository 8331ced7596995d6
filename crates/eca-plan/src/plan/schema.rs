//! The version of a plan's JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version. Members may be added under the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schema;

const NAME: &str = "eca/plan/1";

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(NAME)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == NAME {
            return Ok(Self);
        }
        let message = format!("the plan is of version {name:?}, and this program reads {NAME}");
        Err(serde::de::Error::custom(message))
    }
}
