//! Loading, locking and committing state.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::SystemTime;

use eca_model::{ComponentName, ComponentSnapshot, Snapshot};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::state::backend::{Backend, BackendError, ETag, Put};
use crate::state::lock::{HeldLock, Holder, LOCK_RENEWAL, Lock, Record, seconds};
use crate::state::org_id::OrgId;
use crate::state::{LastCommit, SNAPSHOTS, State};

/// The state of orgs, in some backend.
#[derive(Debug)]
pub struct StateStore<B> {
    backend: B,
}

/// A state as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The state.
    pub state: State,
    /// Its version; `None` where nothing is stored yet.
    version: Option<ETag>,
}

/// What was applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// What the project meant for the org. Secrets are in no snapshot.
    pub snapshot: Snapshot,
    /// The apps that belong to a project now, with its name.
    pub apps: BTreeMap<String, String>,
    /// The same for components that belong to no app.
    pub others: BTreeMap<ComponentName, String>,
    /// The URL of the org's instance, for people.
    pub instance: Option<String>,
}

impl Applied {
    /// A snapshot, and whose apps it has.
    pub fn new(snapshot: Snapshot, apps: BTreeMap<String, String>) -> Self {
        Self {
            snapshot,
            apps,
            others: BTreeMap::new(),
            instance: None,
        }
    }

    /// What a state and its snapshot say already.
    pub fn unchanged(state: &State, snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            apps: state.apps.clone(),
            others: state.others.clone(),
            instance: state.instance.clone(),
        }
    }

    /// What an org has from all projects after one of them was applied as a whole: its snapshot,
    /// and what the state and its snapshot have of the others.
    pub fn with_others_of(
        before: &State,
        snapshot: Snapshot,
        project: &str,
        mut now: Snapshot,
    ) -> Self {
        let mut applied = Self::default();
        let is_own = |owner: &String| owner == project;
        for (app, owner) in before.apps.iter().filter(|(_, owner)| !is_own(owner)) {
            applied.apps.insert(app.clone(), owner.clone());
        }
        for (component, owner) in before.others.iter().filter(|(_, owner)| !is_own(owner)) {
            applied.others.insert(component.clone(), owner.clone());
        }
        for (name, component) in &now.components {
            match &component.app {
                Some(app) => applied.apps.insert(app.clone(), project.to_owned()),
                None => applied.others.insert(name.clone(), project.to_owned()),
            };
        }
        let is_others = |name: &ComponentName, component: &ComponentSnapshot| {
            let owner = before.owner(name, component.app.as_deref());
            owner.is_some_and(|owner| owner != project)
        };
        for (name, component) in snapshot.components {
            if is_others(&name, &component) && !now.components.contains_key(&name) {
                now.components.insert(name, component);
            }
        }
        applied.snapshot = now;
        applied
    }

    /// The same without an app: neither its owner nor its components.
    #[must_use]
    pub fn without_app(mut self, app: &str) -> Self {
        self.apps.remove(app);
        let components = &mut self.snapshot.components;
        components.retain(|_, component| component.app.as_deref() != Some(app));
        self
    }
}

