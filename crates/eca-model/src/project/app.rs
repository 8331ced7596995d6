//! The components of one app.

use crate::project::component::Component;
use crate::types::Typed;

/// The components that belong to one app, grouped by their `externalClientApplication` element.
#[derive(Debug)]
pub struct App<'a> {
    /// The app's developer name.
    pub name: &'a str,
    /// The app header; `None` when the project has only satellites.
    pub header: Option<&'a Component>,
    /// The satellites, sorted by id.
    pub members: Vec<&'a Component>,
}

impl<'a> App<'a> {
    /// The header, if there is one, and the satellites.
    pub fn components(&self) -> impl Iterator<Item = &'a Component> {
        self.header.into_iter().chain(self.members.iter().copied())
    }

    /// The app's first component of a type.
    pub fn first<T: Typed>(&self) -> Option<(&'a Component, &'a T)> {
        self.components()
            .find_map(|component| Some((component, component.typed::<T>()?)))
    }
}
