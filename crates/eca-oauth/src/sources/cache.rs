//! One token, fetched by one caller at a time while the others wait for its result.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eca_http::Timer;
use futures_util::lock::Mutex as AsyncMutex;

use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::secret::AccessToken;

/// The cache behind every source that can fetch.
#[derive(Debug, Default)]
pub(crate) struct TokenCache {
    cached: Mutex<Option<Cached>>,
    /// Locked during a fetch. If that future is dropped, the next waiting caller fetches.
    fetching: AsyncMutex<()>,
}

#[derive(Debug)]
struct Cached {
    token: Arc<AccessToken>,
    /// On the timer's monotonic clock; `None` when the server sent no lifetime.
    renew_at: Option<Duration>,
}

/// A token is renewed this long before it expires.
const RENEWAL_MARGIN: Duration = Duration::from_mins(1);

impl TokenCache {
    /// The cached token, or the one that `fetch` gets.
    pub(crate) async fn token(
        &self,
        timer: &dyn Timer,
        fetch: impl Future<Output = Result<TokenResponse, Error>>,
    ) -> Result<Arc<AccessToken>, Error> {
        if let Some(token) = self.current(timer) {
            return Ok(token);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(token) = self.current(timer) {
            return Ok(token);
        }
        let requested_at = timer.monotonic();
        let response = fetch.await?;
        let token = Arc::new(response.access_token);
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Cached {
            token: Arc::clone(&token),
            renew_at: response.expires_in.map(|lifetime| {
                requested_at.saturating_add(lifetime.saturating_sub(RENEWAL_MARGIN))
            }),
        });
        Ok(token)
    }

    /// Discards `refused`, but no newer token.
    pub(crate) fn invalidate(&self, refused: &Arc<AccessToken>) {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached
            .as_ref()
            .is_some_and(|cached| Arc::ptr_eq(&cached.token, refused))
        {
            *cached = None;
        }
    }

    fn current(&self, timer: &dyn Timer) -> Option<Arc<AccessToken>> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cached.as_ref()?;
        let now = timer.monotonic();
        let valid = cached.renew_at.is_none_or(|renew_at| now < renew_at);
        valid.then(|| Arc::clone(&cached.token))
    }
}
