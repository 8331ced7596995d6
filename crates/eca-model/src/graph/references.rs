//! References between components.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Serialize;

use crate::graph::mention::Target;
use crate::project::access_files::label;
use crate::project::component::Component;
use crate::project::component_name::{ComponentName, TypeName};
use crate::project::fs::MANY;
use crate::project::{Project, layout};
use crate::types::{ExternalCredential, MetadataType};
use crate::values::position::Position;

/// One name in a component that refers to another component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference<'a> {
    /// The component that holds the name.
    pub from: &'a ComponentName,
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
        if self.components().len() >= MANY {
            // The component keeps them.
            self.components().par_iter().for_each(|component| {
                component.mentions();
            });
        }
        let index = Index::new(self);
        let mut references = Vec::new();
        for component in self.components() {
            for mention in component.mentions() {
                references.push(Reference {
                    from: component.name(),
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

impl Project {
    /// Which component names which other one of the project.
    pub(crate) fn resolved_references(&self) -> Vec<(&ComponentName, &ComponentName)> {
        let index = Index::new(self);
        let components = self.components().iter();
        let pairs = components.flat_map(|component| {
            let targets = component.mentions().iter();
            let found = targets.filter_map(|mention| index.component(&mention.target.component));
            found.map(|found| (component.name(), found.name()))
        });
        pairs.collect()
    }
}

/// The names that a project holds.
struct Index<'a> {
    project: &'a Project,
    components: HashMap<&'a ComponentName, &'a Component>,
    /// The types that the project has files of, readable or not.
    types: HashSet<&'a TypeName>,
    /// Profiles by the names under which policies list them.
    profiles: HashMap<Cow<'a, str>, &'a Component>,
    /// Files that hold a component whose name is all that is known of it, and second files of one.
    others: HashMap<ComponentName, Vec<&'a str>>,
}

impl<'a> Index<'a> {
    fn new(project: &'a Project) -> Self {
        let components = project.components().iter();
        let components: HashMap<_, _> = components.map(|c| (c.name(), c)).collect();
        let mut others: HashMap<_, Vec<_>> = HashMap::new();
        let unreadable = project
            .unreadable()
            .iter()
            .filter_map(|file| Some((layout::component_of(&file.path)?, file.path.as_str())));
        let duplicates = project.duplicates().iter();
        let duplicates = duplicates.map(|file| (file.component.clone(), file.path.as_str()));
        for (name, path) in unreadable.chain(duplicates) {
            others.entry(name).or_default().push(path);
        }
        for file in project.access_files() {
            others
                .entry(file.component.clone())
                .or_default()
                .push(&file.path);
        }
        let types = components.keys().map(|name| &name.kind).collect();
        let profiles = project.components().iter();
        let profiles = profiles.filter(|component| component.kind() == MetadataType::Profile);
        let profiles = profiles.map(|profile| (label(profile.full_name()), profile));
        Self {
            project,
            components,
            types,
            profiles: profiles.collect(),
            others,
        }
    }

    /// The name without the project's own namespace, unless the files have it in theirs.
    fn own<'n>(&self, name: &'n ComponentName) -> Cow<'n, ComponentName> {
        let own = self.project.own_name(&name.name);
        if own == name.name || self.components.contains_key(name) {
            return Cow::Borrowed(name);
        }
        Cow::Owned(ComponentName::new(name.kind.manifest_name(), own))
    }

    /// The component that a name means.
    fn component(&self, name: &ComponentName) -> Option<&'a Component> {
        let name = self.own(name);
        let is_profile = name.kind == MetadataType::Profile;
        let by_label = || self.profiles.get(name.name.as_str()).filter(|_| is_profile);
        self.components.get(&*name).or_else(by_label).copied()
    }

    fn resolve(&self, target: &Target) -> Resolution {
        let name = &*self.own(&target.component);
        let is_here = |kind: &TypeName| {
            self.types.contains(kind) || self.others.keys().any(|other| other.kind == *kind)
        };
        if !is_here(&name.kind) {
            return Resolution::Outside;
        }
        let is_profile = name.kind == MetadataType::Profile;
        let component = self.component(name);
        let others = self.others.get(name).map_or(&[][..], Vec::as_slice);
        if let (Some(component), []) = (component, others) {
            return match &target.part {
                Some(principal) => resolve_principal(component, principal),
                None => Resolution::Resolved,
            };
        }
        let mut files: Vec<_> = component.map(Component::path).into_iter().collect();
        files.extend(others);
        match files.as_slice() {
            [] if name.name.contains("${") => Resolution::Outside,
            // Two underscores cannot be in a name of one's own (Salesforce Help, "Developer
            // Names").
            [] if name.name.contains("__") => Resolution::Outside,
            // Every org has profiles that no project holds, under names of its own language.
            [] if is_profile => Resolution::Outside,
            [] => Resolution::Broken,
            [_] if target.part.is_some() => Resolution::Outside,
            [_] => Resolution::Resolved,
            several => Resolution::Ambiguous(several.iter().map(|&f| f.to_owned()).collect()),
        }
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
