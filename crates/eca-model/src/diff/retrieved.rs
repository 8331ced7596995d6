//! A component of an org on its way into a project.

use crate::diff::merge::merge;
use crate::field::FieldValue;
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
            let merged = merged_text(local, incoming);
            // The org has what no edit can write: members that are not typed.
            let text = merged.unwrap_or_else(|| incoming.file().text().to_owned());
            if text == local.file().text() {
                return files;
            }
            text
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

/// How many members are written one by one. Each is an edit of the whole file, so that an org that
/// returns a large file with other records everywhere would take long.
const MAX_EDITS: usize = 256;
/// The same for large files: the bytes that all the edits read and write.
const MAX_EDITED_BYTES: usize = 32 << 20;

/// The local text with the values of the org; `None` where edits cannot give it all of them.
fn merged_text(local: &Component, incoming: &Component) -> Option<String> {
    let edits = local.diff(incoming).len();
    let bytes = local.file().text().len().max(incoming.file().text().len());
    if edits > MAX_EDITS || edits.saturating_mul(bytes) > MAX_EDITED_BYTES {
        return None;
    }
    // Everything that differs from the local file is a change of the org.
    let merged = merge(Some(local), local, incoming).component;
    // Secrets stay, and the org does not show them.
    let fields = |component: &Component| {
        let mut fields = component.snapshot(None).fields;
        fields.retain(|_, value| *value != FieldValue::Secret);
        fields
    };
    let is_whole = fields(&merged) == fields(incoming);
    is_whole.then(|| merged.file().text().to_owned())
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
