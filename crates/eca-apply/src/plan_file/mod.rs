//! A plan in a file, as it was shown, with all that is needed to apply exactly it.

mod format;

use std::collections::{BTreeMap, BTreeSet};

use eca_deploy::{Archive, ArchiveError, ComponentSet, Limits, Package, PackageError};
use eca_model::{ApiVersion, ComponentName, Project, Snapshot};
use eca_plan::{Action, ComponentChange, Plan, Step, Verdict};
use serde::{Deserialize, Serialize};

pub use format::{InvalidPlanFile, PLAN_FILE_LIMIT};

use crate::plan_file::format::{Schema, base64_text};
use crate::read::OrgReading;
use crate::state::State;
use crate::state::org_id::OrgId;

/// A plan with the package that it sends, the org and the state that it was made for, and what was
/// read of the org. It holds no secret, and does not expire: what matters is whether the org and
/// the state are still as they were.
///
/// As bytes it is one line of JSON and one of its SHA-256. A file that was changed anywhere is
/// refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlanFile {
    schema: Schema,
    /// The program that made it, with its version.
    pub program: String,
    /// The org.
    pub org: OrgId,
    /// The URL of its instance, for people.
    pub instance: String,
    /// The name that the project's apps belong to.
    pub project: String,
    /// The API version of the package.
    pub api_version: ApiVersion,
    /// The serial of the state.
    pub serial: u64,
    /// The plan.
    pub plan: Plan,
    /// What the project means: what is recorded when the plan was applied.
    pub desired: Snapshot,
    /// What the org had.
    pub actual: Snapshot,
    /// What could not be read of the org.
    pub unreadable: BTreeSet<ComponentName>,
    /// Components that the org has with other values, and that were never applied from this
    /// project: applying takes them over.
    pub adopted: BTreeSet<ComponentName>,
    /// The zip of the whole project, as it is sent.
    #[serde(with = "base64_text")]
    zip: Vec<u8>,
}

/// Who a plan is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFor {
    /// The program that makes it, with its version.
    pub program: String,
    /// The org.
    pub org: OrgId,
    /// The URL of its instance.
    pub instance: String,
    /// The name that the project's apps belong to.
    pub project: String,
}

