//! Builds packages of projects, with messages that name the file.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use eca_deploy::{ComponentSet, ConsumerChoice, Package, PackageError, PackageReport};
use eca_model::layout::component_of;
use eca_model::text::SecretText;
use eca_model::{
    AccessFile, ApiVersion, App, Component, ComponentName, FieldPath, InvalidComponentName,
    Manifest, MetadataType, Overlaid, Project,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::SecretSource;
use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::files::paths::Selection;
use crate::project::replacements::{self, Variables};
use crate::project::values::{ValuesOf, ValuesOption};
use crate::ui::mask;

/// The arguments that select the content of a package.
#[derive(Debug, clap::Args)]
pub(crate) struct Selected {
    /// What to deploy: files and folders of the project [default: all of it, or nothing with
    /// --delete]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The same as PATH, as in the Salesforce CLI; may be repeated
    #[arg(long, short = 'd', value_name = "PATH", conflicts_with = "paths")]
    source_dir: Vec<PathBuf>,
    /// What to deploy: the components that this package.xml names; a wildcard stands for all of
    /// the type in the project
    #[arg(long, short = 'x', value_name = "FILE", conflicts_with_all = ["paths", "source_dir"])]
    manifest: Option<PathBuf>,
    /// What to deploy: a component; TYPE alone stands for all of the type in the project; may be
    /// repeated
    #[arg(long, short, value_name = "TYPE:NAME", value_parser = component, conflicts_with_all = ["paths", "source_dir", "manifest"])]
    metadata: Vec<ComponentName>,
    /// What to deploy: an app, with every file that belongs to it; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with_all = ["paths", "source_dir", "manifest", "metadata"])]
    app: Vec<String>,
    /// Delete a component after the others were deployed; may be repeated
    #[arg(long, value_name = "TYPE:NAME")]
    delete: Vec<ComponentName>,
    /// Delete a component before the others are deployed; may be repeated
    #[arg(long, value_name = "TYPE:NAME")]
    delete_first: Vec<ComponentName>,
    /// The consumer key of local apps
    #[arg(long, value_enum, default_value_t, value_name = "WHOSE")]
    consumer: Consumer,
    /// Put a secret into the package, from env:NAME, file:PATH or cmd:COMMAND; may be repeated
    #[arg(long, value_name = "TYPE:NAME.ELEMENT=SOURCE")]
    secret: Vec<NamedSecret>,
    /// Allow shouldRotateConsumerKey and shouldRotateConsumerSecret to be true in a component; may
    /// be repeated
    #[arg(long, value_name = "TYPE:NAME")]
    allow_rotation: Vec<ComponentName>,
    #[command(flatten)]
    values: ValuesOption,
}

/// A package, and what it was built of.
pub(crate) struct Built {
    pub(crate) root: PathBuf,
    pub(crate) project: Overlaid,
    pub(crate) package: Package,
}

/// The consumer key of local apps in the org.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Consumer {
    /// Each org generates its own
    #[default]
    Own,
    /// The key of the org that the files were retrieved from
    Share,
}

/// `TYPE:NAME.ELEMENT=SOURCE`.
#[derive(Debug, Clone)]
struct NamedSecret {
    component: ComponentName,
    path: FieldPath,
    source: SecretSource,
}

impl FromStr for NamedSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The path may have dots: `ExtlClntAppPushSettings:Shop_push.applePushConfig.password`.
        let parts = text.split_once('=').and_then(|(member, source)| {
            let (kind, rest) = member.split_once(':')?;
            let (name, path) = rest.split_once('.')?;
            Some((ComponentName::new(kind, name), path, source))
        });
        let (component, path, source) =
            parts.ok_or("a secret is given as TYPE:NAME.ELEMENT=SOURCE")?;
        let path = path
            .parse::<FieldPath>()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            component,
            path,
            source: source
                .parse::<SecretSource>()
                .map_err(|error| error.to_string())?,
        })
    }
}

/// Frees a project beside other work: for the trees of thousands of files it takes as long as
/// writing the zip.
pub(crate) fn free(project: Overlaid) {
    // Without another thread, it is freed here.
    drop(std::thread::Builder::new().spawn(move || drop(project)));
}

