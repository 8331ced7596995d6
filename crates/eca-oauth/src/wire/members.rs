//! The members of a JSON object.

use std::fmt;

use serde_json::{Map, Value};

use crate::wire::unreadable_response::UnreadableResponse;

/// Members of a JSON object, taken out one by one; the rest becomes
/// [`Extras`](crate::wire::extras::Extras).
pub(crate) struct Members(pub(crate) Map<String, Value>);

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Members {
    /// Whether there is an `error` member other than null.
    pub(crate) fn states_error(&self) -> bool {
        self.0.get("error").is_some_and(|error| !error.is_null())
    }

    /// Takes a string out. A string moves, so no copy of a secret remains.
    pub(crate) fn take_text(
        &mut self,
        name: &'static str,
    ) -> Result<Option<String>, UnreadableResponse> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(UnreadableResponse::Member(name)),
        }
    }

    /// Takes a string out that must be there.
    pub(crate) fn require_text(
        &mut self,
        name: &'static str,
    ) -> Result<String, UnreadableResponse> {
        self.take_text(name)?
            .ok_or(UnreadableResponse::Missing(name))
    }

    /// Takes a string out that must be there, and converts it.
    pub(crate) fn require<T, E>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<T, UnreadableResponse> {
        make(self.require_text(name)?).map_err(|_| UnreadableResponse::Member(name))
    }

    /// Takes a string out and converts it.
    pub(crate) fn take<T, E>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<Option<T>, UnreadableResponse> {
        let text = self.take_text(name)?;
        text.map(make)
            .transpose()
            .map_err(|_| UnreadableResponse::Member(name))
    }

    /// Takes a member out if `read` accepts it, and leaves it there if not.
    pub(crate) fn take_if<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.0.get(name)?)?;
        self.0.remove(name);
        Some(value)
    }
}
