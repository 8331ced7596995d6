//! What was applied to an org.

pub(crate) mod backend;
pub(crate) mod folder;
pub(crate) mod lock;
pub(crate) mod memory;
#[cfg(feature = "object-store")]
pub(crate) mod object_storage;
pub(crate) mod org_id;
pub(crate) mod storage;
pub(crate) mod store;
pub(crate) mod url;

use std::collections::{BTreeMap, BTreeSet};

use eca_model::{ComponentName, Snapshot};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::lock::Holder;
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
    /// The same for components that belong to no app.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub others: BTreeMap<ComponentName, String>,
    /// The URL of the org's instance, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instance: Option<String>,
    /// Who committed last, and when; `None` before the first commit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<LastCommit>,
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
            others: BTreeMap::new(),
            instance: None,
            last: None,
            snapshots: BTreeSet::new(),
        }
    }

    /// The project that a component belongs to: that of its app, where it has one.
    pub fn owner(&self, component: &ComponentName, app: Option<&str>) -> Option<&str> {
        let owner = match app {
            Some(app) => self.apps.get(app),
            None => self.others.get(component),
        };
        owner.map(String::as_str)
    }

    /// What was applied from one project, of a snapshot of all.
    pub fn of_project(&self, mut snapshot: Snapshot, project: &str) -> Snapshot {
        snapshot
            .components
            .retain(|name, component| self.owner(name, component.app.as_deref()) == Some(project));
        snapshot
    }

    /// The project that an app belongs to, when it is another one than this.
    pub fn other_owner(&self, app: &str, project: &str) -> Option<&str> {
        let owner = self.apps.get(app)?;
        (owner != project).then_some(owner)
    }
}

/// Who committed a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCommit {
    /// Seconds since 1970.
    pub at: u64,
    /// The job.
    pub by: Holder,
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
