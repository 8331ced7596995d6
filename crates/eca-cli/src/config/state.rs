//! The section `[state]` of `eca.toml`.

use eca_apply::StateUrl;
use serde::{Deserialize, Deserializer};

/// Where the program remembers what it applied.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct StateConfig {
    /// A folder or a bucket; by default a folder of the user.
    #[serde(default, deserialize_with = "url")]
    pub(crate) url: Option<StateUrl>,
    /// The name that apps belong to.
    #[serde(default, deserialize_with = "project")]
    pub(crate) project: Option<String>,
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StateUrl>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

fn project<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(deserializer)?;
    if (1..=100).contains(&name.chars().count()) && !name.contains(char::is_control) {
        return Ok(Some(name));
    }
    Err(serde::de::Error::custom(
        "the name of a project has 1 to 100 characters on one line",
    ))
}
