//! One component of a project.

use std::fmt;

use crate::file::File;
use crate::layout;
use crate::types::{Metadata, MetadataType, Typed};
use crate::xml::EditError;

/// Type and full name: what a manifest lists.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ComponentId {
    /// The metadata type.
    pub kind: MetadataType,
    /// The full name, which is the file's base name.
    pub name: String,
}

impl ComponentId {
    /// The component of this type with this name.
    pub fn new(kind: MetadataType, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.name)
    }
}

/// A component: its identity, where its file stands, and the file.
#[derive(Debug)]
pub struct Component {
    id: ComponentId,
    path: String,
    file: File,
}

impl Component {
    pub(crate) fn new(id: ComponentId, path: String, file: File) -> Self {
        Self { id, path, file }
    }

    /// Type and full name.
    pub fn id(&self) -> &ComponentId {
        &self.id
    }

    /// The path of the file inside the project, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path in a package.
    pub fn package_path(&self) -> String {
        layout::package_path(&self.id)
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The typed value, when the component is of this type.
    pub fn typed<T: Typed>(&self) -> Option<&T> {
        T::of(self.file.value())
    }

    /// The app that the component belongs to: the `externalClientApplication` element of a satellite, the own name
    /// of an app header. File names say nothing about it.
    pub fn app(&self) -> Option<&str> {
        match self.file.value() {
            Metadata::ExternalClientApplication(_) => Some(&self.id.name),
            Metadata::ExtlClntAppOauthSettings(v) => v.external_client_application.as_deref(),
            Metadata::ExtlClntAppGlobalOauthSettings(v) => v.external_client_application.as_deref(),
            Metadata::ExtlClntAppOauthConfigurablePolicies(v) => {
                v.external_client_application.as_deref()
            }
            Metadata::ExtlClntAppConfigurablePolicies(v) => {
                v.external_client_application.as_deref()
            }
            _ => None,
        }
    }

    /// The component after a change of its value; see [`File::edit`].
    ///
    /// # Errors
    /// When the component is of another type, or XML cannot carry the new value.
    pub fn edit<T: Typed>(&self, change: impl FnOnce(&mut T)) -> Result<Self, EditError> {
        if self.typed::<T>().is_none() {
            return Err(EditError::OtherType {
                found: self.id.kind.name().to_owned(),
                expected: T::TYPE.name().to_owned(),
            });
        }
        let file = self.file.edit(|metadata| {
            if let Some(value) = T::of_mut(metadata) {
                change(value);
            }
        })?;
        Ok(Self {
            id: self.id.clone(),
            path: self.path.clone(),
            file,
        })
    }
}
