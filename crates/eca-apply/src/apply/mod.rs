//! Applies a plan: exactly it, to an org that is as the plan was made of.

pub(crate) mod difference;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod gate;
pub(crate) mod journal;
mod steps;

use std::collections::BTreeMap;
use std::time::SystemTime;

use eca_deploy::{Client, PollPolicy};
use eca_model::{ComponentName, Project, Snapshot};
use eca_plan::{Action, Step, Task};

use crate::apply::difference::{Difference, Members, differences};
use crate::apply::error::ApplyError;
use crate::apply::event::{Event, Observer};
use crate::apply::journal::{DoneStep, InterruptedApply, Journal, JournalFile};
use crate::plan_file::PlanFile;
use crate::read::{OrgReading, ReadOptions, read_org};
use crate::state::backend::Backend;
use crate::state::lock::{Holder, Lock, seconds};
use crate::state::org_id::OrgId;
use crate::state::store::{Applied, Loaded, StateError, StateStore};

/// Applies plans to one org.
pub struct Apply<'a, B> {
    client: &'a Client,
    store: &'a StateStore<B>,
    org: OrgId,
    holder: Holder,
    policy: PollPolicy,
    clock: &'a (dyn Fn() -> SystemTime + Send + Sync),
}

/// What was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The serial of the state now.
    pub serial: u64,
    /// The deploys, in order.
    pub steps: Vec<DoneStep>,
    /// Where the org is not as it should be now.
    pub different: Vec<Difference>,
    /// What could not be compared, with the reason.
    pub unverified: BTreeMap<ComponentName, String>,
    /// What is left to people.
    pub by_hand: Vec<Task>,
}

impl<'a, B: Backend> Apply<'a, B> {
    /// Applies to the org of this client, whose id the caller asked it for, as this holder of the
    /// lock.
    pub fn new(
        client: &'a Client,
        store: &'a StateStore<B>,
        org: OrgId,
        holder: Holder,
        clock: &'a (dyn Fn() -> SystemTime + Send + Sync),
    ) -> Self {
        Self {
            client,
            store,
            org,
            holder,
            policy: PollPolicy::default(),
            clock,
        }
    }

