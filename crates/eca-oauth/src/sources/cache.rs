//! One token, fetched by one caller at a time while the others wait for its result.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eca_http::Timer;
use futures_util::lock::Mutex as AsyncMutex;

use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::instances::Instances;
use crate::secret::AccessToken;
use crate::step::Step;

/// The cache behind every source that can fetch.
#[derive(Debug, Default)]
pub(crate) struct TokenCache {
    state: Mutex<State>,
    /// The instances that the tokens may belong to; `None` for any.
    instances: Option<Instances>,
    /// Locked during a fetch. If that future is dropped, the next waiting caller fetches.
    fetching: AsyncMutex<()>,
}

#[derive(Debug, Default)]
struct State {
    cached: Option<Cached>,
    /// How many fetches failed. A caller that finds a larger number after its wait has waited for
    /// one of them.
    failures: u64,
    /// The error of the last of them, until a fetch succeeds.
    error: Option<Arc<Error>>,
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
    /// Accepts only tokens of these instances.
    pub(crate) fn restrict(&mut self, instances: Instances) {
        self.instances = Some(instances);
    }

    /// Refuses a token of another instance.
    pub(crate) fn check(
        &self,
        step: &Step,
        response: TokenResponse,
    ) -> Result<TokenResponse, Error> {
        if let (Some(instances), Some(actual)) = (&self.instances, &response.instance_url) {
            let checked = instances.check(actual);
            checked.map_err(|source| Error::OtherInstance {
                step: step.clone(),
                source,
            })?;
        }
        Ok(response)
    }

    /// The cached token, or the one that `fetch` gets. If it fails, every caller that waited gets
    /// its error, so that a burst is one request to a server that refuses; the next call fetches
    /// again.
    pub(crate) async fn token(
        &self,
        timer: &dyn Timer,
        fetch: impl Future<Output = Result<TokenResponse, Error>>,
    ) -> Result<Arc<AccessToken>, Arc<Error>> {
        let failures = {
            let state = self.state();
            if let Some(token) = state.current(timer) {
                return Ok(token);
            }
            state.failures
        };
        let _fetching = self.fetching.lock().await;
        {
            let state = self.state();
            if let Some(token) = state.current(timer) {
                return Ok(token);
            }
            let failed = state.failures > failures;
            if let Some(error) = state.error.as_ref().filter(|_| failed) {
                return Err(Arc::clone(error));
            }
        }
        let requested_at = timer.monotonic();
        let fetched = fetch.await.map_err(Arc::new);
        let mut state = self.state();
        match fetched {
            Ok(response) => {
                let token = Arc::new(response.access_token);
                state.error = None;
                state.cached = Some(Cached {
                    token: Arc::clone(&token),
                    renew_at: response.expires_in.map(|lifetime| {
                        requested_at.saturating_add(lifetime.saturating_sub(RENEWAL_MARGIN))
                    }),
                });
                Ok(token)
            }
            Err(error) => {
                state.failures += 1;
                state.error = Some(Arc::clone(&error));
                Err(error)
            }
        }
    }

    /// Discards `refused`, but no newer token.
    pub(crate) fn invalidate(&self, refused: &Arc<AccessToken>) {
        let mut state = self.state();
        let cached = state.cached.as_ref();
        if cached.is_some_and(|cached| Arc::ptr_eq(&cached.token, refused)) {
            state.cached = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn current(&self, timer: &dyn Timer) -> Option<Arc<AccessToken>> {
        let cached = self.cached.as_ref()?;
        let now = timer.monotonic();
        let valid = cached.renew_at.is_none_or(|renew_at| now < renew_at);
        valid.then(|| Arc::clone(&cached.token))
    }
}
