//! Profiles, permission sets and sites, most of which say nothing of external client apps.
//!
//! A project can have 25,000 of them, with hundreds of megabytes. So a few words decide which are
//! read as XML; of the others only the names are kept.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;

use crate::file::File;
use crate::graph::mention::mentions;
use crate::project::component::Component;
use crate::project::component_name::ComponentName;
use crate::project::layout;
use crate::project::load_error::LoadError;
use crate::project::root;
use crate::project::{Project, UnreadableFile};
use crate::types::MetadataType;

/// A profile, permission set or site that says nothing of external client apps: it names no
/// component, no component names it, and it has no switch of headless flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessFile {
    /// The component.
    pub component: ComponentName,
    /// The path of the file inside the project.
    pub path: String,
    /// Where it is on the disk.
    pub(crate) file: PathBuf,
}

/// The types whose files are mostly about other things.
pub(crate) fn is_access(kind: MetadataType) -> bool {
    matches!(
        kind,
        MetadataType::Profile | MetadataType::PermissionSet | MetadataType::Network
    )
}

/// The names of the elements with references, and of those that a rule forbids in profiles.
static ELEMENTS: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| {
    let record = MetadataType::PermissionSet.schema().record;
    let with_references = record.fields.iter().filter(|field| {
        let members = MetadataType::PermissionSet.schema().members();
        members.iter().any(|(path, member)| {
            let first = path.steps().first();
            member.references.is_some() && first.is_some_and(|step| step.element == field.element)
        })
    });
    // The one typed member of a site.
    let of_sites = MetadataType::Network.schema().record.fields.iter();
    with_references
        .chain(of_sites)
        .map(|field| Finder::new(field.element.as_bytes()))
        .collect()
});

/// The name of a profile in Setup and in lists. Files of custom profiles have it percent-encoded;
/// some standard ones have another name (Metadata API Developer Guide, "Profile").
pub(crate) fn label(full_name: &str) -> Cow<'_, str> {
    match full_name {
        "Admin" => "System Administrator".into(),
        "Standard" => "Standard User".into(),
        "ReadOnly" => "Read Only".into(),
        "SolutionManager" => "Solution Manager".into(),
        "MarketingProfile" => "Marketing User".into(),
        "ContractManager" => "Contract Manager".into(),
        "StandardAul" => "Standard Platform User".into(),
        other => percent_decode_str(other).decode_utf8_lossy(),
    }
}

/// Whether a file has an element with a reference.
pub(crate) fn names_components(bytes: &[u8]) -> bool {
    ELEMENTS.iter().any(|element| element.find(bytes).is_some())
}

/// The profiles and permission sets that a file of another type names.
pub(crate) fn named_in(path: &str, bytes: &[u8]) -> Vec<ComponentName> {
    let Some(kind) = layout::component_of(path).and_then(|name| name.kind.known()) else {
        return Vec::new();
    };
    let has_names = kind.schema().members().iter().any(|(_, field)| {
        let target = field.references.and_then(|name| name.parse().ok());
        target.is_some_and(is_access)
    });
    if !has_names {
        return Vec::new();
    }
    let Ok(file) = File::from_bytes(bytes.to_vec()) else {
        return Vec::new();
    };
    let file: File = file;
    let names = mentions(&file, kind.schema().record);
    let names = names.iter().map(|mention| mention.target.component.clone());
    names
        .filter(|name| name.kind.known().is_some_and(is_access))
        .collect()
}

impl Project {
    /// The profiles, permission sets and sites on the disk that are about other things. Only their
    /// names are known.
    pub fn access_files(&self) -> &[AccessFile] {
        &self.access_files
    }

    /// Reads some of the [`access_files`](Self::access_files), which are components from then on.
    ///
    /// # Errors
    /// When one cannot be read from the disk. One without readable XML is in
    /// [`Project::unreadable`] then.
    pub fn read_access_files(
        &mut self,
        is_wanted: impl Fn(&AccessFile) -> bool,
    ) -> Result<(), LoadError> {
        let files = std::mem::take(&mut self.access_files);
        let (wanted, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(is_wanted);
        self.access_files = rest;
        for file in wanted {
            let bytes = root::read(&file.file)?;
            let name = file.component.clone();
            match Component::parse(name, &file.path, bytes, None) {
                Ok(component) => {
                    let Err(index) = self.find(component.name()) else {
                        continue;
                    };
                    self.components.insert(index, component);
                }
                Err(error) => self.unreadable.push(UnreadableFile {
                    path: file.path,
                    error,
                }),
            }
        }
        Ok(())
    }

    /// The profiles, permission sets and sites among the components that name none of the others,
    /// and that none of them names.
    pub fn unrelated_access(&self) -> HashSet<&ComponentName> {
        let mut unrelated: HashSet<_> = self
            .components()
            .iter()
            .filter(|component| is_access(component.kind()))
            .map(Component::name)
            .collect();
        if unrelated.is_empty() {
            return unrelated;
        }
        for (from, to) in self.resolved_references() {
            unrelated.remove(from);
            unrelated.remove(to);
        }
        unrelated
    }
}
