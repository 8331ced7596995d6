//! What `eca plan` and `eca drift` know of a project and an org before they decide.

pub(crate) mod file;
pub(crate) mod last;
mod lint;
pub(crate) mod places;
pub(crate) mod views;

use std::collections::BTreeSet;
use std::path::PathBuf;

use eca_apply::{OrgReading, ReadError, ReadOptions, read_org};
use eca_deploy::org_session;
use eca_model::schema::nearest_name as nearest;
use eca_model::{ComponentName, MetadataType, Overlaid, Project, Snapshot, layout};

use crate::auth;
use crate::auth::Target;
use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::last::LastApplied;
use crate::project::replacements::Variables;
use crate::project::values::{ValuesOf, ValuesOption};
use crate::ui::progress;

/// What a command is about.
#[derive(Debug, clap::Args)]
pub(crate) struct Wanted {
    /// An app, with every file that belongs to it [default: the project]; may be repeated
    #[arg(long, value_name = "NAME")]
    app: Vec<String>,
    #[command(flatten)]
    values: ValuesOption,
}

/// The three sides, and what is known beside them.
pub(crate) struct Planning {
    pub(crate) root: PathBuf,
    pub(crate) target: Target,
    /// The id of the org, of 15 characters.
    pub(crate) org_id: Option<String>,
    /// The project as the org takes it.
    pub(crate) project: Overlaid,
    /// What it means.
    pub(crate) desired: Snapshot,
    /// What was applied last, if anything was.
    pub(crate) last: Option<LastApplied>,
    /// What the org means.
    pub(crate) actual: Snapshot,
    /// What was read of the org. Its facts have the linter's errors and the app of the session,
    /// too.
    pub(crate) reading: OrgReading,
}

impl Wanted {
    /// Everything that the project has.
    pub(crate) fn all(values: ValuesOption) -> Self {
        let app = Vec::new();
        Self { app, values }
    }

    /// Reads the project, the state and the org.
    pub(crate) async fn gather(&self, context: &Context) -> Result<Planning, Failure> {
        let (root, project) = context.load_project(&[])?;
        let target = auth::target(context, &root, project.api_version())?;
        let (of, variables) = (ValuesOf::Target, Variables::Deployed);
        let mut project = self
            .values
            .resolve(context, &root, project, of, variables)?;
        let lint_errors = lint::errors(context, &root, &project.project)?;
        let org_id = org_id(context, &target).await?;
        let last = match &org_id {
            Some(org_id) => last::applied(context, &root, org_id).await?,
            None => None,
        };
        if last.is_none() {
            context::require_metadata(&root, &project.project)?;
        }
        let mut last = last;
        let known = known_apps(&project.project, last.as_ref());
        let mut options = ReadOptions::default();
        options.apps = self.app.iter().cloned().collect();
        if !options.apps.is_empty() {
            project.project = of_apps(project.project, &options.apps);
            if let Some(last) = &mut last {
                retain(&mut last.snapshot, &options.apps);
            }
        }
        let snapshot = last.as_ref().map(|last| &last.snapshot);
        let reading = read_org(&target.org, &project.project, snapshot, &options);
        let mut reading = match progress::waiting(&context.output, reading).await {
            Ok(reading) => reading,
            Err(error) => return Err(not_read(context, &target, &error).await),
        };
        let desired = project.project.snapshot();
        let actual = reading.snapshot();
        self.require_apps(&known, &actual, &reading)?;
        let is_ours =
            |name: &ComponentName| self.app.is_empty() || project.project.component(name).is_some();
        reading.facts.lint_errors = lint_errors
            .into_iter()
            .filter(|error| error.component.as_ref().is_none_or(is_ours))
            .collect();
        if let Some(client_id) = &target.client_id {
            let app = reading.actual.app_by_consumer_key(client_id);
            reading.facts.session_app = app.map(|app| app.name.to_owned());
        }
        Ok(Planning {
            root,
            target,
            org_id,
            project,
            desired,
            last,
            actual,
            reading,
        })
    }

    /// Refuses an app that no side has. `known` are those of the project and of what was applied.
    fn require_apps(
        &self,
        known: &BTreeSet<String>,
        actual: &Snapshot,
        reading: &OrgReading,
    ) -> Result<(), Failure> {
        let theirs = actual.components.values();
        let theirs: BTreeSet<_> = theirs.filter_map(|one| one.app.as_ref()).collect();
        let mut unknown = self.app.iter();
        let unknown = unknown.find(|app| !known.contains(*app) && !theirs.contains(app));
        let Some(app) = unknown else {
            return Ok(());
        };
        let message = if reading.facts.unreadable.is_empty() {
            format!("neither the project nor the org has an app {app}")
        } else {
            format!("the project has no app {app}, and the org cannot be read")
        };
        let failure = Failure::new(Exit::Usage, message);
        Err(match nearest(app, known.iter().map(String::as_str)) {
            Some(meant) => failure.hint(format!("did you mean {meant}?")),
            None => failure.hint("to list the apps of the org: eca list --apps"),
        })
    }
}

/// The apps of the project, and of what was applied last.
fn known_apps(project: &Project, last: Option<&LastApplied>) -> BTreeSet<String> {
    let ours = project.apps();
    let ours = ours.iter().map(|app| app.name.to_owned());
    let applied = last
        .iter()
        .flat_map(|last| last.snapshot.components.values());
    ours.chain(applied.filter_map(|one| one.app.clone()))
        .collect()
}

impl Planning {
    /// A name of the org for a heading.
    pub(crate) fn org(&self) -> &str {
        self.target.shown()
    }

    /// Says what is not known, and what helps.
    pub(crate) fn warn_of_unknown(&self, context: &Context) {
        for unknown in &self.reading.unknown {
            context.output.warn(unknown);
            if let Some(remedy) = &unknown.unreadable.remedy {
                context.output.info(format_args!("  hint: {remedy}"));
            }
        }
    }
}

/// The id of the org of a session.
async fn org_id(context: &Context, target: &Target) -> Result<Option<String>, Failure> {
    match org_session(&target.org).await {
        Ok(session) => Ok(session.org_id),
        Err(error) => {
            let message = "the org was not read";
            Err(auth::call_failed_by_version(context, target, message, &error).await)
        }
    }
}

async fn not_read(context: &Context, target: &Target, error: &ReadError) -> Failure {
    match error.call() {
        Some(call) => {
            let message = "the org was not read";
            auth::call_failed_by_version(context, target, message, call).await
        }
        None => Failure::from_error(Exit::Failed, error),
    }
}

/// The part of a project that belongs to these apps, and files of apps that cannot be read.
fn of_apps(project: Project, apps: &BTreeSet<String>) -> Project {
    let components = project.components().iter();
    let ours = components.filter(|one| one.app().is_some_and(|app| apps.contains(app)));
    let mut paths: BTreeSet<String> = ours.map(|one| one.path().to_owned()).collect();
    let unreadable = project.unreadable().iter().map(|file| file.path.clone());
    let is_of_apps = |path: &String| {
        let name = layout::component_of(path);
        name.and_then(|name| name.kind.known())
            .is_some_and(MetadataType::is_of_apps)
    };
    paths.extend(unreadable.filter(is_of_apps));
    project.select(|path| paths.contains(path))
}

/// Keeps what belongs to these apps.
fn retain(snapshot: &mut Snapshot, apps: &BTreeSet<String>) {
    snapshot
        .components
        .retain(|_, one| one.app.as_ref().is_some_and(|app| apps.contains(app)));
}