impl Selected {
    /// Reads the project and builds the package.
    pub(crate) fn build(&self, context: &Context) -> Result<Built, Failure> {
        let (root, mut project) = context.load_project(self.paths())?;
        self.read_named(&mut project)?;
        self.say_what_is_left_out(context, &project);
        let (of, variables) = (ValuesOf::Target, Variables::Deployed);
        let overlaid = (self.values).resolve(context, &root, project, of, variables)?;
        let project = &overlaid.project;
        let set = |named: &[ComponentName]| -> ComponentSet { named.iter().cloned().collect() };
        let mut builder = Package::builder(project)
            .delete_before(set(&self.delete_first))
            .delete_after(set(&self.delete))
            .consumer(match self.consumer {
                Consumer::Own => ConsumerChoice::OwnPerOrg,
                Consumer::Share => ConsumerChoice::Share,
            });
        if let Some(components) = self.components(&root, project)? {
            builder = builder.components(components);
        }
        for named in &self.allow_rotation {
            builder = builder.allow_rotation(known(named)?.clone());
        }
        for secret in &self.secret {
            let component = known(&secret.component)?;
            let value = secret
                .source
                .read_for(&format!("{} of {component}", secret.path))?;
            // It is in the zip, where no request shows it.
            mask::add(&value);
            let text = SecretText::from(value);
            builder = builder.secret(component.clone(), secret.path.clone(), text);
        }
        let package = builder.build().map_err(|error| refused(&error, &root))?;
        Ok(Built {
            root,
            project: overlaid,
            package,
        })
    }

    /// Reads the profiles and permission sets that are selected by name, whatever they are about.
    fn read_named(&self, project: &mut Project) -> Result<(), Failure> {
        if project.access_files().is_empty() {
            return Ok(());
        }
        let manifest = match &self.manifest {
            Some(path) => Some(read_manifest(path)?),
            None => None,
        };
        let is_wanted = |file: &AccessFile| {
            let of_manifest = manifest.as_ref();
            of_manifest.is_some_and(|manifest| manifest.lists(&file.component))
                || self.metadata.iter().any(|wanted| {
                    let is_name = wanted.name == "*" || wanted.name == file.component.name;
                    is_name && wanted.kind == file.component.kind
                })
        };
        let read = project.read_access_files(is_wanted);
        read.map_err(|error| Failure::from_library(&error))
    }

    /// Says how many profiles, permission sets and sites a package of the whole project leaves out.
    fn say_what_is_left_out(&self, context: &Context, project: &Project) {
        let is_whole = self.paths().is_empty()
            && self.manifest.is_none()
            && self.metadata.is_empty()
            && self.app.is_empty()
            && self.delete.is_empty()
            && self.delete_first.is_empty();
        let count = project.access_files().len() + project.unrelated_access().len();
        if !is_whole || count == 0 {
            return;
        }
        let (plural, them) = if count == 1 {
            ("", "it")
        } else {
            ("s", "them")
        };
        context.output.info(format_args!(
            "{count} profile{plural}, permission set{plural} or site{plural} left out: nothing in {them} is about the project's apps \
             (to send one: its path, or --metadata TYPE:NAME)"
        ));
    }

    /// The selected part of the project; `None` for all of it.
    fn components(&self, root: &Path, project: &Project) -> Result<Option<ComponentSet>, Failure> {
        if let Some(path) = &self.manifest {
            let manifest = read_manifest(path)?;
            return selected_by(&manifest, project).map(Some);
        }
        if !self.app.is_empty() {
            return self.app_components(project).map(Some);
        }
        if !self.metadata.is_empty() {
            // The manifest is not sent: its version does not matter.
            let mut manifest = Manifest::new(ApiVersion::NEWEST_CHECKED);
            for component in &self.metadata {
                manifest.insert(component);
            }
            return selected_by(&manifest, project).map(Some);
        }
        let deletes = !self.delete.is_empty() || !self.delete_first.is_empty();
        if self.paths().is_empty() && deletes {
            return Ok(Some(ComponentSet::new()));
        }
        if self.paths().is_empty() {
            return Ok(about_apps(project));
        }
        selected(root, project, self.paths()).map(Some)
    }

    /// The files and folders to deploy; they are given in one of two ways.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        if self.source_dir.is_empty() {
            &self.paths
        } else {
            &self.source_dir
        }
    }

    /// The files of the given apps, and the unreadable files, which may belong to them. Without
    /// those the package could be incomplete; with them it is refused.
    fn app_components(&self, project: &Project) -> Result<ComponentSet, Failure> {
        for app in &self.app {
            context::require_app(project, app)?;
        }
        let mut apps = project.apps();
        apps.retain(|app| self.app.iter().any(|wanted| wanted == app.name));
        let components = apps.iter().flat_map(App::components);
        let unreadable = project.unreadable().iter();
        let unreadable = unreadable.filter_map(|file| component_of(&file.path));
        let ids = components.map(|component| component.name().clone());
        Ok(ids
            .chain(
                unreadable.filter(|name| name.kind.known().is_some_and(MetadataType::is_of_apps)),
            )
            .collect())
    }
}

