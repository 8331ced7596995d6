//! Members of a response that this crate does not know.

use std::fmt;

use serde_json::{Map, Value};

/// The members of a JSON response that have no field, in the server's order.
///
/// `Debug` shows names only, since an unknown member may be secret.
#[derive(Clone, PartialEq, Default)]
pub struct Extras(Map<String, Value>);

impl Extras {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The names of the members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The member's text, if it is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The member as JSON text, whatever it is.
    pub fn json(&self, name: &str) -> Option<String> {
        self.0.get(name).map(Value::to_string)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Extras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
