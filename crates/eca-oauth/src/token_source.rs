//! Access tokens for whoever calls an org's APIs, without knowing where they come from.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use eca_http::{BoxFuture, HttpClient, Idempotency};
use futures_util::lock::Mutex as AsyncMutex;

use crate::{AccessToken, ClientCredentialsGrant, Error, TokenResponse};

/// Gives access tokens.
///
/// A caller whose request came back with 401 hands the refused token to
/// [`invalidate`](Self::invalidate), asks again, and gives up if the next one is refused too.
pub trait TokenSource: Send + Sync {
    /// A token that is believed good; cached, so cheap to call for each request.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange that should have given one.
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Error>>;

    /// Says that `refused`, as it was returned here, is no longer good. A newer token stays: of two
    /// requests that failed with the old one, the second must not throw away what the first one's
    /// renewal got.
    fn invalidate(&self, refused: &Arc<AccessToken>);
}

impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Error>> {
        (**self).access_token()
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        (**self).invalidate(refused);
    }
}

/// One token, given from outside. Once refused, it stays refused.
#[derive(Debug)]
pub struct StaticToken {
    token: Arc<AccessToken>,
    refused: Mutex<bool>,
}

impl StaticToken {
    /// This token.
    pub fn new(token: AccessToken) -> Self {
        Self {
            token: Arc::new(token),
            refused: Mutex::new(false),
        }
    }
}

impl TokenSource for StaticToken {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Error>> {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let token = if refused {
            Err(Error::TokenRefused)
        } else {
            Ok(Arc::clone(&self.token))
        };
        Box::pin(std::future::ready(token))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        if Arc::ptr_eq(refused, &self.token) {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
    }
}

/// Tokens by the client credentials grant: cached, fetched by one caller at a time while the others
/// wait for its result, and fetched anew once invalidated or about to expire.
pub struct ClientCredentials {
    http: HttpClient,
    grant: ClientCredentialsGrant,
    cached: Mutex<Option<Cached>>,
    /// Held by whoever fetches. If its future is dropped, the next in line fetches.
    fetching: AsyncMutex<()>,
}

#[derive(Debug)]
struct Cached {
    token: Arc<AccessToken>,
    /// On the timer's monotonic clock; `None` when the server did not say.
    renew_at: Option<Duration>,
}

/// A token is not handed out when it has less than this left.
const EARLY: Duration = Duration::from_mins(1);

impl ClientCredentials {
    /// Tokens by this grant.
    pub fn new(http: HttpClient, grant: ClientCredentialsGrant) -> Self {
        Self {
            http,
            grant,
            cached: Mutex::new(None),
            fetching: AsyncMutex::new(()),
        }
    }

    /// Fetches a token past the cache, with all that the server says about it, such as the instance
    /// URL.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn fetch(&self) -> Result<TokenResponse, Error> {
        let step = self.grant.step();
        // One more token harms nobody, so asking twice is fine.
        let response = self
            .http
            .send(Idempotency::Idempotent, self.grant.request())
            .await
            .map_err(|source| Error::Transport {
                step: step.clone(),
                source,
            })?;
        TokenResponse::parse(&step, &response)
    }

    fn cached(&self) -> Option<Arc<AccessToken>> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cached.as_ref()?;
        let now = self.http.timer().monotonic();
        let good = cached.renew_at.is_none_or(|renew_at| now < renew_at);
        good.then(|| Arc::clone(&cached.token))
    }

    async fn token(&self) -> Result<Arc<AccessToken>, Error> {
        if let Some(token) = self.cached() {
            return Ok(token);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(token) = self.cached() {
            return Ok(token);
        }
        let asked_at = self.http.timer().monotonic();
        let answer = self.fetch().await?;
        let token = Arc::new(answer.access_token);
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Cached {
            token: Arc::clone(&token),
            renew_at: answer
                .expires_in
                .map(|lifetime| asked_at.saturating_add(lifetime.saturating_sub(EARLY))),
        });
        Ok(token)
    }
}

impl TokenSource for ClientCredentials {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Error>> {
        Box::pin(self.token())
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached
            .as_ref()
            .is_some_and(|cached| Arc::ptr_eq(&cached.token, refused))
        {
            *cached = None;
        }
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}
