//! The context of every command.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eca_http::{HttpClient, Limits, ReqwestTransport, TokioTimer};
use eca_model::layout::component_of;
use eca_model::schema::nearest_name as nearest;
use eca_model::{Component, ComponentName, MetadataType, Project};

use crate::args::global::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{paths, transaction};
use crate::ui::mask::NotingTransport;
use crate::ui::output::Output;

/// The most apps in a hint: a project may have thousands.
const SHOWN_APPS: usize = 10;

/// The global flags, the output, and values that are created on demand.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) output: Output,
    org: Option<String>,
    org_is_from_environment: bool,
    announced_orgs: Mutex<Vec<String>>,
    project: Option<PathBuf>,
    trust_config: Option<String>,
    http: OnceLock<HttpClient>,
}

impl Context {
    pub(crate) fn new(global: Global, output: Output) -> Self {
        Self {
            output,
            org: global.org,
            org_is_from_environment: global.org_is_from_environment,
            announced_orgs: Mutex::default(),
            project: global.project,
            trust_config: global.trust_config,
            http: OnceLock::new(),
        }
    }

    /// The HTTP client of the process, created on first use. All token sources and orgs share its
    /// connections.
    pub(crate) fn http(&self) -> Result<HttpClient, Failure> {
        if let Some(http) = self.http.get() {
            return Ok(http.clone());
        }
        let agent = concat!("eca/", env!("CARGO_PKG_VERSION"));
        let transport = ReqwestTransport::new(agent, Limits::default())
            .map_err(|error| Failure::from_library(&error))?;
        let transport = Arc::new(NotingTransport(transport));
        let http = HttpClient::new(transport, Arc::new(TokioTimer::new()));
        Ok(self.http.get_or_init(|| http).clone())
    }

    /// Whether the name is that of `ECA_ORG`, without `--org`.
    pub(crate) fn org_is_from_environment(&self) -> bool {
        self.org_is_from_environment
    }

    /// Prints an org of the command, once.
    pub(crate) fn announce_org(&self, line: String) {
        let mut announced = self
            .announced_orgs
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !announced.contains(&line) {
            self.output.info(&line);
            announced.push(line);
        }
    }

