//! The challenge endpoint of a site, discovered once in a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::urls::ChallengeEndpoint;

/// The endpoint that the site's metadata named last.
#[derive(Debug, Default)]
pub(super) struct EndpointCache(Mutex<Option<Discovered>>);

#[derive(Debug)]
struct Discovered {
    endpoint: ChallengeEndpoint,
    /// On the timer's monotonic clock.
    until: Duration,
}

/// A site whose endpoint moves is followed within an hour.
const LIFETIME: Duration = Duration::from_hours(1);

impl EndpointCache {
    pub(super) fn get(&self, now: Duration) -> Option<ChallengeEndpoint> {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let current = cached.as_ref().filter(|cached| now < cached.until)?;
        Some(current.endpoint.clone())
    }

    pub(super) fn put(&self, endpoint: ChallengeEndpoint, now: Duration) {
        let until = now.saturating_add(LIFETIME);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Discovered { endpoint, until });
    }
}
