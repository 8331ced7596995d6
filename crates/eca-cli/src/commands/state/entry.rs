//! What is shown of an org's state.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use eca_apply::{HeldLock, Holder, OrgId, State};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::state::applied::Applied;

/// An org to which something was applied.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// The id of the org, 15 characters.
    pub(super) org: String,
    /// The URL of its instance.
    instance: Option<String>,
    /// How often something was recorded.
    serial: u64,
    /// The apps, each with the project that it belongs to.
    apps: BTreeMap<String, String>,
    /// The same for components that belong to no app, `TYPE:NAME`.
    others: BTreeMap<String, String>,
    /// Who recorded something last.
    last: Option<Job>,
    /// Who holds the lock.
    lock: Option<Job>,
}

/// Who did something, and when.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Job {
    /// The id, for `eca state unlock`.
    pub(super) id: String,
    who: String,
    host: String,
    command: String,
    /// RFC 3339, UTC. Of a lock: since when.
    at: String,
    /// Of a lock: when its holder last said that it is alive.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewed: Option<String>,
}

impl Entry {
    pub(super) async fn load(applied: &Applied, org: &OrgId) -> Result<Self, Failure> {
        let failed = |error| super::failed(&error);
        let State {
            serial,
            apps,
            others,
            instance,
            last,
            ..
        } = applied.store.load(org).await.map_err(failed)?.state;
        let lock = applied.store.held(org).await.map_err(failed)?;
        let others = others.into_iter();
        Ok(Self {
            org: org.to_string(),
            instance,
            serial,
            apps,
            others: others.map(|(name, of)| (name.to_string(), of)).collect(),
            last: last
                .map(|last| Job::new(last.by, UNIX_EPOCH + Duration::from_secs(last.at), None)),
            lock: lock.map(Job::of_lock),
        })
    }

    /// As text: one line for the org, then one for each app and for the lock.
    pub(super) fn print(&self, context: &Context) {
        let output = &context.output;
        let instance = self.instance.as_deref().unwrap_or("-");
        let last = match &self.last {
            Some(job) => job.to_string(),
            None => "nothing yet".to_owned(),
        };
        output.print(format_args!(
            "{} {instance} serial {}: {last}",
            self.org, self.serial
        ));
        for (app, project) in &self.apps {
            output.print(format_args!("  {app} of {project}"));
        }
        for (component, project) in &self.others {
            output.print(format_args!("  {component} of {project}"));
        }
        if let Some(lock) = &self.lock {
            output.print(format_args!("  locked {lock}, id {}", lock.id));
        }
    }
}

impl Job {
    fn new(by: Holder, at: SystemTime, renewed: Option<SystemTime>) -> Self {
        let time = |time| humantime::format_rfc3339_seconds(time).to_string();
        Self {
            id: by.id,
            who: by.who,
            host: by.host,
            command: by.command,
            at: time(at),
            renewed: renewed.map(time),
        }
    }

    /// When the holder of a lock last said that it is alive.
    pub(super) fn renewed(&self) -> &str {
        self.renewed.as_deref().unwrap_or(&self.at)
    }

    pub(super) fn of_lock(lock: HeldLock) -> Self {
        Self::new(lock.holder, lock.since, Some(lock.renewed))
    }
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "by {} on {} ({}) at {}",
            self.who, self.host, self.command, self.at
        )
    }
}
