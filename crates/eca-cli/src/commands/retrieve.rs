//! `eca retrieve`: retrieves components of an org into the project.

use std::path::{Path, PathBuf};
use std::time::Duration;

use eca_deploy::{
    ComponentSet, MissingMember, PollPolicy, RetrieveError, RetrieveOptions, Retrieved,
};
use eca_model::fs::{LoadError, check_beneath};
use eca_model::{AccessFile, ApiVersion, ComponentName, Manifest, MetadataType, Project};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::wait::wait;
use crate::auth::Target;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::project::package_args::component;
use crate::project::retrieve_merge::{RetrieveMerge, WrittenFile};
use crate::project::{inventory, package_args};
use crate::ui::progress;
use crate::{auth, context};

pub(crate) const NAME: &str = "retrieve";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// An app with all its components [default: the components of the project]; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with_all = ["manifest", "metadata", "source_dir", "all"])]
    app: Vec<String>,
    /// The components that this package.xml names
    #[arg(long, short = 'x', value_name = "FILE", conflicts_with_all = ["metadata", "source_dir", "all"])]
    manifest: Option<PathBuf>,
    /// A component; TYPE alone stands for all of the type; may be repeated
    #[arg(long, short, value_name = "TYPE:NAME", value_parser = component, conflicts_with_all = ["source_dir", "all"])]
    metadata: Vec<ComponentName>,
    /// The components of files and folders of the project; may be repeated
    #[arg(long, short = 'd', value_name = "PATH", conflicts_with = "all")]
    source_dir: Vec<PathBuf>,
    /// All External Client Apps and outbound credentials, without permission sets, profiles and
    /// settings
    #[arg(long)]
    all: bool,
    /// The folder to write to [default: the project]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Overwrite also files that git says are modified
    #[arg(long)]
    force: bool,
    /// Continue when components are missing
    #[arg(long)]
    allow_missing: bool,
    /// How long to wait for the org, with a unit or in minutes
    #[arg(long, short, value_name = "TIME", default_value = "33m", value_parser = wait)]
    wait: Duration,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    dry_run: bool,
    written: Vec<WrittenFile>,
    unchanged: usize,
    redacted: Vec<String>,
    removed: Vec<String>,
    retained: Vec<String>,
    missing: Vec<String>,
    skipped: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<Exit, Failure> {
    let root = match &arguments.into {
        Some(folder) => folder.clone(),
        None => context.project_root(&arguments.source_dir)?,
    };
    let mut local = load(&root, arguments.dry_run)?;
    context::read_selected(&mut local, &root, &arguments.source_dir)?;
    // `eca.toml` is that of the project, also with --into.
    let project = context.project_root(&[])?;
    let target = auth::target(context, &project, local.api_version())?;
    let manifest = manifest(context, &arguments, &target, &root, &local).await?;
    if manifest.types.is_empty() {
        return Err(nothing(&arguments, &root));
    }
    let mut options = RetrieveOptions::default();
    options.allow_missing = arguments.allow_missing;
    options.policy = PollPolicy::default().with_wait(arguments.wait);
    let retrieving = eca_deploy::retrieve(&target.org, &manifest, &options);
    let retrieved = match progress::waiting(&context.output, retrieving).await {
        Ok(retrieved) => retrieved,
        Err(error) => return Err(failed(context, &target, &error).await),
    };
    let missing = say(context, &retrieved);
    let skipped: Vec<_> = retrieved.other_files().map(str::to_owned).collect();
    for path in &skipped {
        context.output.warn(format_args!(
            "{path} is not written: its type does not belong to External Client Apps or credentials"
        ));
    }
    let theirs = retrieved.into_project();
    if let Some(unreadable) = theirs.unreadable().first() {
        return Err(Failure::from_error(Exit::Failed, unreadable));
    }

    // What is retrieved by name has a file already, whatever that is about.
    let is_retrieved = |file: &AccessFile| theirs.component(&file.component).is_some();
    let read = local.read_access_files(is_retrieved);
    read.map_err(|error| Failure::from_library(&error))?;

    let mut merge = RetrieveMerge::default();
    for component in theirs.components() {
        let app = component.app().unwrap_or_default();
        if arguments.app.is_empty() || arguments.app.iter().any(|wanted| wanted == app) {
            merge.add(&local, &theirs, component)?;
        }
    }
    if !arguments.force
        && let Some(reason) = merge.refuse_modified(&root, &local)?
    {
        let reason = reason.lines().next().unwrap_or_default().to_owned();
        context.output.warn(format_args!(
            "git does not say which files are modified: {reason}"
        ));
    }
    let written = merge.written();
    let would = if arguments.dry_run { "would be " } else { "" };
    if !arguments.dry_run {
        merge.write(&root)?;
    }
    for file in &written {
        context.output.print(format_args!("{would}{file}"));
    }
    let notes = merge.redacted.iter().chain(&merge.removed);
    for line in notes.chain(&merge.retained) {
        context.output.info(line);
    }
    context.output.info(format_args!(
        "{} {would}written, {} unchanged",
        written.len(),
        merge.unchanged
    ));
    let document = Document {
        dry_run: arguments.dry_run,
        written,
        unchanged: merge.unchanged,
        redacted: merge.redacted,
        removed: merge.removed,
        retained: merge.retained,
        missing,
        skipped,
    };
    context.output.document(NAME, Exit::Success, &document);
    Ok(Exit::Success)
}

