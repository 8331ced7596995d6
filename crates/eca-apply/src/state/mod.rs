//! What was applied to an org.

pub(crate) mod backend;
pub(crate) mod folder;
pub(crate) mod lock;
pub(crate) mod memory;
pub(crate) mod org_id;
pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::org_id::OrgId;

/// How many applied snapshots are kept.
pub const SNAPSHOTS: usize = 10;

/// What was applied to one org. Versioned JSON without any secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct State {
    schema: Schema,
    /// The org.
    pub org: OrgId,
    /// Counts the commits. The first is 1; before it, the state is empty.
    pub serial: u64,
    /// The apps that were applied, with the project that each belongs to.
    pub apps: BTreeMap<String, String>,
    /// The serials whose snapshots are kept, at most [`SNAPSHOTS`].
    pub snapshots: BTreeSet<u64>,
}

impl State {
    /// The state of an org to which nothing was applied.
    pub fn new(org: OrgId) -> Self {
        Self {
            schema: Schema,
            org,
            serial: 0,
            apps: BTreeMap::new(),
            snapshots: BTreeSet::new(),
        }
    }

    /// The project that an app belongs to, when it is another one than this.
    pub fn other_owner(&self, app: &str, project: &str) -> Option<&str> {
        let owner = self.apps.get(app)?;
        (owner != project).then_some(owner)
    }
}

/// The version of the JSON. Members may be added under the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Schema;

const SCHEMA: &str = "eca/state/1";

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
