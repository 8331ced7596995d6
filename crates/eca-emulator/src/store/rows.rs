//! Conversion between the state and rows.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use eca_model::{ApiVersion, MetadataType};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::kind::OrgKind;
use crate::launch::tls::Authority;
use crate::metadata::job::{DeployJob, RetrieveJob};
use crate::secret;
use crate::secret::Secret;
use crate::state::State;
use crate::state::component_key::ComponentKey;
use crate::state::components::{Component, Consumer, Metadata, Rotated};
use crate::state::users::User;
use crate::store::as_text;
use crate::store::database::{Snapshot, Store};
use crate::store::error::StoreError;
use crate::store::row::{Content, Row};

/// What an org is, and keeps from start to start.
#[derive(Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) kind: OrgKind,
    pub(crate) created_at: SystemTime,
    pub(crate) site_id: RecordId,
    pub(crate) admin_username: String,
    /// Returned again at the next start.
    #[serde(with = "secret::at_rest::shared")]
    pub(crate) admin_password: Arc<Secret>,
    /// The last address of the org; its URL stays the same if that port is free.
    pub(crate) port: u16,
    /// How far the org's clock is ahead of the machine's, in seconds and nanoseconds.
    pub(crate) clock_shift: (i64, i32),
    /// The authority of the org's own certificates.
    pub(crate) authority: Option<Authority>,
}

/// The part that a refresh of a sandbox replaces.
#[derive(Serialize, Deserialize)]
struct Refreshable {
    org_id: RecordId,
    /// Returned again at the next start.
    #[serde(with = "secret::at_rest::shared")]
    admin_token: Arc<Secret>,
}

/// Metadata without its components, which have their own rows.
#[derive(Serialize, Deserialize)]
struct Consumers {
    active: BTreeMap<String, Arc<Consumer>>,
    staged: BTreeMap<String, Arc<Consumer>>,
    rotated: Vec<Rotated>,
    key_births: BTreeMap<String, SystemTime>,
    former_keys: BTreeSet<String>,
    revision: u64,
}

#[derive(Serialize, Deserialize)]
struct ComponentRow<'a> {
    #[serde(with = "as_text")]
    kind: MetadataType,
    name: Cow<'a, str>,
    component: Cow<'a, Component>,
}

/// The rows of an org.
pub(crate) fn write<'a>(
    identity: &Identity,
    state: &'a State,
    signing_key: Option<&[u8]>,
) -> Result<Vec<Row<'a>>, StoreError> {
    let metadata = &state.metadata;
    let consumers = Consumers {
        active: metadata.consumers.clone(),
        staged: metadata.staged.clone(),
        rotated: metadata.rotated.clone(),
        key_births: metadata.key_births.clone(),
        former_keys: metadata.former_keys.clone(),
        revision: metadata.revision,
    };
    let refreshable = Refreshable {
        org_id: state.org_id.clone(),
        admin_token: Arc::clone(&state.admin_token),
    };
    let mut rows = vec![
        row("org", identity)?,
        row("refreshable", &refreshable)?,
        row("ids", &state.ids)?,
        row("permission sets", &state.permission_sets)?,
        row("grants", &state.grants)?,
        row("logins", &state.logins)?,
        row("outbox", &state.outbox)?,
        row("audit trail", &state.audit_trail)?,
        row("stored credentials", &state.stored_credentials)?,
        row("replays", &state.replays)?,
        row("verifications", &state.verifications)?,
        row("lockouts", &state.lockouts)?,
        row("consumers", &consumers)?,
    ];
    if let Some(key) = signing_key {
        rows.push(fixed("signing key".to_owned(), Bytes::copy_from_slice(key)));
    }
    for user in state.users.iter() {
        let name = user.username.to_lowercase();
        rows.push(row(format!("user/{name}"), user)?);
    }
    for (id, component) in &metadata.components {
        let content = ComponentRow {
            kind: id.kind,
            name: Cow::Borrowed(id.name.as_str()),
            component: Cow::Borrowed(component),
        };
        rows.push(row(format!("component/{}/{}", id.kind, id.name), &content)?);
    }
    for (place, job) in state.jobs.deploys.iter().enumerate() {
        let name = format!("deploy/{place:09}");
        rows.push(if job.status.is_done() {
            let content = Content::Settled(Box::new({
                let name = name.clone();
                move || json(&name, job)
            }));
            Row { name, content }
        } else {
            row(name, job)?
        });
        if let Some(zip) = &job.zip {
            rows.push(fixed(format!("package/{}", job.id), zip.clone()));
        }
    }
    for (place, job) in state.jobs.retrieves.iter().enumerate() {
        rows.push(row(format!("retrieve/{place:09}"), job)?);
        let zip = job.outcome.as_ref().and_then(|outcome| outcome.zip.clone());
        if let Some(zip) = zip {
            rows.push(fixed(format!("retrieved/{}", job.id), zip));
        }
    }
    Ok(rows)
}

