//! Tokens by the client credentials grant.

use std::fmt;
use std::sync::Arc;

use eca_attest::ClientId;
use eca_http::{BoxFuture, HttpClient};

use crate::client::proof::{ClientCredential, ClientProof};
use crate::error::Error;
use crate::grants::client_credentials::ClientCredentialsGrant;
use crate::grants::response::TokenResponse;
use crate::instances::Instances;
use crate::secret::AccessToken;
use crate::sources::cache::TokenCache;
use crate::sources::{TokenSource, fetch};
use crate::urls::TokenEndpoint;

/// Tokens by the client credentials grant: cached, fetched by one caller at a time while the others
/// wait for its result, and renewed when invalidated or about to expire.
pub struct ClientCredentials {
    http: HttpClient,
    endpoint: TokenEndpoint,
    client_id: ClientId,
    credential: ClientCredential,
    cache: TokenCache,
}

impl ClientCredentials {
    /// Tokens of this client from this endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::LoginHost`] for an endpoint on a shared login host.
    pub fn new(
        http: HttpClient,
        endpoint: TokenEndpoint,
        client_id: ClientId,
        credential: ClientCredential,
    ) -> Result<Self, Error> {
        ClientCredentialsGrant::new(&endpoint, &client_id, ClientProof::None)?;
        Ok(Self {
            http,
            endpoint,
            client_id,
            credential,
            cache: TokenCache::default(),
        })
    }

    /// Refuses tokens of other orgs: those whose response has an `instance_url` that is not one of
    /// these. Without it, the caller has to check.
    #[must_use]
    pub fn for_instances(mut self, instances: Instances) -> Self {
        self.cache.restrict(instances);
        self
    }

    /// Fetches a token past the cache. The response also has the instance URL, for example.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn fetch(&self) -> Result<TokenResponse, Error> {
        let step = ClientCredentialsGrant::step(&self.endpoint);
        let proof = self.credential.proof(&step).await?;
        let request =
            ClientCredentialsGrant::new(&self.endpoint, &self.client_id, proof)?.request();
        let (http, idempotency) = self.credential.send_policy(&self.http);
        let response = fetch(&http, idempotency, step.clone(), request).await?;
        self.cache.check(&step, response)
    }
}

impl TokenSource for ClientCredentials {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>> {
        Box::pin(self.cache.token(self.http.timer(), self.fetch()))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        self.cache.invalidate(refused);
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
