//! The files that the user trusts, in the state folder.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::trust::members::{Members, hex};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::state::dirs;

/// What the user agreed to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    path: PathBuf,
    pub(super) digest: String,
    /// The members in canonical form, for a later comparison. They have no command's text.
    pub(super) members: Vec<String>,
}

impl Record {
    pub(super) fn new(path: &Path, members: &Members) -> Self {
        Self {
            path: path.to_owned(),
            digest: members.digest().to_string(),
            members: members.canonical_lines(),
        }
    }

    /// The record of a path; `None` when there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        // Without a state folder nothing was recorded.
        let Some(file) = file(path) else {
            return Ok(None);
        };
        let Some(text) = input::existing_text(&file, input::LARGE)? else {
            return Ok(None);
        };
        let record: Self = serde_json::from_str(&text).map_err(|error| {
            let message = format!("cannot read {}", file.display());
            Failure::caused_by(Exit::Usage, message, &error)
                .hint("delete this file, and trust eca.toml once more: eca trust")
        })?;
        Ok(Some(record).filter(|record| record.path == path))
    }

    pub(super) fn write(&self) -> Result<(), Failure> {
        let file = file(&self.path).ok_or_else(|| {
            let message = "no folder to keep trusted files in: HOME is not set";
            Failure::new(Exit::Usage, message)
                .hint("set XDG_STATE_HOME, or trust the file by its digest: --trust-config DIGEST")
        })?;
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Failure::from_error(Exit::Failed, &error))?;
        dirs::write(&file, &text).map_err(|error| Failure::from_error(Exit::Failed, &error))
    }

    /// Forgets a path; whether it was trusted.
    pub(super) fn remove(path: &Path) -> Result<bool, Failure> {
        let Some(file) = file(path) else {
            return Ok(false);
        };
        match std::fs::remove_file(&file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => {
                let message = format!("cannot remove {}", file.display());
                Err(Failure::caused_by(Exit::Failed, message, &error))
            }
        }
    }
}

/// The file of a record. Its name is the hash of the path.
fn file(path: &Path) -> Option<PathBuf> {
    let name = hex(path.as_os_str().as_encoded_bytes());
    Some(dirs::state_dir()?.join("trust").join(name + ".json"))
}
