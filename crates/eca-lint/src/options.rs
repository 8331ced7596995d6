//! What a lint run is told.

use std::time::SystemTime;

use crate::Profile;

/// What a lint run is told besides the project.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The profiles whose rules run. [`Profile::Default`] runs even when it is not named.
    pub profiles: Vec<Profile>,
    /// The time at which certificates must be valid.
    pub now: SystemTime,
}

impl Options {
    /// The default rules, as of `now`.
    pub const fn new(now: SystemTime) -> Self {
        Self {
            profiles: Vec::new(),
            now,
        }
    }

    /// Adds the rules of a profile.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profiles.push(profile);
        self
    }

    pub(crate) fn runs(&self, profile: Profile) -> bool {
        profile == Profile::Default || self.profiles.contains(&profile)
    }
}
