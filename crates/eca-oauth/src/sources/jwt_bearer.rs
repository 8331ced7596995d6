//! Tokens by the JWT bearer grant.

use std::fmt;
use std::sync::Arc;

use eca_http::{BoxFuture, HttpClient};

use crate::client::proof;
use crate::client::proof::AssertionSource;
use crate::error::Error;
use crate::grants::jwt_bearer::JwtBearerGrant;
use crate::grants::response::TokenResponse;
use crate::instances::Instances;
use crate::secret::AccessToken;
use crate::sources::cache::TokenCache;
use crate::sources::{TokenSource, fetch_once};
use crate::urls::TokenEndpoint;

/// Tokens by the JWT bearer grant: cached and renewed as with
/// [`ClientCredentials`](crate::sources::client_credentials::ClientCredentials), each time with a
/// fresh assertion.
pub struct JwtBearer {
    http: HttpClient,
    endpoint: TokenEndpoint,
    assertions: Arc<dyn AssertionSource>,
    cache: TokenCache,
}

impl JwtBearer {
    /// Tokens from this endpoint for these assertions.
    pub fn new(
        http: HttpClient,
        endpoint: TokenEndpoint,
        assertions: Arc<dyn AssertionSource>,
    ) -> Self {
        Self {
            http,
            endpoint,
            assertions,
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

    /// Fetches a token past the cache. The assertion may be valid for one request only, so the
    /// request is retried only if it was certainly not sent.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn fetch(&self) -> Result<TokenResponse, Error> {
        let step = JwtBearerGrant::step(&self.endpoint);
        let assertion = proof::assertion(&*self.assertions, &step).await?;
        let request = JwtBearerGrant::new(&self.endpoint, assertion).into_request();
        let response = fetch_once(&self.http, step.clone(), request).await?;
        self.cache.check(&step, response)
    }
}

impl TokenSource for JwtBearer {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>> {
        Box::pin(self.cache.token(self.http.timer(), self.fetch()))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        self.cache.invalidate(refused);
    }
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearer")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
