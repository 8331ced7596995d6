//! Access tokens for whoever calls an org's APIs, without knowing where they come from.

pub(crate) mod attestation;
pub(crate) mod cache;
pub(crate) mod jwt_bearer;
pub(crate) mod refresh;
pub(crate) mod refresh_store;
pub(crate) mod subject_token;
pub(crate) mod token_exchange;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use eca_http::{BoxFuture, HttpClient, Idempotency};

use crate::client::ClientId;
use crate::client::proof::{ClientCredential, ClientProof};
use crate::error::Error;
use crate::grants::grant::ClientCredentialsGrant;
use crate::grants::response::TokenResponse;
use crate::secret::AccessToken;
use crate::sources::cache::TokenCache;
use crate::step::Step;
use crate::urls::TokenEndpoint;

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

    /// Fetches a token past the cache, with all that the server says about it, such as the instance
    /// URL.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange.
    pub async fn fetch(&self) -> Result<TokenResponse, Error> {
        let step = ClientCredentialsGrant::step(&self.endpoint);
        let proof = self.credential.proof(&step).await?;
        let request =
            ClientCredentialsGrant::new(&self.endpoint, &self.client_id, proof)?.request();
        let (http, idempotency) = self.credential.manners(&self.http);
        fetch(&http, idempotency, step, request).await
    }
}

impl TokenSource for ClientCredentials {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Error>> {
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

/// One token request.
pub(crate) async fn fetch(
    http: &HttpClient,
    idempotency: Idempotency,
    step: Step,
    request: http::Request<Bytes>,
) -> Result<TokenResponse, Error> {
    match http.send(idempotency, request).await {
        Ok(response) => TokenResponse::parse(&step, &response),
        Err(source) => Err(Error::Transport { step, source }),
    }
}

/// One token request that shows something which may be good for one time only: it is sent again
/// only if it provably never left.
pub(crate) async fn fetch_once(
    http: &HttpClient,
    step: Step,
    request: http::Request<Bytes>,
) -> Result<TokenResponse, Error> {
    let http = http.clone().without_response_retry();
    fetch(&http, Idempotency::NotIdempotent, step, request).await
}
