//! How ID tokens of an app look.

use std::time::Duration;

/// How an app's ID tokens look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdTokenConfig {
    /// Who they are for beside the client itself.
    pub(crate) audiences: Vec<String>,
    pub(crate) lifetime: Duration,
    pub(crate) has_standard_claims: bool,
}

impl Default for IdTokenConfig {
    fn default() -> Self {
        Self {
            audiences: Vec::new(),
            // Metadata API Developer Guide: two minutes.
            lifetime: Duration::from_mins(2),
            has_standard_claims: false,
        }
    }
}
