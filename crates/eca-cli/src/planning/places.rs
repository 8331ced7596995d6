//! Where a project writes its values.

use eca_model::{ComponentName, FieldPath, MetadataType, Overlaid, Position};
use eca_plan::CONTENT;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path in the project; of `eca.toml`, its name.
    pub(crate) path: String,
    pub(crate) position: Position,
    /// Whether it is a file of the project, and not `eca.toml`.
    pub(crate) is_in_project: bool,
}

/// Where the value of a member is written.
pub(crate) fn of_member(
    project: &Overlaid,
    name: &ComponentName,
    path: &FieldPath,
) -> Option<Place> {
    if let Some(origin) = project.origin(name, path) {
        return Some(Place {
            path: origin.file.clone(),
            position: origin.position,
            is_in_project: false,
        });
    }
    let component = project.project.component(name)?;
    let is_content = path.elements() == CONTENT;
    if let Some(content) = component.content().filter(|_| is_content) {
        return Some(Place {
            path: content.path.clone(),
            position: Position::from_offset("", 0),
            is_in_project: true,
        });
    }
    let element = component.file().find(path)?;
    Some(Place {
        path: component.path().to_owned(),
        position: component.source_position(element.position()),
        is_in_project: true,
    })
}

/// Where a report about a member, or about a whole component, points: at the member, else at its
/// component, else at its app.
pub(crate) fn nearest(
    project: &Overlaid,
    name: &ComponentName,
    app: Option<&str>,
    path: Option<&FieldPath>,
) -> Option<Place> {
    if let Some(place) = path.and_then(|path| of_member(project, name, path)) {
        return Some(place);
    }
    let header = app.map(|app| ComponentName::new(MetadataType::ExternalClientApplication, app));
    let names = [Some(name), header.as_ref()];
    let mut components = names.into_iter().flatten();
    let component = components.find_map(|name| project.project.component(name))?;
    let root = component.file().document().root();
    Some(Place {
        path: component.path().to_owned(),
        position: component.source_position(root.position()),
        is_in_project: true,
    })
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.position.line)
    }
}
