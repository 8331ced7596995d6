//! The options of a lint run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use eca_model::ApiVersion;

use crate::engine::exclude::Exclude;
use crate::knowledge::previous_state::PreviousState;
use crate::level::Level;
use crate::profile::Profile;
use crate::rule_id::RuleId;

/// The default time before the expiry of a certificate at which it is reported.
const WITHIN: Duration = Duration::from_hours(30 * 24);

/// The options of a lint run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The profiles whose rules run. [`Profile::Default`] always runs.
    pub profiles: Vec<Profile>,
    /// The time at which certificates must be valid.
    pub now: SystemTime,
    /// How long before its expiry a certificate is reported.
    pub within: Duration,
    /// The severities of rules in this project, or `off`.
    pub levels: BTreeMap<RuleId, Level>,
    /// Files that are excluded from rules.
    pub excludes: Vec<Exclude>,
    /// The API version that the project will be raised to; adds findings for members that this
    /// would reset.
    pub bump: Option<ApiVersion>,
    /// The paths of the project that git tracks, at least those of global OAuth settings; `None`
    /// when git is not available.
    pub tracked: Option<BTreeSet<String>>,
    /// Metadata files that are in no package directory
    /// ([`Project::files_outside`](eca_model::Project::files_outside)).
    pub outside: Vec<String>,
    /// The certificates at an earlier revision, or in the org, which a deploy must not remove.
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
            outside: Vec::new(),
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
