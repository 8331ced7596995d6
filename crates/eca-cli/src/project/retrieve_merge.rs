//! The changes of a retrieve in a folder, made all or none.

use std::fmt;
use std::path::Path;

use eca_deploy::Package;
use eca_model::fs::write_all;
use eca_model::{Component, FieldPath, MergedFile, Project, merge_retrieved};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::write;

/// The files that a retrieve writes, and the counts of the others.
#[derive(Default)]
pub(crate) struct RetrieveMerge {
    files: Vec<MergedFile>,
    /// The number of components without a change.
    pub(crate) unchanged: usize,
    /// Secrets that were left out, one line each.
    pub(crate) redacted: Vec<String>,
    /// Secrets of local files that stay, one line each.
    pub(crate) retained: Vec<String>,
}

/// One file that a retrieve writes.
#[derive(Debug, Serialize)]
pub(crate) struct WrittenFile {
    path: String,
    created: bool,
}

impl fmt::Display for WrittenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.created { "created" } else { "changed" };
        write!(f, "{verb} {}", self.path)
    }
}

impl RetrieveMerge {
    /// Merges one component of the org.
    pub(crate) fn add(&mut self, local: &Project, component: &Component) -> Result<(), Failure> {
        let id = component.name();
        let without_secrets = Package::redacted(component).map_err(|error| {
            let message = format!("{id} has a secret that cannot be removed");
            Failure::caused_by(Exit::Failed, message, &error)
        })?;
        let component = match &without_secrets {
            Some((redacted, elements)) => {
                let elements = joined(elements);
                self.redacted
                    .push(format!("{id}: {elements} removed: a secret"));
                redacted
            }
            None => component,
        };
        let with_local_secrets = local
            .component(id)
            .map_or(Ok(None), |local| {
                Package::with_secrets_from(local, component)
            })
            .map_err(|error| {
                let message = format!("{id} has a local secret that cannot be preserved");
                Failure::caused_by(Exit::Failed, message, &error)
            })?;
        let component = match &with_local_secrets {
            Some((completed, elements)) => {
                let elements = joined(elements);
                self.retained.push(format!(
                    "{id}: {elements} unchanged: an org returns no secrets"
                ));
                completed
            }
            None => component,
        };
        let files = merge_retrieved(local, component);
        if files.is_empty() {
            self.unchanged += 1;
        }
        self.files.extend(files);
        Ok(())
    }

    /// Writes every file, or none.
    pub(crate) fn write(&self, root: &Path) -> Result<Vec<WrittenFile>, Failure> {
        let files = self.files.iter();
        let files = files.map(|file| (root.join(&file.path), file.content.as_slice()));
        write_all(files).map_err(|error| write::none_written(&error))?;
        let written = self.files.iter().map(|file| WrittenFile {
            path: file.path.clone(),
            created: file.is_new,
        });
        Ok(written.collect())
    }
}

fn joined(members: &[&FieldPath]) -> String {
    let members: Vec<_> = members.iter().map(ToString::to_string).collect();
    members.join(", ")
}
