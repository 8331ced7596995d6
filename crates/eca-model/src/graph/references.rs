//! References between components.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;

use crate::graph::mention::Target;
use crate::project::component::Component;
use crate::project::component_id::ComponentId;
use crate::project::{Project, layout};
use crate::types::{ExternalCredential, MetadataType};
use crate::values::position::Position;

/// One name in a component that refers to another component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference<'a> {
    /// The component that holds the name.
    pub from: &'a ComponentId,
    /// The app that this component belongs to.
    pub app: Option<&'a str>,
    /// The file of that component.
    pub file: &'a str,
    /// The element path below the root.
    pub path: &'a str,
    /// The position of the name; in a list that of the item.
    pub position: Position,
    /// What the name refers to.
    pub target: &'a Target,
    /// Whether the target is in the project.
    pub resolution: Resolution,
}

/// Whether the target of a reference is in the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "candidates", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Resolution {
    /// The target is in the project.
    Resolved,
    /// The project has components of that type, but none with this name; or the component lacks the
    /// named part.
    Broken,
    /// Several files or parts match; these.
    Ambiguous(Vec<String>),
    /// The project does not show it: it has nothing of that type, the name is that of an installed
    /// package (`acme__Billing`), it is filled in on deploy (`${NAME}`), or it is a part of a file
    /// that cannot be read.
    Outside,
}

impl fmt::Display for Resolution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolved => formatter.write_str("resolved"),
            Self::Broken => formatter.write_str("broken"),
            Self::Ambiguous(files) => write!(formatter, "ambiguous: {}", files.join(", ")),
            Self::Outside => formatter.write_str("outside the project"),
        }
    }
}

impl Project {
    /// Every reference of every component, in the order of components and, inside one, of its file.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut index = Index::new(self);
        let mut references = Vec::new();
        for component in self.components() {
            for mention in component.mentions() {
                references.push(Reference {
                    from: component.id(),
                    app: component.app(),
                    file: component.path(),
                    path: &mention.path,
                    position: mention.position,
                    target: &mention.target,
                    resolution: index.resolve(&mention.target),
                });
            }
        }
        references
    }
}

/// The names that a project holds.
struct Index<'a> {
    /// The components of every type that the project has files of, readable or not.
    types: BTreeMap<&'static str, OfType<'a>>,
    /// Files of which only the component's name is known (unreadable ones), and duplicates.
    others: HashMap<ComponentId, Vec<&'a str>>,
}

/// The components of one type.
#[derive(Default)]
struct OfType<'a> {
    components: &'a [Component],
    /// Built when the first name is looked up: most types are never looked up.
    names: Option<HashMap<&'a str, &'a Component>>,
}

impl<'a> OfType<'a> {
    fn get(&mut self, name: &str) -> Option<&'a Component> {
        let components = self.components;
        let names = self.names.get_or_insert_with(|| {
            let names = components.iter().map(|c| (c.id().name.as_str(), c));
            names.collect()
        });
        names.get(name).copied()
    }
}

impl<'a> Index<'a> {
    fn new(project: &'a Project) -> Self {
        let mut types: BTreeMap<_, OfType<'_>> = BTreeMap::new();
        for components in project
            .components()
            .chunk_by(|a, b| a.id().kind == b.id().kind)
        {
            let names = None;
            types.insert(components[0].id().kind.name(), OfType { components, names });
        }
        let mut others: HashMap<_, Vec<_>> = HashMap::new();
        let unreadable = project
            .unreadable()
            .iter()
            .filter_map(|file| Some((layout::component_of(&file.path)?, file.path.as_str())));
        let duplicates = project.duplicates().iter();
        for (id, path) in
            unreadable.chain(duplicates.map(|file| (file.id.clone(), file.path.as_str())))
        {
            types.entry(id.kind.name()).or_default();
            others.entry(id).or_default().push(path);
        }
        Self { types, others }
    }

    fn resolve(&mut self, target: &Target) -> Resolution {
        let Some(of_type) = self.types.get_mut(target.kind) else {
            return Resolution::Outside;
        };
        let component = of_type.get(&target.name);
        let others = self.others_of(target);
        if let (Some(component), []) = (component, others) {
            return match &target.part {
                Some(principal) => resolve_principal(component, principal),
                None => Resolution::Resolved,
            };
        }
        let mut files: Vec<_> = component.map(Component::path).into_iter().collect();
        files.extend(others);
        match files.as_slice() {
            [] if target.name.contains("${") => Resolution::Outside,
            // A name without a namespace has no two underscores in a row (Salesforce Help,
            // "Developer Names").
            [] if target.name.contains("__") => Resolution::Outside,
            [] => Resolution::Broken,
            [_] if target.part.is_some() => Resolution::Outside,
            [_] => Resolution::Resolved,
            several => Resolution::Ambiguous(several.iter().map(|&f| f.to_owned()).collect()),
        }
    }

    fn others_of(&self, target: &Target) -> &[&'a str] {
        if self.others.is_empty() {
            return &[];
        }
        let kind = target.kind.parse::<MetadataType>().ok();
        let id = kind.map(|kind| ComponentId::new(kind, target.name.as_str()));
        id.and_then(|id| self.others.get(&id))
            .map_or(&[], Vec::as_slice)
    }
}

/// A principal is a parameter of a type such as `NamedPrincipal` or `PerUserPrincipal`, and
/// `parameterName` is its name.
fn resolve_principal(component: &Component, principal: &str) -> Resolution {
    let Some(credential) = component.typed::<ExternalCredential>() else {
        return Resolution::Broken;
    };
    let parameters = credential.external_credential_parameters.iter().enumerate();
    let found: Vec<_> = parameters
        .filter(|(_, parameter)| {
            let kind = parameter.parameter_type.as_ref();
            kind.is_some_and(|kind| kind.as_str().ends_with("Principal"))
                && parameter.parameter_name.as_deref() == Some(principal)
        })
        .map(|(index, _)| format!("externalCredentialParameters[{index}]"))
        .collect();
    match found.len() {
        0 if principal.contains("${") => Resolution::Outside,
        0 => Resolution::Broken,
        1 => Resolution::Resolved,
        _ => Resolution::Ambiguous(found),
    }
}