/// State that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another job has the lock.
    #[error("the state of {org} is locked by {}", .lock.holder)]
    Locked {
        /// The org.
        org: OrgId,
        /// Who has it, and since when.
        lock: Box<HeldLock>,
    },
    /// The lock was taken over by another job, or broken.
    #[error("the lock on the state of {org} is lost; what was done since is not recorded")]
    LockLost {
        /// The org.
        org: OrgId,
    },
    /// The state was committed by someone else since it was loaded.
    #[error("the state of {org} moved on from serial {serial}; plan again")]
    Moved {
        /// The org.
        org: OrgId,
        /// The serial that was loaded.
        serial: u64,
    },
    /// The stored object cannot be read.
    #[error("{key} cannot be read")]
    Unreadable {
        /// The object.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The store cannot be used.
    #[error("the state cannot be used")]
    Backend(#[from] BackendError),
}

impl<B: Backend> StateStore<B> {
    /// State in this backend.
    pub fn new(backend: B) -> Self {
        Self { backend }
    }

    /// The backend.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// The state of an org; the empty one when nothing is stored.
    ///
    /// # Errors
    /// [`StateError::Unreadable`] and [`StateError::Backend`].
    pub async fn load(&self, org: &OrgId) -> Result<Loaded, StateError> {
        let found = self.object(&state_key(org)).await?;
        Ok(match found {
            Some((state, version)) => Loaded {
                state,
                version: Some(version),
            },
            None => Loaded {
                state: State::new(org.clone()),
                version: None,
            },
        })
    }

    /// An applied snapshot: that of this serial. Older ones are not kept.
    ///
    /// # Errors
    /// As [`StateStore::load`].
    pub async fn snapshot(&self, org: &OrgId, serial: u64) -> Result<Option<Snapshot>, StateError> {
        let found = self.object(&snapshot_key(org, serial)).await?;
        Ok(found.map(|(snapshot, _)| snapshot))
    }

    /// What was applied last; `None` where nothing was.
    ///
    /// # Errors
    /// As [`StateStore::load`].
    pub async fn last(&self, loaded: &Loaded) -> Result<Option<Snapshot>, StateError> {
        self.snapshot(&loaded.state.org, loaded.state.serial).await
    }

    /// Locks the state of an org. The lock of a job that has been silent for too long is taken
    /// over.
    ///
    /// # Errors
    /// [`StateError::Locked`] when another job has it.
    pub async fn lock(
        &self,
        org: &OrgId,
        holder: Holder,
        now: SystemTime,
    ) -> Result<Lock, StateError> {
        self.backend.check().await?;
        let key = lock_key(org);
        let record = Record::new(holder, now);
        let content = json(&key, &record)?;
        loop {
            let put = match self.object::<Record>(&key).await? {
                None => self.put(&key, &content, None).await?,
                Some((other, version)) if other.is_silent(now) => {
                    self.put(&key, &content, Some(&version)).await?
                }
                Some((other, _)) => {
                    return Err(StateError::Locked {
                        org: org.clone(),
                        lock: Box::new(other.held()),
                    });
                }
            };
            // Refused, another job was faster: the next round finds its lock.
            if let Put::Stored(version) = put {
                let org = org.clone();
                return Ok(Lock {
                    org,
                    record,
                    version,
                });
            }
        }
    }

    /// Says that the job is alive. Due every [`LOCK_RENEWAL`](crate::LOCK_RENEWAL).
    ///
    /// # Errors
    /// [`StateError::LockLost`].
    pub async fn renew(&self, lock: &mut Lock, now: SystemTime) -> Result<(), StateError> {
        let record = lock.record.renewed_at(now);
        let key = lock_key(&lock.org);
        let content = json(&key, &record)?;
        let put = self.put(&key, &content, Some(&lock.version)).await?;
        let Put::Stored(version) = put else {
            let org = lock.org.clone();
            return Err(StateError::LockLost { org });
        };
        lock.version = version;
        lock.record = record;
        Ok(())
    }

    /// Works, and says every [`LOCK_RENEWAL`] that the job is alive.
    ///
    /// # Errors
    /// [`StateError::LockLost`]; the work is dropped then.
    pub async fn alive<T>(
        &self,
        lock: &mut Lock,
        clock: &(dyn Fn() -> SystemTime + Send + Sync),
        work: impl Future<Output = T>,
    ) -> Result<T, StateError> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(LOCK_RENEWAL) => match self.renew(lock, clock()).await {
                    // The next renewal, or the commit, tells.
                    Ok(()) | Err(StateError::Backend(_)) => {}
                    Err(error) => return Err(error),
                },
            }
        }
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// [`StateError::Backend`]; the lock then ends by itself after
    /// [`LOCK_SILENCE`](crate::LOCK_SILENCE).
    pub async fn unlock(&self, lock: Lock) -> Result<(), StateError> {
        Ok(self
            .backend
            .remove(&lock_key(&lock.org), &lock.version)
            .await?)
    }

    /// The orgs that have a state, or a lock, in order.
    ///
    /// # Errors
    /// As [`StateStore::load`].
    pub async fn orgs(&self) -> Result<Vec<OrgId>, StateError> {
        let mut orgs = Vec::new();
        for folder in self.backend.folders().await? {
            let Ok(org) = folder.parse::<OrgId>() else {
                continue;
            };
            // A removed state may leave its folder behind.
            for key in [state_key(&org), lock_key(&org)] {
                if self.backend.get(&key).await?.is_some() {
                    orgs.push(org);
                    break;
                }
            }
        }
        Ok(orgs)
    }

    /// Forgets an org: what was applied to it, and that anything was. The org itself is left alone.
    ///
    /// # Errors
    /// [`StateError::Moved`].
    pub async fn forget(&self, lock: &Lock, loaded: Loaded) -> Result<(), StateError> {
        let org = &lock.org;
        let Some(version) = loaded.version else {
            return Ok(());
        };
        if self.load(org).await?.version.as_ref() != Some(&version) {
            return Err(StateError::Moved {
                org: org.clone(),
                serial: loaded.state.serial,
            });
        }
        self.backend.remove(&state_key(org), &version).await?;
        for serial in loaded.state.snapshots {
            self.remove_left_over(&snapshot_key(org, serial)).await;
        }
        for key in [journal_key(org), plan_key(org)] {
            self.remove_left_over(&key).await;
        }
        Ok(())
    }

    /// Who holds the lock of an org, if anybody does.
    ///
    /// # Errors
    /// As [`StateStore::load`].
    pub async fn held(&self, org: &OrgId) -> Result<Option<HeldLock>, StateError> {
        let found = self.object::<Record>(&lock_key(org)).await?;
        Ok(found.map(|(record, _)| record.held()))
    }

    /// Breaks the lock with this id, whoever holds it. `false` when no such lock is there.
    ///
    /// # Errors
    /// As [`StateStore::load`].
    pub async fn break_lock(&self, org: &OrgId, id: &str) -> Result<bool, StateError> {
        let key = lock_key(org);
        match self.object::<Record>(&key).await? {
            Some((record, version)) if record.holder.id == id => {
                self.backend.remove(&key, &version).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Records what was applied, over exactly the state that was loaded. The snapshot is stored
    /// first: a job that dies in between leaves the state as it was.
    ///
    /// # Errors
    /// [`StateError::LockLost`] and [`StateError::Moved`]; nothing is recorded then.
    pub async fn commit(
        &self,
        lock: &mut Lock,
        loaded: &Loaded,
        applied: Applied,
        now: SystemTime,
    ) -> Result<Loaded, StateError> {
        self.renew(lock, now).await?;
        let org = &loaded.state.org;
        let serial = loaded.state.serial + 1;
        let moved = || StateError::Moved {
            org: org.clone(),
            serial: loaded.state.serial,
        };
        let key = snapshot_key(org, serial);
        let content = json(&key, &applied.snapshot)?;
        if self.backend.create(&key, &content).await? == Put::Refused {
            // A job died after it had stored one, or the state has moved on, which is found below.
            let before = self.backend.get(&key).await?;
            let (_, version) = before.ok_or_else(moved)?;
            let is_free = self.load(org).await? == *loaded;
            if !is_free || self.backend.replace(&key, &content, &version).await? == Put::Refused {
                return Err(moved());
            }
        }
        let mut state = loaded.state.clone();
        state.serial = serial;
        state.apps = applied.apps;
        state.others = applied.others;
        state.instance = applied.instance.or(state.instance);
        state.last = Some(LastCommit {
            at: seconds(now),
            by: lock.holder().clone(),
        });
        state.snapshots.insert(serial);
        let mut old = Vec::new();
        while state.snapshots.len() > SNAPSHOTS {
            old.extend(state.snapshots.pop_first());
        }
        let key = state_key(org);
        let content = json(&key, &state)?;
        let put = self.put(&key, &content, loaded.version.as_ref()).await?;
        let Put::Stored(version) = put else {
            return Err(moved());
        };
        for serial in old {
            self.remove_left_over(&snapshot_key(org, serial)).await;
        }
        Ok(Loaded {
            state,
            version: Some(version),
        })
    }

    /// Removes an object that no state names. What cannot be removed is only left over.
    async fn remove_left_over(&self, key: &str) {
        if let Ok(Some((_, version))) = self.backend.get(key).await {
            drop(self.backend.remove(key, &version).await);
        }
    }

    /// A conditional write. Refused where the very same content is there, it is taken for stored:
    /// a backend that sends a request again after a lost answer meets its own object. Contents name
    /// the job that wrote them.
    pub(crate) async fn put(
        &self,
        key: &str,
        content: &[u8],
        version: Option<&ETag>,
    ) -> Result<Put, BackendError> {
        let put = match version {
            Some(version) => self.backend.replace(key, content, version).await?,
            None => self.backend.create(key, content).await?,
        };
        if put == Put::Refused
            && let Some((found, version)) = self.backend.get(key).await?
            && found == content
        {
            return Ok(Put::Stored(version));
        }
        Ok(put)
    }

    pub(crate) async fn object<T: DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<(T, ETag)>, StateError> {
        let Some((content, version)) = self.backend.get(key).await? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&content).map_err(|source| StateError::Unreadable {
            key: key.to_owned(),
            source,
        })?;
        Ok(Some((value, version)))
    }
}

fn state_key(org: &OrgId) -> String {
    format!("{org}/state.json")
}

fn lock_key(org: &OrgId) -> String {
    format!("{org}/lock.json")
}

/// How far an apply is.
pub(crate) fn journal_key(org: &OrgId) -> String {
    format!("{org}/journal.json")
}

/// The plan of that apply.
pub(crate) fn plan_key(org: &OrgId) -> String {
    format!("{org}/plan.eca")
}

fn snapshot_key(org: &OrgId, serial: u64) -> String {
    format!("{org}/applied/{serial}.json")
}

/// Indented, since people look at it.
fn json(key: &str, value: &impl Serialize) -> Result<Vec<u8>, BackendError> {
    let json = serde_json::to_vec_pretty(value);
    let mut json = json.map_err(|error| BackendError::new("write", key, error))?;
    json.push(b'\n');
    Ok(json)
}