    /// The name given with `--org` or `ECA_ORG`.
    pub(crate) fn org_name(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// The text given with `--trust-config` or `ECA_TRUST_CONFIG`.
    pub(crate) fn trust_config(&self) -> Option<&str> {
        self.trust_config.as_deref()
    }

    /// The folder given with `--project`.
    pub(crate) fn given_project(&self) -> Option<&std::path::Path> {
        self.project.as_deref()
    }

    /// The project's folder: `--project`, or the nearest folder with `sfdx-project.json`, upwards
    /// from the first path (or the current folder), or else that starting folder.
    pub(crate) fn project_root(&self, selected: &[PathBuf]) -> Result<PathBuf, Failure> {
        paths::project_root(self.project.as_deref(), selected)
    }

    /// Reads the project around the selected paths.
    pub(crate) fn load_project(&self, selected: &[PathBuf]) -> Result<(PathBuf, Project), Failure> {
        let root = self.project_root(selected)?;
        let folders = paths::folders_inside(&root, selected);
        let mut project = load_with(&root, &folders)?;
        read_selected(&mut project, &root, selected)?;
        Ok((root, project))
    }
}

/// A failure that lists the apps, unless the project has this one.
pub(crate) fn require_app(project: &Project, name: &str) -> Result<(), Failure> {
    let apps = project.apps();
    if apps.iter().any(|app| app.name == name) {
        return Ok(());
    }
    let names: Vec<_> = apps.iter().map(|app| app.name).take(SHOWN_APPS).collect();
    let hint = match apps.len() - names.len() {
        0 if names.is_empty() => "none of its files belongs to an app".to_owned(),
        0 => format!("it has {}", names.join(", ")),
        more => format!("it has {} and {more} more: eca graph", names.join(", ")),
    };
    let hint = match nearest(name, apps.iter().map(|app| app.name)) {
        Some(meant) => format!("did you mean {meant}? {hint}"),
        None => hint,
    };
    let message = format!("the project has no app {name}");
    Err(Failure::new(Exit::Usage, message).hint(hint))
}

/// A failure with the next step, unless the project has this component, be it unreadable.
pub(crate) fn require_component(project: &Project, name: &ComponentName) -> Result<(), Failure> {
    let unreadable = || {
        let mut paths = project.unreadable().iter();
        paths.any(|file| component_of(&file.path).as_ref() == Some(name))
    };
    if project.component(name).is_some() || unreadable() {
        return Ok(());
    }
    let names = project.components().iter().map(Component::name);
    let of_kind: Vec<_> = names
        .filter(|other| other.kind == name.kind)
        .map(|other| other.name.as_str())
        .collect();
    let kind = || eca_model::schema::nearest(name.kind.manifest_name());
    let hint = match (nearest(&name.name, of_kind.iter().copied()), kind()) {
        (Some(meant), _) => format!("did you mean {}:{meant}?", name.kind),
        (None, Some(meant)) if meant.name != name.kind.manifest_name() => {
            format!("did you mean {}:{}?", meant.name, name.name)
        }
        _ => match of_kind.len() {
            0 => format!("it has no {}; eca show lists its apps and files", name.kind),
            len => {
                let more = if len > SHOWN_APPS { ", …" } else { "" };
                let shown = of_kind[..len.min(SHOWN_APPS)].join(", ");
                format!("of {} it has {shown}{more}", name.kind)
            }
        },
    };
    Err(Failure::new(Exit::Usage, format!("the project has no {name}")).hint(hint))
}

/// Reads a project; an error names the folder or file. Changes that a killed command has begun are
/// completed first.
pub(crate) fn load(root: &std::path::Path) -> Result<Project, Failure> {
    load_with(root, &[])
}

/// The same with folders that somebody named, in no package directory.
fn load_with(root: &std::path::Path, folders: &[String]) -> Result<Project, Failure> {
    paths::require_project(root)?;
    transaction::recover(root)?;
    Project::load_with(root, folders).map_err(|error| Failure::from_library(&error))
}

/// Reads the profiles and permission sets that paths name: a file of them, or their folder.
pub(crate) fn read_selected(
    project: &mut Project,
    root: &std::path::Path,
    selected: &[PathBuf],
) -> Result<(), Failure> {
    if selected.is_empty() || project.access_files().is_empty() {
        return Ok(());
    }
    let folders = [
        MetadataType::Network,
        MetadataType::Profile,
        MetadataType::PermissionSet,
    ]
    .map(|kind| kind.schema().directory);
    let named = selected.iter().filter(|path| {
        let mut parts = path.iter();
        path.is_file() || parts.any(|part| folders.iter().any(|folder| part == *folder))
    });
    let named: Vec<_> = named.cloned().collect();
    if named.is_empty() {
        return Ok(());
    }
    let selection = paths::Selection::new(root, &named)?;
    let read = project.read_access_files(|file| selection.contains(&file.path));
    read.map_err(|error| Failure::from_library(&error))
}

/// Refuses a folder without metadata files.
pub(crate) fn require_metadata(root: &std::path::Path, project: &Project) -> Result<(), Failure> {
    if !project.components().is_empty() || !project.unreadable().is_empty() {
        return Ok(());
    }
    let message = format!("no External Client App metadata in {}", root.display());
    let failure = Failure::new(Exit::Usage, message);
    Err(match project.suspicious().first() {
        Some(file) => failure.hint(format!("{}: {}", file.path, file.suspicion)),
        None => failure.hint(
            "files are found by suffix, such as .eca-meta.xml and .ecaOauth-meta.xml, in the package directories of \
             sfdx-project.json",
        ),
    })
}
