//! Retrieved components on their way into a folder: what would change, and all of it or nothing.

use std::fmt;
use std::path::{Path, PathBuf};

use eca_deploy::Package;
use eca_model::fs::write_all;
use eca_model::{
    Component, ComponentChange, ComponentId, Document, FieldChange, File, Layout, Project,
    canonical, layout,
};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::write;

/// What a retrieve changes in a folder.
pub(crate) struct Landing {
    root: PathBuf,
    files: Vec<(String, Vec<u8>)>,
    /// The files, as the user sees them.
    pub(crate) places: Vec<Place>,
    /// How many components say the same as before.
    pub(crate) unchanged: usize,
    /// Secrets that were left out, one line each.
    pub(crate) redacted: Vec<String>,
    /// Secrets of local files that stay, one line each.
    pub(crate) kept: Vec<String>,
}

/// One file that a retrieve writes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Place {
    path: String,
    created: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.created { "created" } else { "changed" };
        write!(f, "{what} {}", self.path)
    }
}

impl Landing {
    /// Compares what came with what is there. Nothing is written.
    pub(crate) fn plan(
        root: &Path,
        local: &Project,
        theirs: &Project,
        wanted: impl Fn(&Component) -> bool,
    ) -> Result<Self, Failure> {
        let mut landing = Self {
            root: root.to_owned(),
            files: Vec::new(),
            places: Vec::new(),
            unchanged: 0,
            redacted: Vec::new(),
            kept: Vec::new(),
        };
        let home = Home::of(root, local);
        for component in theirs.components().iter().filter(|own| wanted(own)) {
            let redacted = Package::redacted(component).map_err(|error| {
                let message = format!("{} holds a secret that cannot be left out", component.id());
                Failure::caused_by(Exit::Failed, message, &error)
            })?;
            let redacted = redacted.map(|(redacted, elements)| {
                let line = format!(
                    "{}: {} is left out: a secret",
                    component.id(),
                    elements.join(", ")
                );
                landing.redacted.push(line);
                redacted
            });
            let theirs = redacted.as_ref().unwrap_or(component);
            let own = local.component(component.id());
            let kept = own.map_or(Ok(None), |own| Package::with_secrets_from(own, theirs));
            let kept = kept.map_err(|error| {
                let message = format!("{} has a secret that cannot be kept", component.id());
                Failure::caused_by(Exit::Failed, message, &error)
            })?;
            let kept = kept.map(|(kept, elements)| {
                let line = format!(
                    "{}: {} stays as it is here: an org gives no secrets out",
                    component.id(),
                    elements.join(", ")
                );
                landing.kept.push(line);
                kept
            });
            let theirs = kept.as_ref().unwrap_or(theirs);
            let path = own.map_or_else(|| home.path(component.id()), |own| own.path().to_owned());
            let text = match own {
                Some(own) => merged(own, theirs),
                None => Some(theirs.file().text().to_owned()),
            };
            let content = component.content().and_then(|content| {
                let beside = path.strip_suffix("-meta.xml").unwrap_or(&path).to_owned();
                let before = own.and_then(Component::content);
                let is_new = before.is_none_or(|before| before.bytes != content.bytes);
                is_new.then(|| (beside, before.is_none(), content.bytes.clone()))
            });
            if text.is_none() && content.is_none() {
                landing.unchanged += 1;
            }
            if let Some(text) = text {
                landing.add(path, own.is_none(), text.into_bytes());
            }
            if let Some((path, created, bytes)) = content {
                landing.add(path, created, bytes);
            }
        }
        Ok(landing)
    }

    fn add(&mut self, path: String, created: bool, content: Vec<u8>) {
        let place = path.clone();
        self.places.push(Place {
            path: place,
            created,
        });
        self.files.push((path, content));
    }

    /// Writes everything, or nothing: every new content is on disk before the first file is
    /// replaced, and what was replaced is put back when a later one fails.
    pub(crate) fn land(&self) -> Result<(), Failure> {
        let files = self.files.iter();
        let files = files.map(|(path, content)| (self.root.join(path), content.as_slice()));
        write_all(files).map_err(|error| write::none_written(&error))
    }
}

