//! Members of a response that this crate does not know.

use std::fmt;

use serde_json::{Map, Value};

use crate::sent_secrets::SentSecrets;

/// The members of a JSON response that have no field, in the server's order.
///
/// `Debug` shows names only, since an unknown member may be secret.
#[derive(Clone, PartialEq, Default)]
pub struct Extras(Map<String, Value>);

impl Extras {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Hides these secrets in the values, also in nested ones.
    pub(crate) fn mask(&mut self, secrets: &SentSecrets) {
        fn mask(value: &mut Value, secrets: &SentSecrets) {
            match value {
                Value::String(text) => *text = secrets.mask(text).into_owned(),
                Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
                Value::Object(members) => {
                    members
                        .values_mut()
                        .for_each(|member| mask(member, secrets));
                }
                _ => {}
            }
        }
        self.0.values_mut().for_each(|value| mask(value, secrets));
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
