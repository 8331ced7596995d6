//! The org behind its server.

pub(crate) mod cursor;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::SystemTime;

use http::{Method, StatusCode};

use crate::core::cursor::Cursors;
use crate::metadata::job::advance;
use crate::oauth::error::OauthError;
use crate::oauth::issue::signing::SigningKey;
use crate::server::call::Call;
use crate::state::users::{NewPassword, Proof};
use crate::state::{OrgConfig, State};
use crate::store::error::StoreError;
use crate::store::persister::Persister;
use crate::testing::clock::{Clock as _, ShiftedClock};
use crate::testing::expectation::{AnsweredRequest, Expectations};
use crate::testing::faults;
use crate::testing::faults::Fault;

/// The largest number of recorded requests, and the longest path of each, in characters.
const MAX_ANSWERED: usize = 10_000;
const MAX_PATH: usize = 1_000;

/// The org behind its server.
///
/// Every request is answered by code that neither waits nor sleeps: work that takes time on a real
/// org is *settled*, up to the current time, whenever the state is locked. Clients see no
/// difference, and tests need not wait.
///
/// A request reads the state through [`Core::read`] and changes it in a transaction,
/// [`Core::begin`] or [`Core::transact`]. Changes are on the disk before the answer is sent.
pub(crate) struct Core {
    pub(crate) config: OrgConfig,
    clock: ShiftedClock,
    state: Mutex<State>,
    key: OnceLock<Option<SigningKey>>,
    faults: Mutex<Vec<Fault>>,
    answered: Mutex<VecDeque<AnsweredRequest>>,
    expectations: Mutex<Expectations>,
    cursors: Mutex<Cursors>,
    persister: Option<Persister>,
    /// Whether the state has a change that is not on the disk.
    is_unsaved: AtomicBool,
}

impl Core {
    pub(crate) fn new(config: OrgConfig, clock: ShiftedClock, state: State) -> Self {
        Self {
            config,
            clock,
            state: Mutex::new(state),
            key: OnceLock::new(),
            faults: Mutex::default(),
            answered: Mutex::default(),
            expectations: Mutex::default(),
            cursors: Mutex::default(),
            persister: None,
            is_unsaved: AtomicBool::new(false),
        }
    }

    /// Stores the org, and later each of its changes.
    pub(crate) fn persist_with(
        &mut self,
        persister: Persister,
        key: Option<SigningKey>,
    ) -> Result<(), StoreError> {
        if let Some(key) = key {
            self.key = OnceLock::from(Some(key));
        }
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let key = self.key.get().and_then(Option::as_ref);
        persister.save(state, self.clock.shift(), key.map(SigningKey::expose_pkcs8))?;
        self.persister = Some(persister);
        Ok(())
    }

    /// The key that signs the org's tokens; called in a transaction, which stores a new key.
    pub(crate) fn signing_key(&self) -> Result<&SigningKey, OauthError> {
        self.key
            .get_or_init(SigningKey::generate)
            .as_ref()
            .ok_or_else(|| OauthError::new("server_error", "the org has no signing key"))
    }

    /// The key that signs the org's tokens, after it is stored.
    pub(crate) fn published_key(&self) -> Result<&SigningKey, OauthError> {
        let mut transaction = self.begin();
        transaction.is_changed = self.key.get().is_none();
        let key = self.signing_key();
        transaction.commit();
        key
    }

    /// The faults that are armed.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that applies to a request, if one is armed for it. This consumes one of its uses.
    pub(crate) fn take_fault(&self, call: &Call) -> Option<Fault> {
        faults::take(&mut self.faults(), call)
    }

    /// The requests to the org.
    pub(crate) fn answered(&self) -> MutexGuard<'_, VecDeque<AnsweredRequest>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request, and drops the oldest when there are too many.
    pub(crate) fn remember(&self, method: &Method, path: &str, status: Option<StatusCode>) {
        let mut answered = self.answered();
        if answered.len() >= MAX_ANSWERED {
            answered.pop_front();
        }
        answered.push_back(AnsweredRequest {
            method: method.to_string(),
            path: path.chars().take(MAX_PATH).collect(),
            status: status.map(|status| status.as_u16()),
        });
    }

    /// The queries with another page.
    pub(crate) fn cursors(&self) -> MutexGuard<'_, Cursors> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The expectations of tests.
    pub(crate) fn expectations(&self) -> MutexGuard<'_, Expectations> {
        let guard = self.expectations.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock, which can be moved forward and back while the org runs.
    pub(crate) fn clock(&self) -> &ShiftedClock {
        &self.clock
    }

