//! A component of an org on its way into a project.

use crate::diff::merge::merge;
use crate::project::component::Component;
use crate::project::component_name::ComponentName;
use crate::project::layout::Layout;
use crate::project::{Project, layout};

/// A file that takes in what was retrieved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergedFile {
    /// The path inside the project.
    pub path: String,
    /// Whether the project has no such file yet.
    pub is_new: bool,
    /// The whole new content.
    pub content: Vec<u8>,
}

/// The files that give a project the values of `incoming`; none where it has them already.
///
/// Comments, order and indentation of a local file stay. What only an org makes, and what it writes
/// out although it is the default, does not get into a file that does without.
pub fn merge_retrieved(project: &Project, incoming: &Component) -> Vec<MergedFile> {
    let local = project.component(incoming.name());
    let path = match local {
        Some(local) => local.path().to_owned(),
        None => DefaultLocation::new(project).path(incoming.name()),
    };
    let mut files = Vec::new();
    if let Some(content) = incoming.content() {
        let before = local.and_then(Component::content);
        if before.is_none_or(|before| before.bytes != content.bytes) {
            files.push(MergedFile {
                path: path.strip_suffix("-meta.xml").unwrap_or(&path).to_owned(),
                is_new: before.is_none(),
                content: content.bytes.clone(),
            });
        }
    }
    let text = match local {
        Some(local) => {
            // Everything that differs from the local file is a change of the org.
            let merged = merge(Some(local), local, incoming).component;
            let is_whole = merged.snapshot(None).fields == incoming.snapshot(None).fields;
            let text = if is_whole {
                merged.file().text()
            } else {
                // The org has what no edit can write: members that are not typed.
                incoming.file().text()
            };
            if text == local.file().text() {
                return files;
            }
            text.to_owned()
        }
        None => incoming.file().text().to_owned(),
    };
    let file = MergedFile {
        path,
        is_new: local.is_none(),
        content: text.into_bytes(),
    };
    files.insert(0, file);
    files
}

/// Where files of new components go.
struct DefaultLocation {
    folder: String,
    layout: Layout,
}

impl DefaultLocation {
    /// In a project where the Salesforce CLI puts them; in the metadata format beside the files
    /// that are there; else right into the folder.
    fn new(project: &Project) -> Self {
        let directories = project.package_directories();
        let default = directories.iter().find(|directory| directory.is_default);
        if let Some(directory) = default.or(directories.first()) {
            return Self {
                folder: format!("{}/main/default/", directory.path.trim_matches('/')),
                layout: Layout::Source,
            };
        }
        if project.layout() == Some(Layout::Metadata) {
            let components = project.components().iter();
            let mut folders = components
                .filter_map(|component| component.path().strip_suffix(&component.package_path()));
            return Self {
                folder: folders.next().unwrap_or_default().to_owned(),
                layout: Layout::Metadata,
            };
        }
        Self {
            folder: String::new(),
            layout: Layout::Source,
        }
    }

    fn path(&self, id: &ComponentName) -> String {
        let path = match self.layout {
            Layout::Metadata => layout::package_path(id),
            Layout::Source => layout::source_path(id),
        };
        format!("{}{}", self.folder, path.unwrap_or_default())
    }
}
