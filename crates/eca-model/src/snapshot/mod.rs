//! What a project means, apart from how its files are written.

mod component;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use component::{ComponentSnapshot, ContentSnapshot};

use crate::project::component_name::ComponentName;
use crate::project::{Project, layout};
use crate::values::version::ApiVersion;

/// The meaning of a project: its components and their members.
///
/// Two projects of equal meaning have equal snapshots, whatever the formatting, the order of
/// elements and the comments, and whether a member that has its default is written out. Members
/// that only an org makes stand apart. A secret is there or not; its text is not in a snapshot.
///
/// ```
/// use eca_model::Project;
///
/// let file = |members: &str| {
///     let text = format!(r#"<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">
///         {members}</ExternalClientApplication>"#);
///     Project::from_entries([("Shop.eca-meta.xml".to_owned(), text.into_bytes())])
/// };
/// let short = file("<label>Shop</label>").snapshot();
/// let long = file("<isProtected>false</isProtected><!-- ours --><label>Shop</label>").snapshot();
/// assert_eq!(short, long);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// The API version that the project is written for. Which members have a default depends on
    /// it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub api_version: Option<ApiVersion>,
    /// The components.
    pub components: BTreeMap<ComponentName, ComponentSnapshot>,
    /// Components whose files cannot be read.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unreadable: BTreeSet<ComponentName>,
}

impl Project {
    /// What the project means.
    pub fn snapshot(&self) -> Snapshot {
        let version = self.api_version();
        let components = self.components().iter();
        let unreadable = self.unreadable().iter();
        Snapshot {
            api_version: version,
            components: components
                .map(|component| (component.name().clone(), component.snapshot(version)))
                .collect(),
            unreadable: unreadable
                .filter_map(|file| layout::component_of(&file.path))
                .collect(),
        }
    }
}