fn read_manifest(path: &Path) -> Result<Manifest, Failure> {
    let text = input::text(path, input::LARGE)?;
    Manifest::parse(&text).map_err(|error| {
        let (path, position) = (path.display(), error.position());
        Failure::new(Exit::Usage, format!("{path}: {position}: {error}"))
    })
}

/// The project without the profiles, permission sets and sites that are about other things; `None`
/// when it has none.
fn about_apps(project: &Project) -> Option<ComponentSet> {
    let unrelated = project.unrelated_access();
    if unrelated.is_empty() {
        return None;
    }
    let names = project.components().iter().map(Component::name);
    Some(
        names
            .filter(|name| !unrelated.contains(name))
            .cloned()
            .collect(),
    )
}

/// The components that a manifest names; the project must have them.
fn selected_by(manifest: &Manifest, project: &Project) -> Result<ComponentSet, Failure> {
    let selected = ComponentSet::select(manifest, project);
    for name in selected.iter() {
        context::require_component(project, name)?;
    }
    Ok(selected)
}

/// The components in these files and folders, also those whose files cannot be read.
pub(crate) fn selected(
    root: &Path,
    project: &Project,
    paths: &[PathBuf],
) -> Result<ComponentSet, Failure> {
    let selection = Selection::new(root, paths)?;
    let readable = project.components().iter();
    let readable = readable.map(|component| (component.name().clone(), component.path()));
    let unreadable = project.unreadable().iter();
    let unreadable =
        unreadable.filter_map(|file| Some((component_of(&file.path)?, file.path.as_str())));
    let selected = readable.chain(unreadable);
    let selected = selected.filter(|(_, path)| selection.contains(path));
    Ok(selected.map(|(id, _)| id).collect())
}

/// A component given as `TYPE:NAME`, or as `TYPE` for all of the type, as in the Salesforce CLI.
pub(crate) fn component(text: &str) -> Result<ComponentName, InvalidComponentName> {
    if text.is_empty() || text.contains(':') {
        return text.parse();
    }
    Ok(ComponentName::new(text, "*"))
}

/// Refuses a type that has no members that this program knows.
fn known(component: &ComponentName) -> Result<&ComponentName, Failure> {
    match component.kind.known() {
        Some(_) => Ok(component),
        None => Err(Failure::new(
            Exit::Usage,
            format!(
                "`{}` is not a metadata type that this program knows",
                component.kind
            ),
        )
        .hint("eca schema lists the types")),
    }
}

/// Builds the package of a project.
pub(crate) fn build(project: &Project, root: &Path) -> Result<Package, Failure> {
    let project = replacements::filled_in(project, Variables::Deployed)?;
    let built = Package::builder(&project).build();
    built.map_err(|error| refused(&error, root))
}

fn refused(error: &PackageError, root: &Path) -> Failure {
    let failure = Failure::from_error(Exit::Usage, error);
    if let PackageError::Unfilled { .. } = error {
        return failure.hint("declare a replacement in sfdx-project.json, or write the value");
    }
    if let PackageError::Empty = error {
        let root = root.display();
        return failure.hint(format!(
            "there is no External Client App metadata in {root}"
        ));
    }
    failure
}

/// What a package leaves out, and the members that it has although they belong to one org.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Filtered {
    /// Members.
    removed: Vec<String>,
    /// Files.
    skipped: Vec<String>,
    /// Org-bound members that are in the package.
    retained: Vec<String>,
}

impl From<&PackageReport> for Filtered {
    fn from(report: &PackageReport) -> Self {
        Self {
            removed: report.removed.iter().map(ToString::to_string).collect(),
            skipped: report.skipped.iter().map(ToString::to_string).collect(),
            retained: report.retained.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Prints the content of the package and what it leaves out.
pub(crate) fn print_report(context: &Context, package: &Package) {
    let report = package.report();
    context.output.info(format_args!(
        "package: {} files, {} bytes zipped, API {}",
        report.files.len(),
        report.zip_bytes,
        report.api_version,
    ));
    for removed in &report.removed {
        context.output.info(removed);
    }
    for retained in &report.retained {
        context.output.info(retained);
    }
    for skipped in &report.skipped {
        context.output.info(skipped);
    }
    for injected in &report.injected {
        context.output.info(injected);
    }
    for (when, deleted) in [
        ("before", &report.deleted_before),
        ("after", &report.deleted_after),
    ] {
        if !deleted.is_empty() {
            context
                .output
                .info(format_args!("deletes {when}: {deleted}"));
        }
    }
    for limit in &report.near_limits {
        context.output.warn(limit);
    }
}
