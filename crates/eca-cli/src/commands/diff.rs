//! `eca diff`: what a deploy would change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eca_deploy::{Archive, ComponentSet, Limits, RetrieveOptions};
use eca_model::schema::nearest_name as nearest;
use eca_model::{
    App, Component, ComponentChange, ComponentDiff, ComponentName, DiffOptions, Overlaid, Project,
    diff_with,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::auth::Target;
use crate::commands::retrieve;
use crate::config::Config;
use crate::context;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::project::package_args;
use crate::project::replacements::Variables;
use crate::project::values;
use crate::project::values::{ValueView, ValuesOf, ValuesOption};
use crate::shapes;
use crate::ui::terminal::Style;
use crate::ui::{paint, progress};

pub(crate) const NAME: &str = "diff";

/// A side is a folder, the zip of a package, or an org of eca.toml by its name. Of an org, the
/// components of the other side are retrieved (of two orgs, those of the project); nothing is
/// written.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Two: the source of a deploy and its target. One: the target; the source is the project.
    /// None: the target is the org of --org, the environment or default-org
    #[arg(value_name = "SIDE", num_args = 0..=2)]
    sides: Vec<PathBuf>,
    /// Compare an app, with every file that belongs to it; may be repeated
    #[arg(long, value_name = "NAME")]
    app: Vec<String>,
    /// List also what the org makes itself
    #[arg(long)]
    all: bool,
    /// List equal members, too
    #[arg(long)]
    same: bool,
    #[command(flatten)]
    values: ValuesOption,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    source: String,
    target: String,
    /// Components in which a deploy of the source would change something on the target, or that
    /// only the target has.
    drift: usize,
    #[serde(flatten)]
    counts: Counts,
    #[schemars(with = "Vec<shapes::ComponentDiff>")]
    components: Vec<ComponentDiff>,
    /// The values of the source that are those of eca.toml for the org.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<ValueView>,
}

/// The number of components by what a deploy would do.
#[derive(Default, Serialize, JsonSchema)]
struct Counts {
    created: usize,
    changed: usize,
    only_in_target: usize,
    /// Those that are the same, or differ only in what an org makes or does not show.
    unchanged: usize,
    unreadable: usize,
}

/// A side, before an org is asked.
enum Side {
    Read(Box<Project>),
    Org(Box<Target>),
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let root = context.project_root(&[])?;
    let (from, to) = match &arguments.sides[..] {
        [from, to] => (from.as_path(), Some(to.as_path())),
        [to] => (root.as_path(), Some(to.as_path())),
        _ => (root.as_path(), None),
    };
    let source = side(context, &root, from)?;
    let target = match to {
        Some(to) => side(context, &root, to)?,
        None => Side::Org(Box::new(auth::target(context, &root, None)?)),
    };
    let (source, target, origins) =
        as_the_org_takes_it(context, arguments, &root, (from, source), (to, target))?;
    let (shown_source, shown_target) = (source.shown(Some(from)), target.shown(to));
    let (source, target) = read(context, &root, source, target, &arguments.app).await?;

    let mut options = DiffOptions::default();
    if arguments.same {
        options = options.with_same();
    }
    let mut components = diff_with(&source, &target, options);
    let wanted = (!arguments.app.is_empty()).then(|| {
        let sides = [&source, &target].into_iter();
        sides
            .flat_map(|side| of_apps(side, &arguments.app))
            .collect::<BTreeSet<_>>()
    });
    let is_wanted =
        |name: &ComponentName| wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
    components.retain(|one| is_wanted(&one.component) || is_unreadable(one));
    let counts = count(&components, all(&source, &target, is_wanted));
    let drift = counts.created + counts.changed + counts.only_in_target;
    if !arguments.all {
        components = components
            .into_iter()
            .filter_map(|component| component.without_org_made(options))
            .collect();
    }
    for component in &components {
        let lines = paint::compared(&with_sources(component, &origins));
        context.output.print_block(Style::Coloured, lines);
    }
    for file in source.unreadable().iter().chain(target.unreadable()) {
        context.output.warn(file);
    }
    context.output.info(format_args!(
        "{} to create, {} to change, {} only in the target, {} unchanged (source: {}, target: {})",
        counts.created,
        counts.changed,
        counts.only_in_target,
        counts.unchanged,
        shown_source,
        shown_target
    ));
    let unreadable = !source.unreadable().is_empty() || !target.unreadable().is_empty();
    let exit = if drift > 0 || unreadable {
        Exit::Failed
    } else {
        Exit::Success
    };
    let document = Document {
        source: shown_source,
        target: shown_target,
        drift,
        counts,
        components,
        values: values::views(&origins),
    };
    context.output.document(NAME, exit, &document);
    Ok(exit)
}

