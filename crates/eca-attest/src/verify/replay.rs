//! Remembering which tokens were seen.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Remembers the `jti` of every accepted token until that token has expired.
pub trait ReplayStore: Send + Sync {
    /// Records a token, unless it is there already. Must be atomic: of two calls with the same
    /// issuer and id, at most one is told [`Seen::First`].
    ///
    /// The entry has to be kept until `keep_until` at least; `now` is the time of the call.
    ///
    /// # Errors
    /// If the store cannot tell. The token is then refused.
    fn record(
        &self,
        issuer: &str,
        id: &str,
        keep_until: SystemTime,
        now: SystemTime,
    ) -> Result<Seen, ReplayError>;
}

/// What a store knows about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is new, and recorded now.
    First,
    /// It was recorded before.
    Again,
}

/// A replay store cannot tell whether it has seen a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// It holds as many live entries as it may.
    #[error("the replay store is full with {entries} tokens that are still valid")]
    Full {
        /// How many it holds.
        entries: usize,
    },
    /// The database or cache behind it failed.
    #[error("the replay store failed")]
    Store(#[source] Box<dyn Error + Send + Sync>),
}

/// A store in memory, for one process. Expired entries are dropped on every call, so it grows
/// only with the number of tokens that are valid at one time, up to a limit.
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

    /// A store for at most that many tokens that are valid at one time. When it is full, it
    /// refuses new ones: forgetting a live one would let it be replayed.
    pub fn with_limit(limit: usize) -> MemoryReplayStore {
        MemoryReplayStore {
            state: Mutex::default(),
            limit,
        }
    }

    /// How many entries it holds.
    pub fn len(&self) -> usize {
        self.lock().seen.len()
    }

    /// Whether it holds no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing below panics between the two updates, so a poisoned state is still whole.
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
