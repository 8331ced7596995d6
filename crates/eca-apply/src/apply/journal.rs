//! The journal of an apply: an object of the state, so that another machine can go on.

use eca_deploy::{DeployFingerprint, DeployId, DeployResult};
use serde::{Deserialize, Serialize};

use crate::plan_file::PlanFile;
use crate::state::backend::{Backend, BackendError, ETag, Put};
use crate::state::lock::Holder;
use crate::state::org_id::OrgId;
use crate::state::store::{StateError, StateStore, journal_key, plan_key};

/// How far an apply is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// Who applies.
    pub(crate) by: Holder,
    /// Seconds since 1970.
    pub(crate) since: u64,
    /// The steps that are done.
    pub(crate) done: Vec<DoneStep>,
    /// The deploy that was started, or was about to be.
    pub(crate) running: Option<Running>,
}

/// A step that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DoneStep {
    /// Its place in the plan, from 0.
    pub step: usize,
    /// The deploy.
    pub deploy: String,
    /// What it changed.
    pub changed: Vec<Changed>,
}

/// A component that a deploy changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changed {
    /// `TYPE:NAME`.
    pub component: String,
    /// `created`, `changed`, `deleted` or `unchanged`.
    pub change: String,
    /// The record id, where the org says it.
    pub id: Option<String>,
}

/// A deploy of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) step: usize,
    pub(crate) fingerprint: DeployFingerprint,
    /// `None` before the response to the start.
    pub(crate) id: Option<String>,
}

impl Running {
    pub(crate) fn id(&self) -> Option<DeployId> {
        self.id.as_deref()?.parse().ok()
    }
}

impl DoneStep {
    pub(crate) fn new(step: usize, deploy: &DeployId, result: Option<&DeployResult>) -> Self {
        let changes = result.into_iter().flat_map(DeployResult::changes);
        let components = changes.map(|(message, change)| Changed {
            component: match message.component() {
                Some(component) => component.to_string(),
                None => message.full_name.clone(),
            },
            change: change.as_str().to_owned(),
            id: message.id.clone(),
        });
        Self {
            step,
            deploy: deploy.to_string(),
            changed: components.collect(),
        }
    }
}

/// A journal and the object that it is in.
pub(crate) struct JournalFile<'a, B> {
    store: &'a StateStore<B>,
    org: OrgId,
    version: ETag,
    pub(crate) journal: Journal,
}

impl<'a, B: Backend> JournalFile<'a, B> {
    /// Begins one. The plan is stored first, so that a journal always has its plan.
    pub(crate) async fn begin(
        store: &'a StateStore<B>,
        org: &OrgId,
        plan: &[u8],
        journal: Journal,
    ) -> Result<Self, StateError> {
        let key = plan_key(org);
        if store.backend().create(&key, plan).await? == Put::Refused {
            // Of an apply that ended between the two.
            if let Some((_, version)) = store.backend().get(&key).await? {
                store.backend().replace(&key, plan, &version).await?;
            }
        }
        let key = journal_key(org);
        let content = to_json(&key, &journal)?;
        let Put::Stored(version) = store.put(&key, &content, None).await? else {
            return Err(StateError::LockLost { org: org.clone() });
        };
        let org = org.clone();
        Ok(Self {
            store,
            org,
            version,
            journal,
        })
    }

    /// The journal of an apply that was interrupted, with its plan.
    pub(crate) async fn find(
        store: &'a StateStore<B>,
        org: &OrgId,
    ) -> Result<Option<(Self, Vec<u8>)>, StateError> {
        let Some((journal, version)) = store.object(&journal_key(org)).await? else {
            return Ok(None);
        };
        let plan = store.backend().get(&plan_key(org)).await?;
        let plan = plan.map(|(plan, _)| plan).unwrap_or_default();
        let file = Self {
            store,
            org: org.clone(),
            version,
            journal,
        };
        Ok(Some((file, plan)))
    }

    /// Stores it as it is now.
    pub(crate) async fn save(&mut self) -> Result<(), StateError> {
        let key = journal_key(&self.org);
        let content = to_json(&key, &self.journal)?;
        let put = self.store.put(&key, &content, Some(&self.version)).await?;
        let Put::Stored(version) = put else {
            let org = self.org.clone();
            return Err(StateError::LockLost { org });
        };
        self.version = version;
        Ok(())
    }

    /// Removes it: the apply is done.
    pub(crate) async fn end(self) -> Result<(), StateError> {
        let backend = self.store.backend();
        backend
            .remove(&journal_key(&self.org), &self.version)
            .await?;
        let key = plan_key(&self.org);
        if let Some((_, version)) = backend.get(&key).await? {
            backend.remove(&key, &version).await?;
        }
        Ok(())
    }
}

/// An apply that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterruptedApply {
    /// Who applied.
    pub by: Holder,
    /// How many steps were done.
    pub done: usize,
    /// The plan.
    pub plan: PlanFile,
}

fn to_json(key: &str, journal: &Journal) -> Result<Vec<u8>, BackendError> {
    serde_json::to_vec_pretty(journal).map_err(|error| BackendError::new("write", key, error))
}
