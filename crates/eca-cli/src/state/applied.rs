//! The state of orgs: what was applied, and the locks.

use std::path::Path;

use eca_apply::{Bucket, Folder, ObjectStorage, StateStore, StateUrl, Storage};

use crate::config::{Config, StateConfig};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::dirs;

/// The folder in the program's state, beside that of the journal of deploys.
const FOLDER: &str = "orgs";

/// The state that a project uses.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) store: StateStore<Storage>,
    pub(crate) url: StateUrl,
    /// The name that the project's apps belong to; `None` where a shared state needs one.
    pub(crate) project: Option<String>,
}

impl Applied {
    /// The state that `eca.toml` names, by default that of the user.
    pub(crate) fn open(context: &Context, root: &Path) -> Result<Self, Failure> {
        let config = Config::find(context, root)?;
        let StateConfig { url, project } = match &config {
            Some(config) => config.state(context)?,
            None => StateConfig::default(),
        };
        let url = match (url, &config) {
            (Some(url), Some(config)) => {
                let folder = config.path().parent().unwrap_or(Path::new(""));
                url.relative_to(folder)
            }
            _ => StateUrl::Folder(dirs::state_dir().ok_or_else(no_folder)?.join(FOLDER)),
        };
        let project = project.or_else(|| {
            // Another checkout of the same project may have another name. Where machines share a
            // state, that would be another owner.
            let folder = root.file_name().filter(|_| !url.is_shared())?;
            Some(folder.to_string_lossy().into_owned())
        });
        let storage = match &url {
            StateUrl::Folder(path) => Storage::Folder(Folder::new(path)),
            StateUrl::Bucket(bucket) => Storage::Objects(Box::new(objects(context, bucket)?)),
            _ => return Err(Failure::new(Exit::Usage, format!("{url} is not supported"))),
        };
        Ok(Self {
            store: StateStore::new(storage),
            url,
            project,
        })
    }

    /// The name that the project's apps belong to.
    pub(crate) fn project_name(&self) -> Result<&str, Failure> {
        self.project.as_deref().ok_or_else(|| {
            let message = "the project has no name, by which a shared state tells whose an app is";
            Failure::new(Exit::Usage, message).hint(
                "name it in eca.toml: [state] project = \"billing\"; the same in every checkout, and in no other project",
            )
        })
    }
}

fn objects(context: &Context, bucket: &Bucket) -> Result<ObjectStorage, Failure> {
    let transport = context.http()?.transport();
    let variables = std::env::vars_os();
    let texts = variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    ObjectStorage::new(bucket.clone(), texts, transport)
        .map_err(|error| Failure::from_library(&error))
}

fn no_folder() -> Failure {
    let message = "no folder for what was applied: neither XDG_STATE_HOME nor HOME is set";
    Failure::new(Exit::Usage, message).hint(
        "set one of them, or name another place in eca.toml: [state] url = \"s3://BUCKET/PREFIX\"",
    )
}