    /// Changes the clock, stores it, and settles the work that is due.
    pub(crate) fn change_clock(&self, change: impl FnOnce(&ShiftedClock)) {
        change(&self.clock);
        let mut transaction = self.begin();
        transaction.is_changed = true;
        transaction.commit();
    }

    /// The state at the current time, read-only.
    pub(crate) fn read(&self) -> StateView<'_> {
        let (state, now) = self.lock();
        StateView { state, now }
    }

    /// Begins a change of the state at the current time.
    pub(crate) fn begin(&self) -> Transaction<'_> {
        let (state, now) = self.lock();
        Transaction {
            core: self,
            state,
            now,
            is_changed: false,
        }
    }

    /// Runs `change` in a transaction, which is committed whatever it returns: a request that fails
    /// can still change something, such as the number of failed logins.
    pub(crate) fn transact<T>(&self, change: impl FnOnce(&mut State, SystemTime) -> T) -> T {
        let mut transaction = self.begin();
        let now = transaction.now;
        let outcome = change(&mut transaction, now);
        transaction.commit();
        outcome
    }

    /// Locks the state and settles the work that is due. The result is stored at once, in its own
    /// transaction: an answer never shows what a restart would lose.
    fn lock(&self) -> (MutexGuard<'_, State>, SystemTime) {
        // A panic while the lock was held affects one answer, not the org.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let has_settled = advance::settle(&mut state, &self.config, now);
        if has_settled || self.is_unsaved.load(Ordering::Relaxed) {
            self.persist(&state);
        }
        (state, now)
    }

    /// Stores the state. A failure is kept for [`Core::storage_failure`], and the next lock tries
    /// again.
    fn persist(&self, state: &State) {
        if let Some(persister) = &self.persister {
            let key = self.key.get().and_then(Option::as_ref);
            let key = key.map(SigningKey::expose_pkcs8);
            let saved = persister.save(state, self.clock.shift(), key);
            self.is_unsaved.store(saved.is_err(), Ordering::Relaxed);
        }
    }

    /// Compares a password with a user's. That takes long: the state is locked only before it.
    pub(crate) fn prove(&self, username: &str, password: &str) -> Proof {
        // No user has an empty password, and many requests have no password.
        if password.is_empty() {
            return Proof::NONE;
        }
        let attempt = self.read().users.attempt(username);
        attempt.prove(password)
    }

    /// Hashes a new password. That takes long: the state is locked only before it.
    pub(crate) fn hash(&self, password: &str) -> NewPassword {
        let (salt, cost) = {
            // The generator is not stored, so this is not a change.
            let (mut state, _) = self.lock();
            (state.random.bytes(), state.users.cost())
        };
        NewPassword::derive(password, salt, cost)
    }

    /// Why the state could not be stored, if so, after another attempt.
    pub(crate) fn storage_failure(&self) -> Option<String> {
        if self.is_unsaved.load(Ordering::Relaxed) {
            drop(self.lock());
        }
        self.persister.as_ref()?.failure()
    }

    /// Closes the store.
    pub(crate) fn close(&self) {
        // A last attempt, if the state is not on the disk.
        self.storage_failure();
        if let Some(persister) = &self.persister {
            persister.close();
        }
    }
}

/// The locked state, read-only. Changes are impossible, so nothing is stored.
pub(crate) struct StateView<'a> {
    state: MutexGuard<'a, State>,
    now: SystemTime,
}

impl StateView<'_> {
    /// The time of the org's clock.
    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }
}

impl Deref for StateView<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

/// A change of the state, under its lock.
///
/// [`Transaction::commit`] stores the changes, and only then may the answer be sent. There is no
/// rollback: what a request changed before an error remains, so an error is committed too. A change
/// that is dropped without a commit is a bug in this crate: debug builds panic, others log it and
/// still store the change before the answer.
#[must_use = "a change is stored by `commit`"]
pub(crate) struct Transaction<'a> {
    core: &'a Core,
    state: MutexGuard<'a, State>,
    now: SystemTime,
    is_changed: bool,
}

impl Transaction<'_> {
    /// The time of the org's clock.
    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }

    /// Stores what changed, if anything did.
    pub(crate) fn commit(mut self) {
        if self.is_changed {
            self.is_changed = false;
            self.core.persist(&self.state);
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.is_changed = true;
        &mut self.state
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_changed {
            // `Core::storage_failure`, which precedes every answer, finds it.
            self.core.is_unsaved.store(true, Ordering::Relaxed);
            if !thread::panicking() {
                tracing::error!("a change of the state was not committed");
                debug_assert!(!self.is_changed, "a change of the state was not committed");
            }
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