    /// The same with another time limit for a deploy.
    #[must_use]
    pub fn with_policy(mut self, policy: PollPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Applies a plan. The state is locked, the org is read once more and compared with what the
    /// plan was made of, everything is checked by the org together, and then the steps are done,
    /// one after the other, with an entry in the journal before and after each. In the end the
    /// org is read and compared with what was expected, and the state is committed.
    ///
    /// Gates are the caller's: [`missing_gates`](crate::missing_gates).
    ///
    /// # Errors
    /// [`ApplyError`]. Before the first step nothing was changed.
    pub async fn run(
        &self,
        file: &PlanFile,
        observer: &mut Observer<'_>,
    ) -> Result<Report, ApplyError> {
        self.require_org(file)?;
        if !file.plan.conflicts.is_empty() {
            return Err(ApplyError::Conflicts);
        }
        let mut lock = self.lock().await?;
        let result = Box::pin(self.run_locked(&mut lock, file, observer)).await;
        self.unlock(lock, result).await
    }

    /// Goes on with an apply that was interrupted, on this machine or another one.
    ///
    /// # Errors
    /// [`ApplyError::NothingInterrupted`], and as [`Apply::run`].
    pub async fn resume(&self, observer: &mut Observer<'_>) -> Result<Report, ApplyError> {
        let mut lock = self.lock().await?;
        let result = Box::pin(self.resume_locked(&mut lock, observer)).await;
        self.unlock(lock, result).await
    }

    /// The apply that was interrupted, if one was.
    ///
    /// # Errors
    /// When the state cannot be used.
    pub async fn interrupted(&self) -> Result<Option<InterruptedApply>, ApplyError> {
        let Some((file, plan)) = JournalFile::find(self.store, &self.org).await? else {
            return Ok(None);
        };
        Ok(Some(InterruptedApply {
            by: file.journal.by,
            done: file.journal.done.len(),
            plan: PlanFile::from_bytes(&plan)?,
        }))
    }

    /// Forgets an apply that was interrupted. What it did in the org stays, and is not recorded;
    /// the next plan finds it there.
    ///
    /// # Errors
    /// [`ApplyError::NothingInterrupted`], and when another job has the lock.
    pub async fn abandon(&self) -> Result<(), ApplyError> {
        let lock = self.lock().await?;
        let result = match JournalFile::find(self.store, &self.org).await {
            Ok(Some((file, _))) => file.end().await.map_err(Into::into),
            Ok(None) => Err(ApplyError::NothingInterrupted(self.org.clone())),
            Err(error) => Err(error.into()),
        };
        self.unlock(lock, result).await
    }

    fn require_org(&self, file: &PlanFile) -> Result<(), ApplyError> {
        if file.org == self.org {
            return Ok(());
        }
        Err(ApplyError::OtherOrg {
            planned: file.org.clone(),
            actual: self.org.clone(),
        })
    }

    fn now(&self) -> SystemTime {
        (self.clock)()
    }

    async fn lock(&self) -> Result<Lock, ApplyError> {
        let lock = self.store.lock(&self.org, self.holder.clone(), self.now());
        Ok(lock.await?)
    }

    /// Gives the lock back, unless this job counts as dead.
    async fn unlock<T>(&self, lock: Lock, result: Result<T, ApplyError>) -> Result<T, ApplyError> {
        if matches!(result, Err(ApplyError::Stopped)) {
            return result;
        }
        let unlocked = self.store.unlock(lock).await;
        let done = result?;
        unlocked?;
        Ok(done)
    }

    /// Works, and renews the lock meanwhile.
    async fn alive<T>(
        &self,
        lock: &mut Lock,
        work: impl Future<Output = T>,
    ) -> Result<T, ApplyError> {
        Ok(self.store.alive(lock, self.clock, work).await?)
    }

    async fn run_locked(
        &self,
        lock: &mut Lock,
        file: &PlanFile,
        observer: &mut Observer<'_>,
    ) -> Result<Report, ApplyError> {
        notify(observer, Event::Locked)?;
        if let Some((found, _)) = JournalFile::find(self.store, &self.org).await? {
            return Err(ApplyError::Interrupted {
                done: found.journal.done.len(),
                by: Box::new(found.journal.by),
            });
        }
        let loaded = self.store.load(&self.org).await?;
        require_serial(&loaded, file)?;
        require_owner(&loaded, file)?;
        let project = file.project()?;
        let last = self.last(&loaded, file).await?;
        let reading = self.read(&project, last.as_ref());
        let reading = self.alive(lock, reading).await??;
        let moved = moved(file, &reading);
        if !moved.is_empty() {
            return Err(ApplyError::OrgMoved(moved));
        }
        let (deployed, deleted) = file.sent();
        if !deployed.is_empty() || !deleted.is_empty() {
            notify(observer, Event::Checking)?;
            let package = file.package(&project, deployed, deleted)?;
            let check = self.check(&package, observer);
            self.alive(lock, check).await??;
            notify(observer, Event::Checked)?;
        } else if last.as_ref() == Some(&file.desired) {
            // Neither the org nor the state has anything to learn.
            return Ok(Report::new(&loaded, file, Vec::new()));
        }
        let journal = Journal {
            by: self.holder.clone(),
            since: seconds(self.now()),
            done: Vec::new(),
            running: None,
        };
        let plan = file.to_bytes()?;
        let mut journal = JournalFile::begin(self.store, &self.org, &plan, journal).await?;
        let done = self.steps(lock, file, &project, &mut journal, observer);
        match done.await {
            Ok(()) => {}
            Err(error) => {
                // What was done before stays, and a new plan finds it there.
                if error.ends_journal() {
                    journal.end().await?;
                }
                return Err(error);
            }
        }
        self.finish(lock, file, &project, journal, &loaded, observer)
            .await
    }

    async fn resume_locked(
        &self,
        lock: &mut Lock,
        observer: &mut Observer<'_>,
    ) -> Result<Report, ApplyError> {
        let found = JournalFile::find(self.store, &self.org).await?;
        let (mut journal, plan) =
            found.ok_or_else(|| ApplyError::NothingInterrupted(self.org.clone()))?;
        let file = PlanFile::from_bytes(&plan)?;
        self.require_org(&file)?;
        let loaded = self.store.load(&self.org).await?;
        let by = loaded.state.last.as_ref().map(|last| &last.by);
        if loaded.state.serial == file.serial + 1 && by == Some(&journal.journal.by) {
            // It died after the commit.
            let report = Report::new(&loaded, &file, journal.journal.done.clone());
            journal.end().await?;
            return Ok(report);
        }
        require_serial(&loaded, &file)?;
        notify(observer, Event::Locked)?;
        journal.journal.by = self.holder.clone();
        journal.save().await?;
        let project = file.project()?;
        let done = self.steps(lock, &file, &project, &mut journal, observer);
        match done.await {
            Ok(()) => {}
            Err(error) => {
                if error.ends_journal() {
                    journal.end().await?;
                }
                return Err(error);
            }
        }
        self.finish(lock, &file, &project, journal, &loaded, observer)
            .await
    }

    /// Compares, records, and ends the journal.
    async fn finish(
        &self,
        lock: &mut Lock,
        file: &PlanFile,
        project: &Project,
        journal: JournalFile<'_, B>,
        loaded: &Loaded,
        observer: &mut Observer<'_>,
    ) -> Result<Report, ApplyError> {
        notify(observer, Event::Verifying)?;
        let last = self.last(loaded, file).await?;
        let reading = self.alive(lock, self.read(project, last.as_ref())).await?;
        let before = self.store.last(loaded).await?;
        let mut applied = Applied::with_others_of(
            &loaded.state,
            before.unwrap_or_default(),
            &file.project,
            file.desired.clone(),
        );
        applied.instance = Some(file.instance.clone());
        let committed = self.store.commit(lock, loaded, applied, self.now()).await?;
        notify(observer, Event::Committed)?;
        let mut report = Report::new(&committed, file, journal.journal.done.clone());
        report.verify(file, reading);
        journal.end().await?;
        Ok(report)
    }

    /// What was applied last from the plan's project.
    async fn last(&self, loaded: &Loaded, file: &PlanFile) -> Result<Option<Snapshot>, ApplyError> {
        let last = self.store.last(loaded).await?;
        Ok(last.map(|last| loaded.state.of_project(last, &file.project)))
    }

    async fn read(
        &self,
        project: &Project,
        last: Option<&Snapshot>,
    ) -> Result<OrgReading, ApplyError> {
        let options = ReadOptions {
            policy: self.policy.clone(),
            ..ReadOptions::default()
        };
        Ok(read_org(self.client, project, last, &options).await?)
    }
}

impl Report {
    fn new(loaded: &Loaded, file: &PlanFile, steps: Vec<DoneStep>) -> Self {
        let by_hand = file.plan.steps.iter().filter_map(|step| match step {
            Step::ByHand { task } => Some(task.clone()),
            _ => None,
        });
        Self {
            serial: loaded.state.serial,
            steps,
            different: Vec::new(),
            unverified: BTreeMap::new(),
            by_hand: by_hand.collect(),
        }
    }

