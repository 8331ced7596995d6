//! The deploys of a plan, one after the other.

use std::collections::HashSet;

use eca_deploy::{
    Deploy, DeployId, DeployMatch, DeployOutcome, Deployment, Package, StartError, Update,
};
use eca_model::Project;

use crate::apply::error::ApplyError;
use crate::apply::event::{Event, Observer};
use crate::apply::journal::{DoneStep, JournalFile, Running};
use crate::apply::{Apply, notify};
use crate::plan_file::PlanFile;
use crate::state::backend::Backend;
use crate::state::lock::Lock;

impl<B: Backend> Apply<'_, B> {
    /// Lets the org check everything that is sent, together.
    pub(super) async fn check(
        &self,
        package: &Package,
        observer: &mut Observer<'_>,
    ) -> Result<(), ApplyError> {
        let deploy = self.client.deploy(package).check_only();
        let started = deploy.start().await;
        let deployment = started.map_err(|source| ApplyError::Start { step: None, source })?;
        self.follow(None, deployment, observer).await.map(drop)
    }

    /// Does the steps that are not done yet.
    pub(super) async fn steps(
        &self,
        lock: &mut Lock,
        file: &PlanFile,
        project: &Project,
        journal: &mut JournalFile<'_, B>,
        observer: &mut Observer<'_>,
    ) -> Result<(), ApplyError> {
        for (step, what) in file.plan.steps.iter().enumerate() {
            if journal.journal.done.iter().any(|done| done.step == step) {
                continue;
            }
            let Some(package) = file.step_package(project, what)? else {
                continue;
            };
            notify(observer, Event::Step { step, what })?;
            let work = self.step(step, &package, journal, observer);
            self.alive(lock, work).await??;
            notify(observer, Event::StepDone { step })?;
        }
        Ok(())
    }

    async fn step(
        &self,
        step: usize,
        package: &Package,
        journal: &mut JournalFile<'_, B>,
        observer: &mut Observer<'_>,
    ) -> Result<(), ApplyError> {
        let found = self.interrupted_deploy(step, package, journal).await?;
        let deployment = match found {
            Some(deployment) => deployment,
            None => {
                self.start(step, self.client.deploy(package), journal, observer)
                    .await?
            }
        };
        let id = deployment.id().clone();
        if let Some(running) = &mut journal.journal.running {
            running.id = Some(id.to_string());
        }
        journal.save().await?;
        let outcome = self.follow(Some(step), deployment, observer).await?;
        let done = DoneStep::new(step, &id, outcome.result());
        journal.journal.done.push(done);
        journal.journal.running = None;
        Ok(journal.save().await?)
    }

    /// The deploy of a step that was interrupted, if it reached the org.
    async fn interrupted_deploy(
        &self,
        step: usize,
        package: &Package,
        journal: &JournalFile<'_, B>,
    ) -> Result<Option<Deployment>, ApplyError> {
        let running = journal.journal.running.as_ref();
        let Some(running) = running.filter(|running| running.step == step) else {
            return Ok(None);
        };
        let attach = |id| {
            let deployment = Deployment::attach(self.client, id);
            deployment.with_source_map(package.source_map().clone())
        };
        if let Some(id) = running.id() {
            return Ok(Some(attach(id)));
        }
        let known = known(journal);
        let found = Deployment::find_recent(self.client, &running.fingerprint, &known);
        let found = found.await.map_err(|source| ApplyError::NotStarted {
            step: Some(step),
            source,
        })?;
        match found {
            DeployMatch::One(id) => Ok(Some(attach(id))),
            // The content is the same, so that the same deploy once more does no harm.
            DeployMatch::None { .. } => Ok(None),
            _ => Err(ApplyError::Ambiguous { step }),
        }
    }

    /// Starts the deploy of a step, with an entry in the journal before.
    async fn start(
        &self,
        step: usize,
        deploy: Deploy<'_>,
        journal: &mut JournalFile<'_, B>,
        observer: &mut Observer<'_>,
    ) -> Result<Deployment, ApplyError> {
        let deploy = deploy.recoverable().await;
        let deploy = deploy.map_err(|source| ApplyError::NotStarted {
            step: Some(step),
            source,
        })?;
        journal.journal.running = Some(Running {
            step,
            fingerprint: deploy.fingerprint().clone(),
            id: None,
        });
        journal.save().await?;
        notify(observer, Event::Starting { step })?;
        let started = deploy.start(&known(journal)).await;
        started.map_err(|source: StartError| ApplyError::Start {
            step: Some(step),
            source,
        })
    }

    /// Follows a deploy to its end. A session that the deploy itself ended is renewed by the
    /// client.
    async fn follow(
        &self,
        step: Option<usize>,
        deployment: Deployment,
        observer: &mut Observer<'_>,
    ) -> Result<DeployOutcome, ApplyError> {
        let mut deployment = deployment.with_policy(self.policy.clone());
        let id = deployment.id().clone();
        notify(observer, Event::Deploy { step, id: &id })?;
        while let Some(update) = deployment.next_update().await {
            if let Update::Status(status) = update {
                notify(observer, Event::Status(&status))?;
            }
        }
        let outcome = deployment.outcome().await;
        if outcome.is_success() {
            return Ok(outcome);
        }
        let outcome_box = Box::new(outcome);
        Err(if outcome_box.is_unknown() {
            ApplyError::Unknown {
                id,
                outcome: outcome_box,
            }
        } else {
            ApplyError::Refused {
                step,
                outcome: outcome_box,
            }
        })
    }
}

/// The deploys that are known to be of other steps.
fn known<B: Backend>(journal: &JournalFile<'_, B>) -> HashSet<DeployId> {
    let done = journal.journal.done.iter();
    done.filter_map(|done| done.deploy.parse().ok()).collect()
}