fn json(name: &str, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|source| StoreError::Unwritable {
        row: name.to_owned(),
        source,
    })
}

fn row<'a>(name: impl Into<String>, value: &impl Serialize) -> Result<Row<'a>, StoreError> {
    let name = name.into();
    let content = Content::Json(json(&name, value)?);
    Ok(Row { name, content })
}

fn fixed<'a>(name: String, bytes: Bytes) -> Row<'a> {
    let content = Content::Fixed(bytes);
    Row { name, content }
}

/// The content of a store.
pub(crate) struct Stored {
    pub(crate) identity: Identity,
    pub(crate) state: State,
    /// The key that signs tokens, as PKCS #8, once it was needed.
    pub(crate) signing_key: Option<Vec<u8>>,
}

/// Loads the rows of a store into a state that is otherwise as `fresh`.
pub(crate) fn read(
    store: &Store,
    mut rows: Snapshot,
    mut fresh: State,
    newest: ApiVersion,
) -> Result<Stored, StoreError> {
    let mut state = Reader {
        store,
        rows: &mut rows,
    };
    let identity = state.take("org")?;
    fresh.ids = state.take("ids")?;
    // The permission sets of this start are added.
    fresh
        .permission_sets
        .extend(state.take::<BTreeSet<String>>("permission sets")?);
    fresh.grants = state.take("grants")?;
    fresh.logins = state.take("logins")?;
    fresh.outbox = state.take("outbox")?;
    fresh.replays = state.take("replays")?;
    fresh.verifications = state.take("verifications")?;
    // Older versions had none.
    if state.rows.contains_key("lockouts") {
        fresh.lockouts = state.take("lockouts")?;
    }
    if state.rows.contains_key("audit trail") {
        fresh.audit_trail = state.take("audit trail")?;
        fresh.stored_credentials = state.take("stored credentials")?;
    }
    let refreshable: Refreshable = state.take("refreshable")?;
    fresh.org_id = refreshable.org_id;
    fresh.admin_token = refreshable.admin_token;
    let consumers: Consumers = state.take("consumers")?;
    fresh.metadata = Metadata {
        components: BTreeMap::new(),
        consumers: consumers.active,
        staged: consumers.staged,
        rotated: consumers.rotated,
        key_births: consumers.key_births,
        former_keys: consumers.former_keys,
        revision: consumers.revision,
    };
    for user in state.take_all::<User>("user/")? {
        fresh.users.restore(user);
    }
    for row in state.take_all::<ComponentRow<'_>>("component/")? {
        let id = ComponentKey::new(row.kind, row.name);
        fresh
            .metadata
            .components
            .insert(id, row.component.into_owned());
    }
    for mut job in state.take_all::<DeployJob>("deploy/")? {
        if let Some(zip) = state.rows.remove(&format!("package/{}", job.id)) {
            job.restore(Bytes::from(zip), newest);
        }
        fresh.jobs.deploys.push(job);
    }
    for mut job in state.take_all::<RetrieveJob>("retrieve/")? {
        let zip = state.rows.remove(&format!("retrieved/{}", job.id));
        if let (Some(outcome), Some(zip)) = (&mut job.outcome, zip) {
            outcome.zip = Some(Bytes::from(zip));
        }
        fresh.jobs.retrieves.push(job);
    }
    Ok(Stored {
        identity,
        state: fresh,
        signing_key: rows.remove("signing key"),
    })
}

struct Reader<'a> {
    store: &'a Store,
    rows: &'a mut Snapshot,
}

impl Reader<'_> {
    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, StoreError> {
        self.rows
            .remove(name)
            .and_then(|content| serde_json::from_slice(&content).ok())
            .ok_or_else(|| self.store.unreadable(name))
    }

    /// All rows whose names have this prefix, in the order of their names.
    fn take_all<T: DeserializeOwned>(&mut self, prefix: &str) -> Result<Vec<T>, StoreError> {
        let names: Vec<_> = self
            .rows
            .range(prefix.to_owned()..)
            .map(|(name, _)| name.clone())
            .take_while(|name| name.starts_with(prefix))
            .collect();
        names.iter().map(|name| self.take(name)).collect()
    }
}
