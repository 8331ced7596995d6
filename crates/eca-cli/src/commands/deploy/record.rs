//! A deploy of an app that was applied: it takes the lock of the org's state, and is recorded
//! there.

use std::time::SystemTime;

use eca_apply::{Loaded, Lock, OrgId, StateError};
use eca_deploy::{ComponentSet, Package, org_session};
use eca_model::{ComponentName, Project, Snapshot};

use crate::auth;
use crate::auth::Target;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::applied::Applied;
use crate::state::holder::holder;

/// A locked state that a deploy is recorded in.
pub(super) struct Recording {
    applied: Applied,
    lock: Lock,
    loaded: Loaded,
    /// What is deployed.
    deployed: Snapshot,
    deleted: Vec<ComponentName>,
}

impl Recording {
    /// Locks the state of the org, if an app of the package was applied to it.
    pub(super) async fn begin(
        context: &Context,
        root: &std::path::Path,
        target: &Target,
        project: &Project,
        package: &Package,
    ) -> Result<Option<Self>, Failure> {
        let failed = |error: StateError| Failure::from_library(&error);
        let applied = Applied::open(context, root)?;
        // Most users apply nothing: no request is sent for them.
        if applied.store.orgs().await.map_err(failed)?.is_empty() {
            return Ok(None);
        }
        let session = org_session(&target.org).await;
        let session = session
            .map_err(|error| auth::call_failed(target, "the deploy was not started", &error))?;
        let Some(org) = session.org_id.and_then(|id| id.parse::<OrgId>().ok()) else {
            return Ok(None);
        };
        let mut deployed = project.snapshot();
        let names = ComponentSet::from_manifest(package.manifest()).unwrap_or_default();
        deployed.components.retain(|name, _| names.contains(name));
        let report = package.report();
        let deleted = report
            .deleted_before
            .iter()
            .chain(report.deleted_after.iter());
        let mut deleted: Vec<_> = deleted.cloned().collect();
        let loaded = applied.store.load(&org).await.map_err(failed)?;
        let last = applied.store.last(&loaded).await.map_err(failed)?;
        let last = last.unwrap_or_default();
        let app_of = |name: &ComponentName| last.components.get(name)?.app.clone();
        let apps = deployed
            .components
            .values()
            .filter_map(|one| one.app.clone());
        let apps: Vec<_> = apps.chain(deleted.iter().filter_map(app_of)).collect();
        let owned = apps
            .iter()
            .filter_map(|app| loaded.state.apps.get_key_value(app));
        let owned: Vec<_> = owned.collect();
        if owned.is_empty() {
            return Ok(None);
        }
        let other = owned
            .iter()
            .find(|(_, owner)| applied.project.as_ref() != Some(*owner));
        if let Some((app, owner)) = other {
            context.output.warn(format_args!(
                "{app} belongs to the project {owner}, which finds this deploy as drift"
            ));
        }
        let lock = applied
            .store
            .lock(&org, holder("eca deploy"), SystemTime::now());
        let lock = lock.await.map_err(failed)?;
        // Another job may have committed before the lock.
        let loaded = applied.store.load(&org).await.map_err(failed)?;
        // What was never applied does not become a project's by a deploy, and what another project
        // applied is drift there.
        let is_ours = |name: &ComponentName, app: Option<&str>| {
            let project = loaded.state.owner(name, app);
            project.is_some() && project == applied.project.as_deref()
        };
        deployed
            .components
            .retain(|name, component| is_ours(name, component.app.as_deref()));
        deleted.retain(|name| is_ours(name, app_of(name).as_deref()));
        Ok(Some(Self {
            applied,
            lock,
            loaded,
            deployed,
            deleted,
        }))
    }

    /// Gives the lock back: nothing was deployed.
    pub(super) async fn release(self) {
        // What cannot be unlocked ends by itself.
        drop(self.applied.store.unlock(self.lock).await);
    }

    /// Follows the deploy, records it when it succeeded, and gives the lock back.
    pub(super) async fn around(
        mut self,
        context: &Context,
        follow: impl Future<Output = Result<Exit, Failure>>,
    ) -> Result<Exit, Failure> {
        let store = &self.applied.store;
        let done = store.alive(&mut self.lock, &SystemTime::now, follow).await;
        let done = done
            .map_err(|error| Failure::from_library(&error))
            .flatten();
        let recorded = match &done {
            Ok(Exit::Success) => self.record().await,
            _ => Ok(()),
        };
        let unlocked = self.applied.store.unlock(self.lock).await;
        if let Err(error) = recorded.and(unlocked) {
            // The deploy is reported already.
            context
                .output
                .warn(format_args!("the deploy is not recorded: {error}"));
        }
        done
    }

    async fn record(&mut self) -> Result<(), StateError> {
        if self.deployed.components.is_empty() && self.deleted.is_empty() {
            return Ok(());
        }
        let store = &self.applied.store;
        let last = store.last(&self.loaded).await?;
        let mut next = eca_apply::Applied::unchanged(&self.loaded.state, last.unwrap_or_default());
        let components = &mut next.snapshot.components;
        components.extend(std::mem::take(&mut self.deployed.components));
        components.retain(|name, _| !self.deleted.contains(name));
        let left: Vec<_> = components
            .values()
            .filter_map(|one| one.app.clone())
            .collect();
        next.apps.retain(|app, _| left.contains(app));
        next.others.retain(|name, _| components.contains_key(name));
        let now = SystemTime::now();
        store
            .commit(&mut self.lock, &self.loaded, next, now)
            .await?;
        Ok(())
    }
}
