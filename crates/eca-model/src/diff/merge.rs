//! Merging a component of another side, such as an org, into a project.

use crate::diff::compare::is_same;
use crate::file::File;
use crate::project::component::Component;
use crate::project::component_id::ComponentId;
use crate::project::layout::Layout;
use crate::project::{Project, layout};
use crate::types::Metadata;

use crate::xml::{Document, canonical};

/// A file that the merge writes.
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
/// Comments, order and indentation of a local file stay. Members that only an org makes, and
/// members that an org writes with their default value, are not added to a local file that lacks
/// them.
pub fn merge(project: &Project, incoming: &Component) -> Vec<MergedFile> {
    let local = project.component(incoming.id());
    let path = match local {
        Some(local) => local.path().to_owned(),
        None => DefaultLocation::new(project).path(incoming.id()),
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
    let text = match local.map(|local| merge_text(local, incoming)) {
        Some(Text::Same) => return files,
        Some(Text::Changed(text)) => text,
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

/// The folder for new components.
struct DefaultLocation {
    folder: String,
    layout: Layout,
}

impl DefaultLocation {
    /// In the source format the folder where the Salesforce CLI puts them; in the metadata format
    /// beside the existing files; otherwise the root.
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

    fn path(&self, id: &ComponentId) -> String {
        let path = match self.layout {
            Layout::Metadata => layout::package_path(id),
            Layout::Source => layout::source_path(id),
        };
        format!("{}{path}", self.folder)
    }
}

/// The merged text of a local file.
enum Text {
    Same,
    Changed(String),
}

fn merge_text(local: &Component, incoming: &Component) -> Text {
    let wanted = without_additions(local, incoming);
    let wanted = wanted.unwrap_or_else(|| incoming.file().text().to_owned());
    let Ok(target) = File::<Metadata>::parse(wanted) else {
        return Text::Changed(incoming.file().text().to_owned());
    };
    let schema = local.id().kind.schema().record;
    let is_target = |document: &Document| is_same(schema, document, target.document());
    if is_target(local.file().document()) {
        return Text::Same;
    }
    // A typed edit keeps the formatting. When the result lacks a value of the other side (members
    // that are not typed), the other side's text is used.
    let value = target.value().clone();
    match local.file().edit(|metadata| *metadata = value) {
        Ok(edited) if is_target(edited.document()) => Text::Changed(edited.text().to_owned()),
        _ => Text::Changed(target.text().to_owned()),
    }
}

/// The incoming text without the members that the local file lacks and that carry no information.
fn without_additions(local: &Component, incoming: &Component) -> Option<String> {
    let text = canonical(incoming.file().document());
    let document = Document::parse(text.clone()).ok()?;
    let schema = local.id().kind.schema().record;
    let local = local.file().document().root();
    let children: Vec<_> = document.root().children().collect();
    let end = text.rfind("</")?;
    let mut reduced = text[..children.first().map_or(end, |first| first.offset())].to_owned();
    for (index, child) in children.iter().enumerate() {
        let next = children.get(index + 1).map_or(end, |next| next.offset());
        let field = schema.field(child.name());
        let adds = field.is_none_or(|field| {
            !field.generated
                && field
                    .default
                    .is_none_or(|default| default != child.text().trim())
        });
        if adds || local.child(child.name()).is_some() {
            reduced.push_str(&text[child.offset()..next]);
        }
    }
    reduced.push_str(&text[end..]);
    Document::parse(reduced)
        .ok()
        .map(|document| canonical(&document))
}
