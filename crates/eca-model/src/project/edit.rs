//! Changing a project and writing it back.

use std::path::Path;

use crate::field::{FieldError, FieldPath, FieldValue};
use crate::project::Project;
use crate::project::component::Component;
use crate::project::component_name::ComponentName;
use crate::project::write::{WriteError, write_all};
use crate::types::Typed;
use crate::xml::{EditError, SyntaxError};

/// A change of a project that cannot be made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// The project has no such component.
    #[error("the project has no {0}")]
    NoComponent(ComponentName),
    /// The text of a component cannot be read.
    #[error("the new text of {component} cannot be read")]
    Text {
        /// The component.
        component: ComponentName,
        /// Why.
        #[source]
        source: SyntaxError,
    },
    /// The new value of a component cannot be written.
    #[error("{component} cannot be changed")]
    Edit {
        /// The component.
        component: ComponentName,
        /// Why.
        #[source]
        source: EditError,
    },
    /// A member cannot be changed.
    #[error("{component} cannot be changed")]
    Field {
        /// The component.
        component: ComponentName,
        /// Why.
        #[source]
        source: Box<FieldError>,
    },
    /// The project was not read from a folder, so there is none to write to.
    #[error("the project was not read from a folder: write its files yourself")]
    NoFolder,
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Project {
    /// Changes the value of the component of this type with this full name; see
    /// [`File::edit`](crate::file::File::edit).
    ///
    /// ```no_run
    /// use eca_model::Project;
    /// use eca_model::types::ExtlClntAppOauthSettings;
    ///
    /// let mut project = Project::load("force-app")?;
    /// project.edit("Shop_oauth", |settings: &mut ExtlClntAppOauthSettings| {
    ///     settings.is_first_party_app_enabled = Some(true);
    /// })?;
    /// project.save()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ProjectError::NoComponent`] and [`ProjectError::Edit`].
    pub fn edit<T: Typed>(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut T),
    ) -> Result<(), ProjectError> {
        let name = ComponentName::new(T::TYPE, name);
        self.change(&name, |component| {
            component.edit(change).map_err(|source| ProjectError::Edit {
                component: component.name().clone(),
                source,
            })
        })
    }

    /// Sets a member of a component, or removes it; see [`File::set`](crate::file::File::set).
    ///
    /// # Errors
    /// [`ProjectError::NoComponent`] and [`ProjectError::Field`].
    pub fn set(
        &mut self,
        component: &ComponentName,
        path: &FieldPath,
        value: Option<FieldValue>,
    ) -> Result<(), ProjectError> {
        self.change(component, |component| {
            let edited = match value {
                Some(value) => component.set(path, value),
                None => component.remove(path),
            };
            edited.map_err(|source| ProjectError::Field {
                component: component.name().clone(),
                source: Box::new(source),
            })
        })
    }

    /// Gives the file of a component another text.
    ///
    /// # Errors
    /// [`ProjectError::NoComponent`] and [`ProjectError::Text`].
    pub fn set_text(
        &mut self,
        component: &ComponentName,
        text: impl Into<String>,
    ) -> Result<(), ProjectError> {
        self.change(component, |component| {
            component
                .with_text(text)
                .map_err(|source| ProjectError::Text {
                    component: component.name().clone(),
                    source,
                })
        })
    }

    /// Puts a component in the place of the one with the same name, or beside the others.
    pub fn put(&mut self, component: Component) {
        let before = self.component(component.name());
        let is_same = before.is_some_and(|before| {
            before.file().text() == component.file().text() && before.path() == component.path()
        });
        if !is_same {
            self.changed.insert(component.name().clone());
        }
        match self.find(component.name()) {
            Ok(index) => self.components[index] = component,
            Err(index) => self.components.insert(index, component),
        }
    }

    /// The components whose files were changed since the project was read or saved.
    pub fn changed(&self) -> impl Iterator<Item = &Component> {
        let names = self.changed.iter();
        names.filter_map(|name| self.component(name))
    }

    /// Writes the files that were changed, all or none, to the folder that the project was read
    /// from.
    ///
    /// # Errors
    /// [`ProjectError::NoFolder`] and [`ProjectError::Write`]; the files are then as before.
    pub fn save(&mut self) -> Result<(), ProjectError> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let root = self.root.as_deref().ok_or(ProjectError::NoFolder)?;
        let files = self.changed().map(|component| {
            let path = root.join(Path::new(component.path()));
            (path, component.file().text().as_bytes())
        });
        write_all(files)?;
        self.changed.clear();
        Ok(())
    }

    fn change(
        &mut self,
        name: &ComponentName,
        change: impl FnOnce(&Component) -> Result<Component, ProjectError>,
    ) -> Result<(), ProjectError> {
        let component = self.component(name);
        let component = component.ok_or_else(|| ProjectError::NoComponent(name.clone()))?;
        self.put(change(component)?);
        Ok(())
    }
}