/// The sides; the project has the values of the org that it is compared with.
fn as_the_org_takes_it(
    context: &Context,
    arguments: &Arguments,
    root: &Path,
    (from, source): (&Path, Side),
    (to, target): (Option<&Path>, Side),
) -> Result<(Side, Side, Overlaid), Failure> {
    let is_project = |given: Option<&Path>| {
        let whole = |path: &Path| path.canonicalize().ok();
        given.is_some_and(|given| whole(given) == whole(root))
    };
    let resolve = |project: Project, org: &Target, is_named: bool| {
        let of = match org.name() {
            Some(name) if is_named => ValuesOf::Org(name),
            _ => ValuesOf::Target,
        };
        let (values, variables) = (arguments.values, Variables::Deployed);
        let overlaid = values.resolve(context, root, project, of, variables)?;
        let side = Side::Read(Box::new(overlaid.project.clone()));
        Ok::<_, Failure>((side, overlaid))
    };
    Ok(match (source, target) {
        (Side::Read(project), Side::Org(org)) if is_project(Some(from)) => {
            let (source, origins) = resolve(*project, &org, to.is_some())?;
            (source, Side::Org(org), origins)
        }
        (Side::Org(org), Side::Read(project)) if is_project(to) => {
            let (target, origins) = resolve(*project, &org, true)?;
            (Side::Org(org), target, origins)
        }
        (source, target) => (source, target, Overlaid::default()),
    })
}

/// The lines of a component, with the place of each value that is not the project's own.
fn with_sources(component: &ComponentDiff, origins: &Overlaid) -> String {
    let text = component.to_string();
    // The first line is the component's, and each of its members has one.
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    for (line, field) in lines.iter_mut().skip(1).zip(component.fields()) {
        if let Some(origin) = origins.origin(&component.component, &field.path) {
            *line = format!("{line}  [{origin}]");
        }
    }
    lines.join("\n")
}

impl Side {
    /// Its name in messages; a folder or zip is `given`.
    fn shown(&self, given: Option<&Path>) -> String {
        match self {
            Self::Org(org) => format!("org {}", org.shown()),
            Self::Read(_) => given.unwrap_or(Path::new(".")).display().to_string(),
        }
    }
}

/// A folder or zip; else an org of `eca.toml`.
fn side(context: &Context, root: &Path, given: &Path) -> Result<Side, Failure> {
    let name = given.to_str().filter(|name| !name.contains(['/', '\\']));
    match name {
        Some(name) if !given.exists() => {
            let config = Config::find(context, root)?;
            let known: Vec<_> = config.iter().flat_map(Config::org_names).collect();
            if !known.contains(&name) {
                return Err(no_side(name, &known));
            }
            let org = auth::named_target(context, root, name)?;
            Ok(Side::Org(Box::new(org)))
        }
        _ => Ok(Side::Read(Box::new(input::folder_or_zip(given)?))),
    }
}

/// The failure of a word that names nothing.
fn no_side(word: &str, orgs: &[&str]) -> Failure {
    let message = format!("`{word}` is neither a folder or zip here, nor an org of eca.toml");
    let meant = nearest(word, orgs.iter().copied());
    let meant = meant.map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    let orgs = match orgs {
        [] => "no eca.toml here or above names one".to_owned(),
        orgs => format!("eca.toml names {}", orgs.join(", ")),
    };
    Failure::new(Exit::Usage, message).hint(format!(
        "{meant}give a folder, the zip of a package, or an org; {orgs}"
    ))
}

