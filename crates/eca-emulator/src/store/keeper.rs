//! Keeping an org in its store while it runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::state::State;
use crate::store::rows::Identity;
use crate::store::{Store, StoreError, rows};

/// The store of a running org, and what of the org is not in its state.
pub(crate) struct Keeper(Mutex<Inner>);

struct Inner {
    /// `None` once it was closed.
    store: Option<Store>,
    identity: Identity,
    failure: Option<String>,
}

impl Keeper {
    pub(crate) fn new(store: Store, identity: Identity) -> Self {
        Self(Mutex::new(Inner {
            store: Some(store),
            identity,
            failure: None,
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the org as it is. A failure is kept until a later attempt succeeds.
    pub(crate) fn save(
        &self,
        state: &State,
        clock_shift: (i64, i32),
        signing_key: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.identity.clock_shift = clock_shift;
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

    pub(crate) fn failure(&self) -> Option<String> {
        self.inner().failure.clone()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.inner().failure.is_some()
    }

    /// Lets go of the files.
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
