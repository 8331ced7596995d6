//! Sets of components, without files.

use std::collections::BTreeSet;
use std::fmt;

use eca_model::{ApiVersion, ComponentId, Manifest, Project, layout};

/// A set of components by type and name, to deploy, delete or retrieve. Types are strings, so a set
/// may contain types that this crate does not know. It contains no wildcards.
///
/// ```
/// use eca_deploy::ComponentSet;
///
/// let all: ComponentSet = [("ExternalClientApplication", "Shop"), ("NamedCredential", "Bank")].into_iter().collect();
/// let apps = all.clone().filter(|kind, _| kind == "ExternalClientApplication");
/// assert_eq!(all.difference(&apps).to_string(), "NamedCredential:Bank");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComponentSet {
    members: BTreeSet<(String, String)>,
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
        for (kind, members) in &manifest.types {
            if members.contains("*") {
                return Err(ComponentSetError::Wildcard { kind: kind.clone() });
            }
            for member in members {
                set.insert(kind, member);
            }
        }
        Ok(set)
    }

    /// Every component of a project, including those whose files cannot be read.
    pub fn from_project(project: &Project) -> Self {
        let readable = project.components().iter();
        let readable = readable.map(|component| component.id().clone());
        let unreadable = project.unreadable().iter();
        let unreadable = unreadable.filter_map(|file| layout::component_of(&file.path));
        readable.chain(unreadable).collect()
    }

    /// The members of a manifest. A wildcard selects all components of the type in the project.
    pub fn select(manifest: &Manifest, project: &Project) -> Self {
        let mut set = Self::from_project(project).filter(|kind, name| manifest.lists(kind, name));
        for (kind, members) in &manifest.types {
            for member in members.iter().filter(|member| *member != "*") {
                set.insert(kind, member);
            }
        }
        set
    }

    /// Adds one component.
    pub fn insert(&mut self, kind: &str, name: &str) {
        self.members.insert((kind.to_owned(), name.to_owned()));
    }

    /// Whether the set contains this component.
    pub fn contains(&self, kind: &str, name: &str) -> bool {
        self.members.contains(&(kind.to_owned(), name.to_owned()))
    }

    /// Whether the set contains this component.
    pub fn contains_id(&self, id: &ComponentId) -> bool {
        self.contains(id.kind.name(), &id.name)
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

    /// The components for which `predicate`, given type and name, is true.
    #[must_use]
    pub fn filter(mut self, predicate: impl Fn(&str, &str) -> bool) -> Self {
        self.members.retain(|(kind, name)| predicate(kind, name));
        self
    }

    /// Type and name of each component, sorted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.members.iter().map(|(kind, name)| (&**kind, &**name))
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
        for (kind, name) in self.iter() {
            manifest.insert(kind, name);
        }
        manifest
    }
}

impl FromIterator<ComponentId> for ComponentSet {
    fn from_iter<I: IntoIterator<Item = ComponentId>>(ids: I) -> Self {
        ids.into_iter()
            .map(|id| (id.kind.name().to_owned(), id.name))
            .collect()
    }
}

impl<K: Into<String>, N: Into<String>> FromIterator<(K, N)> for ComponentSet {
    fn from_iter<I: IntoIterator<Item = (K, N)>>(members: I) -> Self {
        let members = members.into_iter();
        Self {
            members: members
                .map(|(kind, name)| (kind.into(), name.into()))
                .collect(),
        }
    }
}

/// `Type:Name, Type:Name`.
impl fmt::Display for ComponentSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (kind, name)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{kind}:{name}")?;
        }
        Ok(())
    }
}