/// Retrieves what is an org. Apps that are named must be on a side that is not an org.
async fn read(
    context: &Context,
    root: &Path,
    source: Side,
    target: Side,
    apps: &[String],
) -> Result<(Project, Project), Failure> {
    Ok(match (source, target) {
        (Side::Read(source), Side::Read(target)) => {
            for app in apps {
                context::require_app(&source, app)
                    .or_else(|failure| context::require_app(&target, app).map_err(|_| failure))?;
            }
            (*source, *target)
        }
        (Side::Read(source), Side::Org(org)) => {
            let theirs = retrieved(context, &org, &source, apps).await?;
            (*source, theirs)
        }
        (Side::Org(org), Side::Read(target)) => {
            let theirs = retrieved(context, &org, &target, apps).await?;
            (as_deployed(&theirs, root)?, *target)
        }
        (Side::Org(source), Side::Org(target)) => {
            let project = input::folder_or_zip(root)?;
            let ours = retrieved(context, &source, &project, apps).await?;
            let ours = as_deployed(&ours, root)?;
            (ours, retrieved(context, &target, &project, apps).await?)
        }
    })
}

/// What an org has of the components of a project.
async fn retrieved(
    context: &Context,
    org: &Target,
    project: &Project,
    apps: &[String],
) -> Result<Project, Failure> {
    for app in apps {
        context::require_app(project, app)?;
    }
    let components = if apps.is_empty() {
        ComponentSet::from_project(project)
    } else {
        of_apps(project, apps).collect()
    };
    let version = project.api_version();
    let version = version.unwrap_or_else(|| org.org.endpoint().version());
    let mut options = RetrieveOptions::default();
    // What it does not have would be created.
    options.allow_missing = true;
    let manifest = components.to_manifest(version);
    let retrieving = eca_deploy::retrieve(&org.org, &manifest, &options);
    match progress::waiting(&context.output, retrieving).await {
        Ok(retrieved) => Ok(retrieved.into_project()),
        Err(error) => Err(retrieve::failed(context, org, &error).await),
    }
}

/// What a deploy of an org's components would send: without the members that belong to that org.
fn as_deployed(retrieved: &Project, root: &Path) -> Result<Project, Failure> {
    if retrieved.components().is_empty() {
        return Ok(Project::default());
    }
    let package = package_args::build(retrieved, root)?;
    let archive = Archive::read(package.zip().as_bytes(), &Limits::default());
    let archive = archive.map_err(|error| {
        let message = "the components of the source cannot be packaged";
        Failure::caused_by(Exit::Failed, message, &error)
    })?;
    Ok(Project::from_entries(archive.into_entries()))
}

/// The components of these apps.
fn of_apps(project: &Project, apps: &[String]) -> impl Iterator<Item = ComponentName> {
    let mut found = project.apps();
    found.retain(|app| apps.iter().any(|wanted| wanted == app.name));
    let components = found.iter().flat_map(App::components);
    let names: Vec<_> = components
        .map(|component| component.name().clone())
        .collect();
    names.into_iter()
}

fn is_unreadable(component: &ComponentDiff) -> bool {
    matches!(component.change, ComponentChange::Unknowable)
}

fn count(components: &[ComponentDiff], all: usize) -> Counts {
    let mut counts = Counts::default();
    for component in components {
        match component.change {
            ComponentChange::Create => counts.created += 1,
            ComponentChange::OnlyInTarget => counts.only_in_target += 1,
            ComponentChange::Unknowable => counts.unreadable += 1,
            _ if component.is_drift() => counts.changed += 1,
            _ => {}
        }
    }
    let differ = counts.created + counts.only_in_target + counts.changed;
    counts.unchanged = all.saturating_sub(differ);
    counts
}

/// The number of readable components on both sides.
fn all(source: &Project, target: &Project, is_wanted: impl Fn(&ComponentName) -> bool) -> usize {
    let both = source.components().iter().chain(target.components());
    let names: BTreeSet<_> = both.map(Component::name).collect();
    names.into_iter().filter(|name| is_wanted(name)).count()
}
