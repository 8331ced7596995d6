//! Everything the org remembers.

pub(crate) mod components;
pub(crate) mod grants;
pub(crate) mod record;
pub(crate) mod users;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use eca_model::ApiVersion;

use crate::{
    clock::Clock,
    ids::{Ids, RecordId},
    metadata::jobs::Jobs,
    oauth::attestation::Replays,
    org::Pace,
    profile::ChallengeProfile,
    random::Random,
    state::{components::Metadata, grants::Grants, users::Users},
};

/// What is settled when the org starts.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) org_id: RecordId,
    pub(crate) site_id: RecordId,
    pub(crate) admin_username: String,
    /// Without a slash at the end.
    pub(crate) instance_url: String,
    /// Path of the Experience Cloud site, with a slash before and none behind.
    pub(crate) site_path: String,
    pub(crate) api_version: ApiVersion,
    pub(crate) profile: ChallengeProfile,
    pub(crate) pace: Pace,
}

impl Facts {
    pub(crate) fn site_url(&self) -> String {
        format!("{}{}", self.instance_url, self.site_path)
    }
}

/// What changes.
pub(crate) struct State {
    pub(crate) random: Random,
    pub(crate) ids: Ids,
    pub(crate) users: Users,
    /// Permission sets that the org has without anyone having deployed them.
    pub(crate) permission_sets: BTreeSet<String>,
    pub(crate) metadata: Metadata,
    pub(crate) jobs: Jobs,
    pub(crate) grants: Grants,
    pub(crate) replays: Replays,
}

/// The org behind its server.
///
/// Every request is answered by code that neither waits nor sleeps: work that takes time on a real
/// org is *settled*, up to the current time, whenever somebody looks. Nobody can see the
/// difference, and tests need no waiting.
pub(crate) struct Core {
    pub(crate) facts: Facts,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

impl Core {
    pub(crate) fn new(facts: Facts, clock: Arc<dyn Clock>, state: State) -> Self {
        Self {
            facts,
            clock,
            state: Mutex::new(state),
        }
    }

    /// The state as of now, and the time.
    pub(crate) fn state(&self) -> (MutexGuard<'_, State>, SystemTime) {
        // A panic while the lock was held spoils one answer, not the org.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        crate::metadata::jobs::settle(&mut state, &self.facts, now);
        (state, now)
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
