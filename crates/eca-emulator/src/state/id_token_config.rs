//! The content of an app's ID tokens.

use std::time::Duration;

/// The content of an app's ID tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdTokenConfig {
    /// The audiences beside the client itself.
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