/// The project in the folder; an empty one for a new folder. Package directories that
/// `sfdx-project.json` names and that do not exist are created.
fn load(root: &Path, is_dry_run: bool) -> Result<Project, Failure> {
    if root.is_file() {
        let message = format!("{} is not a folder", root.display());
        return Err(Failure::new(Exit::Usage, message).hint("give a folder with --into"));
    }
    if !root.exists() {
        return Ok(Project::default());
    }
    loop {
        match Project::load(root) {
            Err(LoadError::NoPackageDirectory { path, directory }) => {
                let folder = root.join(&directory);
                check_beneath(root, &folder).map_err(|error| Failure::from_library(&error))?;
                if is_dry_run {
                    // The first retrieve of a new project.
                    let settings = input::text(&path, input::LARGE)?;
                    let name = "sfdx-project.json".to_owned();
                    return Ok(Project::from_entries([(name, settings.into_bytes())]));
                }
                std::fs::create_dir_all(&folder).map_err(|error| {
                    let message = format!("cannot create {}", folder.display());
                    Failure::caused_by(Exit::Usage, message, &error)
                })?;
            }
            _ => return context::load(root),
        }
    }
}

async fn manifest(
    context: &Context,
    arguments: &Arguments,
    target: &Target,
    root: &Path,
    local: &Project,
) -> Result<Manifest, Failure> {
    let version = target.org.endpoint().version();
    if let Some(path) = &arguments.manifest {
        let text = input::text(path, input::LARGE)?;
        return Manifest::parse(&text).map_err(|error| {
            let message = format!("{}:{}: {error}", path.display(), error.position());
            Failure::new(Exit::Usage, message)
        });
    }
    if !arguments.metadata.is_empty() {
        let mut manifest = Manifest::new(version);
        for component in &arguments.metadata {
            manifest.insert(component);
        }
        return Ok(manifest);
    }
    if !arguments.source_dir.is_empty() {
        let selected = package_args::selected(root, local, &arguments.source_dir)?;
        return Ok(selected.to_manifest(version));
    }
    if !arguments.all && arguments.app.is_empty() {
        return Ok(ComponentSet::from_project(local).to_manifest(version));
    }
    listed(context, arguments, target, version).await
}

/// Every component by name: a listed component that the org does not return is missing. Only the
/// files show which components belong to an app, not their names.
async fn listed(
    context: &Context,
    arguments: &Arguments,
    target: &Target,
    version: ApiVersion,
) -> Result<Manifest, Failure> {
    let wanted = |kind: &MetadataType| {
        if arguments.all {
            // Partial types and settings also have components that belong to other features.
            let schema = kind.schema();
            !schema.partial && schema.fixed_name.is_none()
        } else {
            let name = kind.name();
            name.starts_with("ExtlClntApp") || name == "ExternalClientApplication"
        }
    };
    let inventory = inventory::list(context, target, wanted).await?;
    let has = |app: &String| {
        inventory.components.iter().any(|component| {
            component.kind == "ExternalClientApplication" && component.full_name == **app
        })
    };
    if let Some(app) = arguments.app.iter().find(|app| !has(app)) {
        let list = target.command_line("list");
        return Err(
            Failure::new(Exit::Failed, format!("the org has no app {app}")).hint(format!(
                "to list its apps: {list} ExternalClientApplication"
            )),
        );
    }
    let mut manifest = Manifest::new(version);
    for found in &inventory.components {
        manifest.insert(&ComponentName::new(&found.kind, &found.full_name));
    }
    Ok(manifest)
}

fn nothing(arguments: &Arguments, root: &Path) -> Failure {
    if arguments.all {
        return Failure::new(Exit::Failed, "the org has no such components");
    }
    let message = format!("{} has no components to retrieve again", root.display());
    Failure::new(Exit::Usage, message).hint("give --app NAME, --manifest FILE or --all")
}

fn say(context: &Context, retrieved: &Retrieved) -> Vec<String> {
    if retrieved.reissued > 0 {
        context.output.info(format_args!(
            "the retrieve was repeated: its zip was lost {} times",
            retrieved.reissued
        ));
    }
    let missing: Vec<_> = retrieved
        .missing
        .iter()
        .map(MissingMember::to_string)
        .collect();
    for missing in &missing {
        context.output.warn(missing);
    }
    missing
}

/// The failure of a retrieve.
pub(crate) async fn failed(context: &Context, target: &Target, error: &RetrieveError) -> Failure {
    if let RetrieveError::Call(call) = error {
        return auth::call_failed_by_version(context, target, "nothing was retrieved", call).await;
    }
    Failure::from_library(error)
}