    /// Compares what was changed with what the org has now.
    fn verify(&mut self, file: &PlanFile, reading: Result<OrgReading, ApplyError>) {
        let changes = file.plan.changes.iter();
        let sent = changes.filter(|change| change.action != Action::Keep);
        let names: Vec<_> = sent.map(|change| &change.component).collect();
        let reading = match reading {
            Ok(reading) => reading,
            Err(error) => {
                let reason = error.to_string();
                let all = names.into_iter().map(|name| (name.clone(), reason.clone()));
                self.unverified = all.collect();
                return;
            }
        };
        for (name, unreadable) in &reading.facts.unreadable {
            if names.contains(&name) {
                self.unverified
                    .insert(name.clone(), unreadable.reason.clone());
            }
        }
        let expected = file.plan.expected(&file.desired, &file.actual);
        let readable = names
            .into_iter()
            .filter(|name| !self.unverified.contains_key(name));
        let found = reading.snapshot();
        self.different = differences(&expected, &found, readable, Members::Decided);
    }
}

/// Where the org is not as the plan was made of.
fn moved(file: &PlanFile, reading: &OrgReading) -> Vec<Difference> {
    let now = reading.snapshot();
    let readable = |name: &&ComponentName| {
        !file.unreadable.contains(*name) && !reading.facts.unreadable.contains_key(*name)
    };
    let mut names: Vec<_> = file.actual.components.keys().collect();
    names.extend(now.components.keys());
    names.sort();
    names.dedup();
    names.retain(readable);
    differences(&file.actual, &now, names, Members::All)
}

fn require_serial(loaded: &Loaded, file: &PlanFile) -> Result<(), ApplyError> {
    if loaded.state.serial == file.serial {
        return Ok(());
    }
    Err(ApplyError::State(StateError::Moved {
        org: loaded.state.org.clone(),
        serial: file.serial,
    }))
}

/// Refuses an app of another project.
fn require_owner(loaded: &Loaded, file: &PlanFile) -> Result<(), ApplyError> {
    for component in file.desired.components.values() {
        if let Some(app) = &component.app
            && let Some(owner) = loaded.state.other_owner(app, &file.project)
        {
            return Err(ApplyError::Owned {
                app: app.clone(),
                owner: owner.to_owned(),
            });
        }
    }
    Ok(())
}

fn notify(observer: &mut Observer<'_>, event: Event<'_>) -> Result<(), ApplyError> {
    match observer(event) {
        std::ops::ControlFlow::Continue(()) => Ok(()),
        std::ops::ControlFlow::Break(()) => Err(ApplyError::Stopped),
    }
}
