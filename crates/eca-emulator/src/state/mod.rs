//! Everything the org remembers.

pub(crate) mod components;
pub(crate) mod grants;
pub(crate) mod record;
pub(crate) mod refresh;
mod setup;
pub(crate) mod users;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use eca_model::ApiVersion;

use crate::{
    clock::{Clock as _, ShiftedClock},
    faults::Fault,
    ids::{Ids, RecordId},
    kind::OrgKind,
    metadata::jobs::Jobs,
    oauth::{
        attestation::Replays, error::OauthError, headless::verification::Verifications,
        signing::SigningKey,
    },
    org::Pace,
    profile::ChallengeProfile,
    random::Random,
    secret::Secret,
    site::SiteSettings,
    state::{components::Metadata, grants::Grants, users::Users},
};

/// What is settled when the org starts.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Read by [`Facts::org_id`].
    pub(crate) current_org_id: RwLock<RecordId>,
    pub(crate) kind: OrgKind,
    pub(crate) started: SystemTime,
    pub(crate) site_id: RecordId,
    pub(crate) admin_username: String,
    /// Without a slash at the end.
    pub(crate) instance_url: String,
    /// Path of the Experience Cloud site, with a slash before and none behind.
    pub(crate) site_path: String,
    pub(crate) api_version: ApiVersion,
    pub(crate) profile: ChallengeProfile,
}

impl Facts {
    /// The org's id, which only a refresh changes.
    pub(crate) fn org_id(&self) -> RecordId {
        let id = self.current_org_id.read();
        id.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_org_id(&self, id: RecordId) {
        let mut own = self
            .current_org_id
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *own = id;
    }

    pub(crate) fn site_url(&self) -> String {
        format!("{}{}", self.instance_url, self.site_path)
    }
}

/// A row of the login history.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) time: SystemTime,
    pub(crate) user: RecordId,
    pub(crate) app: String,
    /// `Success`, or why not.
    pub(crate) status: String,
}

/// A one-time password that would be in somebody's mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) time: SystemTime,
    pub(crate) to: String,
    pub(crate) otp: Arc<Secret>,
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
    /// How long jobs take.
    pub(crate) pace: Pace,
    /// How long the login servers take to learn of a new consumer key.
    pub(crate) propagation: Duration,
    pub(crate) grants: Grants,
    /// Oldest first.
    pub(crate) logins: Vec<Login>,
    /// Oldest first.
    pub(crate) outbox: Vec<Mail>,
    /// Whether secrets are given out over REST.
    pub(crate) shows_secrets: bool,
    pub(crate) replays: Replays,
    /// What headless clients may do.
    pub(crate) site: SiteSettings,
    /// One-time passwords of the Headless Identity APIs.
    pub(crate) verifications: Verifications,
}

/// The org behind its server.
///
/// Every request is answered by code that neither waits nor sleeps: work that takes time on a real
/// org is *settled*, up to the current time, whenever somebody looks. Nobody can see the
/// difference, and tests need no waiting.
pub(crate) struct Core {
    pub(crate) facts: Facts,
    clock: ShiftedClock,
    state: Mutex<State>,
    key: OnceLock<Option<SigningKey>>,
    faults: Mutex<Vec<Fault>>,
}

impl Core {
    pub(crate) fn new(facts: Facts, clock: ShiftedClock, state: State) -> Self {
        Self {
            facts,
            clock,
            state: Mutex::new(state),
            key: OnceLock::new(),
            faults: Mutex::default(),
        }
    }

    /// The key that signs what the org issues.
    pub(crate) fn signing_key(&self) -> Result<&SigningKey, OauthError> {
        self.key
            .get_or_init(SigningKey::generate)
            .as_ref()
            .ok_or_else(|| OauthError::new("server_error", "the org has no signing key"))
    }

    /// The faults that are armed.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock, which can be put forward and back while the org runs.
    pub(crate) fn clock(&self) -> &ShiftedClock {
        &self.clock
    }

    /// The state as of now, and the time.
    pub(crate) fn state(&self) -> (MutexGuard<'_, State>, SystemTime) {
        // A panic while the lock was held spoils one answer, not the org.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        crate::metadata::jobs::settle(&mut state, &self.facts, now);
        state.metadata.rotated.retain(|own| now < own.until);
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
