//! The cache of a minter.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use crate::jwt::date::NumericDate;
use crate::jwt::signed::SignedJwt;

/// The token that a minter returns until shortly before it expires.
#[derive(Default)]
pub(crate) struct TokenCache(RwLock<Option<CachedToken>>);

/// A token, and the period in which it may be returned.
struct CachedToken {
    token: Arc<SignedJwt>,
    from: SystemTime,
    until: SystemTime,
}

impl TokenCache {
    /// The token, if it may be returned `now`.
    pub(crate) fn get(&self, now: SystemTime) -> Option<Arc<SignedJwt>> {
        let cached = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // If the clock was set back, servers would see a token from the future.
        let cached = cached.as_ref();
        let cached = cached.filter(|cached| cached.from <= now && now < cached.until)?;
        Some(Arc::clone(&cached.token))
    }

    /// Caches a token that was signed `now`. The margin is at most half of its lifetime.
    pub(crate) fn put(&self, token: &Arc<SignedJwt>, now: SystemTime, margin: Duration) {
        let end = token.expires_at().map_or(now, NumericDate::to_system_time);
        let lifetime = end.duration_since(now).unwrap_or_default();
        let until = end.checked_sub(margin.min(lifetime / 2));
        self.set(Some(CachedToken {
            token: Arc::clone(token),
            from: now,
            until: until.unwrap_or(now),
        }));
    }

    pub(crate) fn clear(&self) {
        self.set(None);
    }

    fn set(&self, cached: Option<CachedToken>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = cached;
    }
}