/// Where files of new components go.
struct Home {
    folder: String,
    layout: Layout,
}

impl Home {
    /// In a project where the Salesforce CLI puts them; in the metadata format beside those that
    /// are there; or right into a folder that has nothing yet.
    fn of(root: &Path, local: &Project) -> Self {
        let json = std::fs::read(root.join("sfdx-project.json")).ok();
        let value: Option<serde_json::Value> =
            json.and_then(|json| serde_json::from_slice(&json).ok());
        if value.is_none() && local.layout() == Some(Layout::Metadata) {
            let mut folders = local
                .components()
                .iter()
                .filter_map(|own| own.path().strip_suffix(&own.package_path()));
            return Self {
                folder: folders.next().unwrap_or_default().to_owned(),
                layout: Layout::Metadata,
            };
        }
        Self {
            folder: value.as_ref().and_then(default_folder).unwrap_or_default(),
            layout: Layout::Source,
        }
    }

    fn path(&self, id: &ComponentId) -> String {
        let path = match self.layout {
            Layout::Metadata => layout::package_path(id),
            _ => layout::source_path(id),
        };
        format!("{}{path}", self.folder)
    }
}

fn default_folder(project: &serde_json::Value) -> Option<String> {
    let directories = project["packageDirectories"].as_array()?;
    let default = directories.iter().find(|own| own["default"] == true);
    let path = default.or(directories.first())?["path"].as_str()?;
    Some(format!("{}/main/default/", path.trim_matches('/')))
}

/// The local file with the org's values, or `None` when it says the same already. What only an org
/// makes, and what it writes out although it is the default, does not get into a file that did
/// without.
fn merged(local: &Component, theirs: &Component) -> Option<String> {
    let wanted =
        without_additions(local, theirs).unwrap_or_else(|| theirs.file().text().to_owned());
    let Ok(target) = File::<eca_model::Metadata>::parse(wanted.clone()) else {
        return Some(theirs.file().text().to_owned());
    };
    if same(local, local.file().text(), &wanted) {
        return None;
    }
    // A typed edit keeps comments, order and indentation. Where it does not say all that the org
    // says (members that are not typed), the org's own text is what remains.
    let value = target.value().clone();
    match local.file().edit(|own| *own = value) {
        Ok(edited) if same(local, edited.text(), &wanted) => Some(edited.text().to_owned()),
        _ => Some(wanted),
    }
}

/// Whether two texts of one component mean the same.
fn same(component: &Component, left: &str, right: &str) -> bool {
    let project = |text: &str| {
        let path = component.package_path();
        Project::from_entries([(path, text.as_bytes().to_vec())])
    };
    eca_model::diff(&project(left), &project(right))
        .iter()
        .all(|own| {
            matches!(&own.change, ComponentChange::Changed(fields)
            if fields.iter().all(|field| field.change == FieldChange::OrgGenerated))
        })
}

/// The org's file without the members that the local file does without and that add nothing to it.
fn without_additions(local: &Component, theirs: &Component) -> Option<String> {
    let text = canonical(theirs.file().document());
    let document = Document::parse(text.clone()).ok()?;
    let schema = local.id().kind.schema().record;
    let ours = local.file().document().root();
    let children: Vec<_> = document.root().children().collect();
    let end = text.rfind("</")?;
    let mut kept = text[..children.first().map_or(end, |first| first.offset())].to_owned();
    for (index, child) in children.iter().enumerate() {
        let next = children.get(index + 1).map_or(end, |next| next.offset());
        let field = schema.field(child.name());
        let adds = field.is_none_or(|field| {
            !field.generated
                && field
                    .default
                    .is_none_or(|default| default != child.text().trim())
        });
        if adds || ours.child(child.name()).is_some() {
            kept.push_str(&text[child.offset()..next]);
        }
    }
    kept.push_str(&text[end..]);
    Document::parse(kept)
        .ok()
        .map(|document| canonical(&document))
}
