//! A problem of a component.

use eca_model::Position;
use serde::{Deserialize, Serialize};

/// Why a component is refused, or a warning about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) text: String,
    pub(crate) position: Option<Position>,
    /// A warning fails the component only without `ignoreWarnings`.
    pub(crate) is_warning: bool,
}

impl Problem {
    pub(crate) fn at(position: Position, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            position: Some(position),
            is_warning: false,
        }
    }

    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            position: None,
            is_warning: false,
        }
    }
}