/// A plan that cannot be a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFileError {
    /// What is sent cannot be made of the project.
    #[error("what the plan sends cannot be made of the project")]
    Plan(#[from] eca_plan::PackageError),
    /// The package cannot be built.
    #[error("the package of the plan cannot be built")]
    Package(#[from] PackageError),
    /// The package inside cannot be read.
    #[error("the package of the plan cannot be read")]
    Archive(#[from] ArchiveError),
    /// It is larger than [`PLAN_FILE_LIMIT`].
    #[error("the plan has {0} bytes, and a file at most {PLAN_FILE_LIMIT}")]
    TooLarge(usize),
}

impl PlanFile {
    /// A plan that was made of a project as it is meant for this org, of what the state says, and
    /// of what was read.
    ///
    /// # Errors
    /// When the package cannot be built.
    pub fn new(
        of: PlanFor,
        plan: Plan,
        project: &Project,
        state: &State,
        last: Option<&Snapshot>,
        reading: &OrgReading,
    ) -> Result<Self, PlanFileError> {
        let sent = plan.package(project)?;
        let all = ComponentSet::from_project(&sent);
        let mut builder = Package::builder(&sent).components(all);
        for component in rotated(&plan) {
            builder = builder.allow_rotation(component);
        }
        // Where everything is deleted, there is no package.
        let (api_version, zip) = if sent.components().is_empty() {
            (sent.package_version(), Vec::new())
        } else {
            let package = builder.build()?;
            (
                package.report().api_version,
                package.zip().as_bytes().to_vec(),
            )
        };
        let is_new = |change: &&ComponentChange| {
            let is_known = last.is_some_and(|last| last.components.contains_key(&change.component));
            let mut verdicts = change.members.iter().map(|member| member.verdict);
            !is_known && verdicts.any(|verdict| verdict == Verdict::Adopt)
        };
        let adopted = plan.changes.iter().filter(is_new);
        Ok(Self {
            schema: Schema,
            program: of.program,
            org: of.org,
            instance: of.instance,
            project: of.project,
            api_version,
            serial: state.serial,
            desired: project.snapshot(),
            actual: reading.snapshot(),
            unreadable: reading.facts.unreadable.keys().cloned().collect(),
            adopted: adopted.map(|change| change.component.clone()).collect(),
            zip,
            plan,
        })
    }

    /// A fingerprint of each component that was read: the SHA-256 of its values.
    pub fn fingerprints(&self) -> BTreeMap<ComponentName, String> {
        let components = self.actual.components.iter();
        let digest = |(name, component): (&ComponentName, _)| {
            let json = serde_json::to_vec(component).unwrap_or_default();
            (name.clone(), format::hex(&json))
        };
        components.map(digest).collect()
    }

    /// The project, as it is sent.
    ///
    /// # Errors
    /// When the package inside cannot be read.
    pub fn project(&self) -> Result<Project, PlanFileError> {
        if self.zip.is_empty() {
            return Ok(Project::default());
        }
        let archive = Archive::read(&self.zip, &Limits::default())?;
        Ok(Project::from_entries(archive.into_entries()))
    }

    /// The components that are deployed, and those that are deleted.
    pub fn sent(&self) -> (ComponentSet, ComponentSet) {
        let mut sets = (ComponentSet::new(), ComponentSet::new());
        for change in &self.plan.changes {
            match change.action {
                Action::Create | Action::Update => sets.0.insert(change.component.clone()),
                Action::Delete => sets.1.insert(change.component.clone()),
                _ => {}
            }
        }
        sets
    }

    /// The package of these components, with these deletes after them.
    ///
    /// # Errors
    /// When it cannot be built.
    pub(crate) fn package(
        &self,
        project: &Project,
        components: ComponentSet,
        deleted: ComponentSet,
    ) -> Result<Package, PlanFileError> {
        let mut builder = Package::builder(project)
            .api_version(self.api_version)
            .components(components)
            .delete_after(deleted);
        for component in rotated(&self.plan) {
            builder = builder.allow_rotation(component);
        }
        Ok(builder.build()?)
    }

    /// The package of one step; `None` for one that a person does.
    pub(crate) fn step_package(
        &self,
        project: &Project,
        step: &Step,
    ) -> Result<Option<Package>, PlanFileError> {
        let set = |components: &[ComponentName]| {
            let mut set = ComponentSet::new();
            for component in components {
                set.insert(component.clone());
            }
            set
        };
        let (deployed, deleted) = match step {
            Step::Deploy { components, .. } => (set(components), ComponentSet::new()),
            Step::Delete { components } => (ComponentSet::new(), set(components)),
            _ => return Ok(None),
        };
        self.package(project, deployed, deleted).map(Some)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`PlanFileError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, PlanFileError> {
        let bytes = format::encode(self);
        if bytes.len() > PLAN_FILE_LIMIT {
            return Err(PlanFileError::TooLarge(bytes.len()));
        }
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`InvalidPlanFile`] when they are not exactly what was written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidPlanFile> {
        let file: Self = format::decode(bytes)?;
        Ok(file)
    }
}

/// The components for which the plan asks the org for a new key or secret.
fn rotated(plan: &Plan) -> impl Iterator<Item = ComponentName> {
    let is_rotated = |change: &&ComponentChange| {
        let mut verdicts = change.members.iter().map(|member| member.verdict);
        verdicts.any(|verdict| verdict == Verdict::Rotate)
    };
    let changes = plan.changes.iter().filter(is_rotated);
    changes.map(|change| change.component.clone())
}
