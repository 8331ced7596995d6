//! Detects replay of tokens.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Records the `jti` of every accepted token until that token expires.
pub trait ReplayStore: Send + Sync {
    /// Records a token, unless it is recorded already. The call must be atomic: of two calls with
    /// the same issuer and id, at most one returns [`Seen::First`].
    ///
    /// The entry must be kept at least until `keep_until`; `now` is the time of the call.
    ///
    /// # Errors
    /// If the store fails. The token is then refused.
    fn record(
        &self,
        issuer: &str,
        id: &str,
        keep_until: SystemTime,
        now: SystemTime,
    ) -> Result<Seen, ReplayError>;
}

/// Whether a token was recorded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The token is new.
    First,
    /// The token was recorded before.
    Again,
}

/// A replay store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The limit is reached.
    #[error("the replay store is full with {entries} tokens that are still valid")]
    Full {
        /// The number of entries.
        entries: usize,
    },
    /// The database or cache failed.
    #[error("the replay store failed")]
    Store(#[source] Box<dyn Error + Send + Sync>),
}

/// A replay store in memory, for one process. Each call drops expired entries, so the size is the
/// number of tokens that are valid at one time, up to a limit.
#[derive(Debug)]
pub struct MemoryReplayStore {
    state: Mutex<State>,
    limit: usize,
}

/// Issuer and `jti`.
type Key = (String, String);

#[derive(Debug, Default)]
struct State {
    seen: HashMap<Key, SystemTime>,
    by_expiry: BTreeSet<(SystemTime, Key)>,
}

impl MemoryReplayStore {
    /// The limit of [`MemoryReplayStore::default`].
    pub const DEFAULT_LIMIT: usize = 100_000;

    /// A store for at most `limit` tokens that are valid at one time. A full store refuses new
    /// tokens: a token without an entry could be replayed.
    pub fn with_limit(limit: usize) -> MemoryReplayStore {
        MemoryReplayStore {
            state: Mutex::default(),
            limit,
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.lock().seen.len()
    }

    /// Whether the store has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // No code panics between the two updates, so a poisoned state is consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        MemoryReplayStore::with_limit(MemoryReplayStore::DEFAULT_LIMIT)
    }
}

impl ReplayStore for MemoryReplayStore {
    fn record(
        &self,
        issuer: &str,
        id: &str,
        keep_until: SystemTime,
        now: SystemTime,
    ) -> Result<Seen, ReplayError> {
        let mut state = self.lock();
        while let Some((expiry, _)) = state.by_expiry.first()
            && *expiry < now
            && let Some((_, key)) = state.by_expiry.pop_first()
        {
            state.seen.remove(&key);
        }
        let key = (issuer.to_owned(), id.to_owned());
        if state.seen.contains_key(&key) {
            return Ok(Seen::Again);
        }
        if state.seen.len() >= self.limit {
            let entries = state.seen.len();
            return Err(ReplayError::Full { entries });
        }
        state.seen.insert(key.clone(), keep_until);
        state.by_expiry.insert((keep_until, key));
        Ok(Seen::First)
    }
}
