//! The changes of a retrieve in a folder, made all or none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use eca_deploy::Package;
use eca_model::fs::remove_leftovers;
use eca_model::{
    Component, ComponentName, FieldPath, MergedFile, MetadataType, Project, merge_retrieved,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{git, transaction};

/// The files that a retrieve writes, and the counts of the others.
#[derive(Default)]
pub(crate) struct RetrieveMerge {
    files: Vec<MergedFile>,
    /// The number of components without a change.
    pub(crate) unchanged: usize,
    /// Secrets that were left out, one line each.
    pub(crate) redacted: Vec<String>,
    /// Org-specific members that new files of local apps do not get, one line each.
    pub(crate) removed: Vec<String>,
    /// Secrets of local files that stay, one line each.
    pub(crate) retained: Vec<String>,
}

/// One file that a retrieve writes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WrittenFile {
    path: String,
    created: bool,
}

impl WrittenFile {
    /// What happens to the file.
    pub(crate) fn verb(&self) -> &'static str {
        if self.created { "created" } else { "changed" }
    }
}

impl fmt::Display for WrittenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb(), self.path)
    }
}

impl RetrieveMerge {
    /// Merges one component of the org, whose other components are `theirs`.
    pub(crate) fn add(
        &mut self,
        local: &Project,
        theirs: &Project,
        component: &Component,
    ) -> Result<(), Failure> {
        let id = component.name();
        let without_org_specific = if local.component(id).is_none() {
            let header = component
                .app()
                .map(|app| ComponentName::new(MetadataType::ExternalClientApplication, app));
            let header = header.and_then(|name| theirs.component(&name).or(local.component(&name)));
            Package::without_org_specific(component, header).map_err(|error| {
                let message = format!("{id} has an org-specific member that cannot be removed");
                Failure::caused_by(Exit::Failed, message, &error)
            })?
        } else {
            None
        };
        let component = match &without_org_specific {
            Some((without, elements)) => {
                let elements = joined(elements);
                self.removed
                    .push(format!("{id}: {elements} removed: org-specific"));
                without
            }
            None => component,
        };
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

    /// Refuses to overwrite what git says is modified: files of the last commit that are another
    /// now. The reason why git did not say it, if it did not.
    pub(crate) fn refuse_modified(
        &self,
        root: &Path,
        local: &Project,
    ) -> Result<Option<String>, Failure> {
        let overwritten = || self.files.iter().filter(|file| !file.is_new);
        // Outside of a repository, git is not started.
        if overwritten().next().is_none() || git::repository(root).is_none() {
            return Ok(None);
        }
        let committed = match git::project_at(root, "HEAD") {
            Ok(project) => project,
            Err(failure) => return Ok(Some(failure.to_string())),
        };
        let (committed, local) = (contents(&committed), contents(local));
        let is_modified = |file: &&MergedFile| {
            let committed = committed.get(file.path.as_str());
            committed.is_some_and(|content| Some(content) != local.get(file.path.as_str()))
        };
        let modified: Vec<_> = overwritten().filter(is_modified).collect();
        if modified.is_empty() {
            return Ok(None);
        }
        let paths: Vec<_> = modified.iter().map(|file| file.path.as_str()).collect();
        let paths = paths.join("\n");
        let message = format!(
            "nothing was written: git says that these files are modified, and the org has others:\n{paths}"
        );
        Err(Failure::new(Exit::Usage, message)
            .hint("commit or stash the changes, or overwrite them with --force"))
    }

    /// The files that [`write`](Self::write) writes.
    pub(crate) fn written(&self) -> Vec<WrittenFile> {
        let files = self.files.iter().map(|file| WrittenFile {
            path: file.path.clone(),
            created: file.is_new,
        });
        files.collect()
    }

    /// Writes every file, or none.
    pub(crate) fn write(&self, root: &Path) -> Result<(), Failure> {
        if self.files.is_empty() {
            return Ok(());
        }
        let folders: BTreeSet<_> = self
            .files
            .iter()
            .filter_map(|file| Path::new(&file.path).parent())
            .collect();
        for folder in folders {
            remove_leftovers(&root.join(folder));
        }
        let files = self.files.iter();
        transaction::replace_all(
            root,
            files.map(|file| (file.path.as_str(), file.content.as_slice())),
        )
    }
}

/// The contents of a project's files by path, with the line ends that git stores.
fn contents(project: &Project) -> BTreeMap<&str, Cow<'_, [u8]>> {
    let mut contents = BTreeMap::new();
    for component in project.components() {
        let text = component.file().text().replace("\r\n", "\n");
        contents.insert(component.path(), Cow::Owned(text.into_bytes()));
        if let Some(content) = component.content() {
            contents.insert(
                content.path.as_str(),
                Cow::Borrowed(content.bytes.as_slice()),
            );
        }
    }
    contents
}

fn joined(members: &[&FieldPath]) -> String {
    let members: Vec<_> = members.iter().map(ToString::to_string).collect();
    members.join(", ")
}
