//! What `eca plan` and `eca drift` say beside a plan, for `--json`.

use eca_apply::UnknownFact;
use schemars::JsonSchema;
use serde::Serialize;

use crate::planning::Planning;

/// The org, and what was applied to it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OrgView {
    /// Its name in eca.toml.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Its id, where it says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    instance_url: String,
    api_version: String,
    /// The serial of the state that was compared with; none where nothing is recorded as applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<u64>,
}

/// A fact that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UnknownView {
    /// What is not known.
    fact: String,
    reason: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl From<&Planning> for OrgView {
    fn from(planning: &Planning) -> Self {
        let endpoint = planning.target.org.endpoint();
        Self {
            name: planning.target.name().map(str::to_owned),
            id: planning.org_id.clone(),
            instance_url: endpoint.instance().to_owned(),
            api_version: endpoint.version().to_string(),
            applied: planning.last.as_ref().map(|last| last.serial),
        }
    }
}

impl From<&UnknownFact> for UnknownView {
    fn from(unknown: &UnknownFact) -> Self {
        Self {
            fact: unknown.fact.clone(),
            reason: unknown.unreadable.reason.clone(),
            remedy: unknown.unreadable.remedy.clone(),
        }
    }
}
