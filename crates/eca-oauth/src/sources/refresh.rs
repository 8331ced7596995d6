//! Tokens by the refresh token grant.

use std::fmt;
use std::sync::Arc;

use eca_attest::ClientId;
use eca_http::{BoxFuture, HttpClient};

use crate::client::proof::ClientCredential;
use crate::error::Error;
use crate::grants::refresh::RefreshGrant;
use crate::grants::response::TokenResponse;
use crate::instances::Instances;
use crate::secret::AccessToken;
use crate::sources::cache::TokenCache;
use crate::sources::refresh_store::{RefreshStore, RefreshStoreError};
use crate::sources::{TokenSource, fetch_once};
use crate::urls::TokenEndpoint;

/// Tokens by the refresh token grant: cached and renewed as with
/// [`ClientCredentials`](crate::sources::client_credentials::ClientCredentials).
///
/// The store is locked from before the request until a rotated token is stored, and only then is
/// the access token returned. The request is retried only if it was certainly not sent: the
/// token in it may be used up. A future of this source that is dropped
/// during the request may lose a rotated token, so let it finish.
pub struct RefreshTokens {
    http: HttpClient,
    endpoint: TokenEndpoint,
    client_id: ClientId,
    credential: ClientCredential,
    store: Arc<dyn RefreshStore>,
    cache: TokenCache,
}

impl RefreshTokens {
    /// Tokens of this client from this endpoint.
    pub fn new(
        http: HttpClient,
        endpoint: TokenEndpoint,
        client_id: ClientId,
        credential: ClientCredential,
        store: Arc<dyn RefreshStore>,
    ) -> Self {
        Self {
            http,
            endpoint,
            client_id,
            credential,
            store,
            cache: TokenCache::default(),
        }
    }

    /// Refuses tokens of other orgs: those whose response has an `instance_url` that is not one of
    /// these. Without it, the caller has to check.
    #[must_use]
    pub fn for_instances(mut self, instances: Instances) -> Self {
        self.cache.restrict(instances);
        self
    }

    /// Fetches a token past the cache. A rotated refresh token is in the store and no longer in the
    /// response.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange, or [`Error::Store`].
    pub async fn fetch(&self) -> Result<TokenResponse, Error> {
        let step = RefreshGrant::step(&self.endpoint);
        let failed = |source: RefreshStoreError, lost| Error::Store {
            step: step.clone(),
            source,
            lost,
        };
        let mut stored = self.store.lock().await.map_err(|e| failed(e, false))?;
        let proof = self.credential.proof(&step).await?;
        let grant = RefreshGrant::new(&self.endpoint, &self.client_id, proof);
        let request = grant.request(stored.token());
        let mut response = fetch_once(&self.http, step.clone(), request).await?;
        if let Some(next) = response.refresh_token.take()
            && next.expose_secret() != stored.token().expose_secret()
        {
            let replaced = stored.replace(next).await;
            replaced.map_err(|e| failed(e, true))?;
        }
        self.cache.check(&step, response)
    }
}

impl TokenSource for RefreshTokens {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>> {
        Box::pin(self.cache.token(self.http.timer(), self.fetch()))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        self.cache.invalidate(refused);
    }
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokens")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
