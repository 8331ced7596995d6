//! Where a value is written that is not a file's own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::values::position::Position;

/// Where a value is written: `eca.toml:14`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file.
    pub file: String,
    /// The place in it.
    pub position: Position,
}

/// File and line.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.position.line)
    }
}
