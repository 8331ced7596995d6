//! The org behind its server.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use http::{Method, StatusCode};

use crate::metadata::job::advance;
use crate::oauth::error::OauthError;
use crate::oauth::issue::signing::SigningKey;
use crate::server::call::Call;
use crate::state::users::{NewPassword, Proof};
use crate::state::{Facts, State};
use crate::store::StoreError;
use crate::store::keeper::Keeper;
use crate::testing::clock::{Clock as _, ShiftedClock};
use crate::testing::expectation::{AnsweredRequest, Expectations};
use crate::testing::faults;
use crate::testing::faults::Fault;

/// Most requests that are remembered.
const MAX_ANSWERED: usize = 10_000;

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
    answered: Mutex<VecDeque<AnsweredRequest>>,
    expectations: Mutex<Expectations>,
    keeper: Option<Keeper>,
}

impl Core {
    pub(crate) fn new(facts: Facts, clock: ShiftedClock, state: State) -> Self {
        Self {
            facts,
            clock,
            state: Mutex::new(state),
            key: OnceLock::new(),
            faults: Mutex::default(),
            answered: Mutex::default(),
            expectations: Mutex::default(),
            keeper: None,
        }
    }

    /// Lets everything that changes from now on be stored, and everything that is there.
    pub(crate) fn keep(
        &mut self,
        keeper: Keeper,
        key: Option<SigningKey>,
    ) -> Result<(), StoreError> {
        if let Some(key) = key {
            self.key = OnceLock::from(Some(key));
        }
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let key = self.key.get().and_then(Option::as_ref);
        keeper.save(state, self.clock.shift(), key.map(SigningKey::expose_pkcs8))?;
        self.keeper = Some(keeper);
        Ok(())
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

    /// The fault that hits a request, if one is armed for it; it is used up by one.
    pub(crate) fn strike(&self, call: &Call) -> Option<Fault> {
        faults::strike(&mut self.faults(), call)
    }

    /// What was asked of the org.
    pub(crate) fn answered(&self) -> MutexGuard<'_, VecDeque<AnsweredRequest>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a request, and forgets the oldest where there are too many.
    pub(crate) fn remember(&self, method: &Method, path: &str, status: Option<StatusCode>) {
        let mut answered = self.answered();
        if answered.len() >= MAX_ANSWERED {
            answered.pop_front();
        }
        answered.push_back(AnsweredRequest {
            method: method.to_string(),
            path: path.to_owned(),
            status: status.map(|own| own.as_u16()),
        });
    }

    /// What tests expect.
    pub(crate) fn expectations(&self) -> MutexGuard<'_, Expectations> {
        let guard = self.expectations.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock, which can be put forward and back while the org runs.
    pub(crate) fn clock(&self) -> &ShiftedClock {
        &self.clock
    }

    /// The state as of now, and the time. What is changed through it is stored when it is given
    /// back.
    pub(crate) fn state(&self) -> (Held<'_>, SystemTime) {
        // A panic while the lock was held spoils one answer, not the org.
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let now = self.clock.now();
        let mut is_changed = advance::settle(state, &self.facts, now);
        let before = state.metadata.rotated.len();
        state.metadata.rotated.retain(|own| now < own.until);
        is_changed |= state.metadata.rotated.len() != before;
        let held = Held {
            core: self,
            guard,
            is_changed,
        };
        (held, now)
    }

    /// Compares a password with a user's. That takes long: the state is locked only before it.
    pub(crate) fn prove(&self, username: &str, password: &str) -> Proof {
        // Nobody has this one, and requests without a password are many.
        if password.is_empty() {
            return Proof::NONE;
        }
        let attempt = self.state().0.users.attempt(username);
        attempt.prove(password)
    }

    /// Hashes a password that is about to be somebody's. That takes long: the state is locked only
    /// before it.
    pub(crate) fn hash(&self, password: &str) -> NewPassword {
        let (salt, cost) = {
            let (mut state, _) = self.state();
            (state.random.bytes(), state.users.cost())
        };
        NewPassword::derive(password, salt, cost)
    }

    /// Stores what changed beside the state: the clock, the signing key.
    pub(crate) fn save(&self) {
        self.state().0.is_changed = true;
    }

    /// Why the state is not on the disk as it should be, if that is so.
    pub(crate) fn storage_failure(&self) -> Option<String> {
        self.keeper.as_ref()?.failure()
    }

    /// Stores what is there for the last time and lets go of the files.
    pub(crate) fn close(&self) {
        self.save();
        if let Some(keeper) = &self.keeper {
            keeper.close();
        }
    }
}

/// The locked state.
pub(crate) struct Held<'a> {
    core: &'a Core,
    guard: MutexGuard<'a, State>,
    is_changed: bool,
}

impl Deref for Held<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.guard
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.is_changed = true;
        &mut self.guard
    }
}

impl Drop for Held<'_> {
    /// The answer that rests on a change goes out after this.
    fn drop(&mut self) {
        if let Some(keeper) = &self.core.keeper
            && (self.is_changed || keeper.has_failed())
        {
            let key = self.core.key.get().and_then(Option::as_ref);
            // Whoever is answered next is told of a failure.
            let _ = keeper.save(
                &self.guard,
                self.core.clock.shift(),
                key.map(SigningKey::expose_pkcs8),
            );
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
