//! Storing an org while it runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::state::State;
use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::rows;
use crate::store::rows::Identity;

/// The store of a running org, and the part of the org that is not in its state.
pub(crate) struct Persister(Mutex<Inner>);

struct Inner {
    /// `None` once it was closed.
    store: Option<Store>,
    identity: Identity,
    failure: Option<String>,
    /// How often the org was stored.
    #[cfg(test)]
    saves: usize,
}

impl Persister {
    pub(crate) fn new(store: Store, identity: Identity) -> Self {
        Self(Mutex::new(Inner {
            store: Some(store),
            identity,
            failure: None,
            #[cfg(test)]
            saves: 0,
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the org. A failure is remembered until a later attempt succeeds.
    pub(crate) fn save(
        &self,
        state: &State,
        clock_shift: (i64, i32),
        signing_key: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.identity.clock_shift = clock_shift;
        #[cfg(test)]
        {
            inner.saves += 1;
        }
        let Some(store) = &inner.store else {
            return Ok(());
        };
        let saved =
            rows::write(&inner.identity, state, signing_key).and_then(|rows| store.commit(rows));
        inner.failure = saved.as_ref().err().map(|error| {
            let text = chain(error);
            tracing::error!(error = text, "the state cannot be stored");
            text
        });
        saved
    }

    #[cfg(test)]
    pub(crate) fn saves(&self) -> usize {
        self.inner().saves
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.inner().failure.clone()
    }

    /// Closes the store.
    pub(crate) fn close(&self) {
        self.inner().store = None;
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
