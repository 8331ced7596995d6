//! A token that is handed out again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use thread_local::ThreadLocal;

use crate::mint::attestation::SignedAttestation;

/// The token that a minter hands out until shortly before it expires.
///
/// Each thread has an owner of it in a slot of its own. One that all shared would be slower from
/// two threads than from one: to hand it out its owners have to be counted, and a count that is
/// written from two cores costs more than everything else here.
#[derive(Default)]
pub(crate) struct KeptToken {
    /// Locked before a slot is filled or emptied, so that none outlives [`forget`](Self::forget).
    latest: Mutex<Option<Kept>>,
    slots: ThreadLocal<Slot>,
}

/// What one thread hands out. Aligned to two cache lines, which are fetched together, so that no
/// other thread's slot lies in them.
#[derive(Default)]
#[repr(align(128))]
struct Slot(Mutex<Option<Kept>>);

/// A token, and when it may be handed out.
#[derive(Clone)]
struct Kept {
    token: Arc<SignedAttestation>,
    from: SystemTime,
    until: SystemTime,
}

impl KeptToken {
    /// The token, if there is one that may be handed out `now`.
    pub(crate) fn get(&self, now: SystemTime) -> Option<Arc<SignedAttestation>> {
        let slot = self.slots.get_or_default();
        if let Some(kept) = lock(&slot.0).as_ref().filter(|kept| kept.holds(now)) {
            return Some(Arc::clone(&kept.token));
        }
        let latest = lock(&self.latest);
        let kept = latest.as_ref().filter(|kept| kept.holds(now))?;
        let kept = Kept {
            token: Arc::new(kept.token.share()),
            ..*kept
        };
        let token = Arc::clone(&kept.token);
        *lock(&slot.0) = Some(kept);
        Some(token)
    }

    /// Keeps one that was signed `now`; at most half of its lifetime counts as `margin`.
    pub(crate) fn put(&self, token: &Arc<SignedAttestation>, now: SystemTime, margin: Duration) {
        let kept = Kept::new(Arc::clone(token), now, margin);
        let mut latest = lock(&self.latest);
        *lock(&self.slots.get_or_default().0) = Some(kept.clone());
        *latest = Some(kept);
    }

    /// Forgets the token, in every thread.
    pub(crate) fn forget(&self) {
        let mut latest = lock(&self.latest);
        for slot in &self.slots {
            *lock(&slot.0) = None;
        }
        *latest = None;
    }
}

impl Kept {
    fn new(token: Arc<SignedAttestation>, now: SystemTime, margin: Duration) -> Kept {
        let end = token.expires_at().to_system_time();
        let lifetime = end.duration_since(now).unwrap_or_default();
        let until = end.checked_sub(margin.min(lifetime / 2));
        Kept {
            token,
            from: now,
            until: until.unwrap_or(now),
        }
    }

    /// A clock that was set back would send a token from the future.
    fn holds(&self, now: SystemTime) -> bool {
        self.from <= now && now < self.until
    }
}

fn lock(kept: &Mutex<Option<Kept>>) -> MutexGuard<'_, Option<Kept>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
