//! The options of a lint run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use eca_model::ApiVersion;

use crate::engine::exclude::Exclude;
use crate::knowledge::previous_state::PreviousState;
use crate::level::Level;
use crate::profile::Profile;
use crate::rule_id::RuleId;

/// How long before the end of a certificate its renewal is due, by default.
const WITHIN: Duration = Duration::from_hours(30 * 24);

/// The options of a lint run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The profiles whose rules run. [`Profile::Default`] runs even when it is not named.
    pub profiles: Vec<Profile>,
    /// The time at which certificates must be valid.
    pub now: SystemTime,
    /// How long before the end of a certificate it is reported.
    pub within: Duration,
    /// Rules whose findings matter more or less here than elsewhere, or not at all.
    pub levels: BTreeMap<RuleId, Level>,
    /// Files in which some rules do not count.
    pub excludes: Vec<Exclude>,
    /// The API version that the project is about to be raised to; brings the report of what that
    /// would reset.
    pub bump: Option<ApiVersion>,
    /// The paths of the project that git tracks, at least those of global OAuth settings; `None`
    /// when git could not be asked.
    pub tracked: Option<BTreeSet<String>>,
    /// What the project had at an earlier time, or what the org has, which must not be lost.
    pub previous: Option<PreviousState>,
}

impl Options {
    /// The default rules, as of `now`.
    pub const fn new(now: SystemTime) -> Self {
        Self {
            profiles: Vec::new(),
            now,
            within: WITHIN,
            levels: BTreeMap::new(),
            excludes: Vec::new(),
            bump: None,
            tracked: None,
            previous: None,
        }
    }

    /// Adds the rules of a profile.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profiles.push(profile);
        self
    }
}
