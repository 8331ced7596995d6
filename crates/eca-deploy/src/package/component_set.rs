//! Sets of components, without files.

use std::collections::BTreeSet;
use std::fmt;

use eca_model::{ApiVersion, ComponentName, Manifest, Project, TypeName, layout};

/// A set of components, to deploy, delete or retrieve. It may contain types that `eca-model` does
/// not know. It contains no wildcards.
///
/// ```
/// use eca_deploy::ComponentSet;
/// use eca_model::MetadataType;
///
/// let all: ComponentSet = [("ExternalClientApplication", "Shop"), ("NamedCredential", "Bank")].into_iter().collect();
/// let apps = all.clone().filter(|component| component.kind == MetadataType::ExternalClientApplication);
/// assert_eq!(all.difference(&apps).to_string(), "NamedCredential:Bank");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComponentSet {
    members: BTreeSet<ComponentName>,
}

/// Why a manifest is not a set of components.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentSetError {
    /// A wildcard.
    #[error("the manifest has {kind}:*, but a wildcard is not supported here: name each component")]
    Wildcard {
        /// The type.
        kind: String,
    },
}

impl ComponentSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The members of a manifest without wildcards.
    ///
    /// # Errors
    /// [`ComponentSetError::Wildcard`].
    pub fn from_manifest(manifest: &Manifest) -> Result<Self, ComponentSetError> {
        let mut set = Self::new();
        for component in manifest.components() {
            if component.name == "*" {
                let kind = component.kind.to_string();
                return Err(ComponentSetError::Wildcard { kind });
            }
            set.insert(component);
        }
        Ok(set)
    }

    /// Every component of a project, including those whose files cannot be read.
    pub fn from_project(project: &Project) -> Self {
        let readable = project.components().iter();
        let readable = readable.map(|component| component.name().clone());
        let unreadable = project.unreadable().iter();
        let unreadable = unreadable.filter_map(|file| layout::component_of(&file.path));
        readable.chain(unreadable).collect()
    }

    /// The members of a manifest. A wildcard selects all components of the type in the project.
    pub fn select(manifest: &Manifest, project: &Project) -> Self {
        let mut set = Self::from_project(project).filter(|component| manifest.lists(component));
        let named = manifest.components();
        set.members
            .extend(named.filter(|component| component.name != "*"));
        set
    }

    /// Adds one component.
    pub fn insert(&mut self, component: ComponentName) {
        self.members.insert(component);
    }

    /// Whether the set contains this component.
    pub fn contains(&self, component: &ComponentName) -> bool {
        self.members.contains(component)
    }

    /// Components in either set.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.members.extend(other.members.iter().cloned());
        self
    }

    /// Components in this set and not in the other.
    #[must_use]
    pub fn difference(mut self, other: &Self) -> Self {
        self.members
            .retain(|member| !other.members.contains(member));
        self
    }

    /// Components in both sets.
    #[must_use]
    pub fn intersection(mut self, other: &Self) -> Self {
        self.members.retain(|member| other.members.contains(member));
        self
    }

    /// The components for which `keep` is true.
    #[must_use]
    pub fn filter(mut self, keep: impl Fn(&ComponentName) -> bool) -> Self {
        self.members.retain(|component| keep(component));
        self
    }

    /// The components, sorted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ComponentName> {
        self.members.iter()
    }

    /// Number of components.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A manifest of these components.
    pub fn to_manifest(&self, version: ApiVersion) -> Manifest {
        let mut manifest = Manifest::new(version);
        for component in self.iter() {
            manifest.insert(component);
        }
        manifest
    }
}

impl FromIterator<ComponentName> for ComponentSet {
    fn from_iter<I: IntoIterator<Item = ComponentName>>(names: I) -> Self {
        Self {
            members: names.into_iter().collect(),
        }
    }
}

impl<K: Into<TypeName>, N: Into<String>> FromIterator<(K, N)> for ComponentSet {
    fn from_iter<I: IntoIterator<Item = (K, N)>>(members: I) -> Self {
        let members = members.into_iter();
        Self {
            members: members
                .map(|(kind, name)| ComponentName::new(kind, name))
                .collect(),
        }
    }
}

/// `Type:Name, Type:Name`.
impl fmt::Display for ComponentSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, component) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{component}")?;
        }
        Ok(())
    }
}
