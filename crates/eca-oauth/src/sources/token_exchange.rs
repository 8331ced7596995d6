//! Tokens by the token exchange grant.

use std::fmt;
use std::sync::Arc;

use eca_attest::ClientId;
use eca_http::{BoxFuture, HttpClient};

use crate::client::proof::{ClientCredential, ClientProof};
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::grants::token_exchange::{SubjectTokenType, TokenExchangeGrant};
use crate::instances::Instances;
use crate::secret::AccessToken;
use crate::sources::cache::TokenCache;
use crate::sources::subject_token::SubjectTokenSource;
use crate::sources::{TokenSource, fetch_once};
use crate::urls::TokenEndpoint;

/// Tokens by the token exchange grant: cached and renewed as with
/// [`ClientCredentials`](crate::sources::client_credentials::ClientCredentials), each time for a
/// fresh subject token. A refresh token in the response is not used: the next access token comes
/// from the next subject token.
pub struct ExchangedTokens {
    http: HttpClient,
    endpoint: TokenEndpoint,
    client_id: ClientId,
    credential: ClientCredential,
    subject: Arc<dyn SubjectTokenSource>,
    kind: SubjectTokenType,
    handler: Option<String>,
    scope: Option<Scopes>,
    cache: TokenCache,
}

impl ExchangedTokens {
    /// Tokens of this client from this endpoint, for tokens of this kind.
    ///
    /// # Errors
    ///
    /// [`Error::LoginHost`] for an endpoint on a shared login host.
    pub fn new(
        http: HttpClient,
        endpoint: TokenEndpoint,
        client_id: ClientId,
        credential: ClientCredential,
        subject: Arc<dyn SubjectTokenSource>,
        kind: SubjectTokenType,
    ) -> Result<Self, Error> {
        TokenExchangeGrant::new(&endpoint, &client_id, ClientProof::None, kind)?;
        Ok(Self {
            http,
            endpoint,
            client_id,
            credential,
            subject,
            kind,
            handler: None,
            scope: None,
            cache: TokenCache::default(),
        })
    }

    /// Uses the handler with this developer name, instead of the app's default one.
    #[must_use]
    pub fn with_handler(mut self, handler: impl Into<String>) -> Self {
        self.handler = Some(handler.into());
        self
    }

    /// Requests these scopes.
    #[must_use]
    pub fn with_scope(mut self, scope: Scopes) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Refuses tokens of other orgs: those whose response has an `instance_url` that is not one of
    /// these. Without it, the caller has to check.
    #[must_use]
    pub fn for_instances(mut self, instances: Instances) -> Self {
        self.cache.restrict(instances);
        self
    }

    /// Fetches a token past the cache. The subject token may be valid for one request only, so the
    /// request is retried only if it was certainly not sent.
    ///
    /// # Errors
    ///
    /// [`Error`] of the exchange, or [`Error::SubjectToken`].
    pub async fn fetch(&self) -> Result<TokenResponse, Error> {
        let step = TokenExchangeGrant::step(&self.endpoint);
        let subject = self.subject.subject_token().await;
        let subject = subject.map_err(|source| Error::SubjectToken {
            step: step.clone(),
            source,
        })?;
        let proof = self.credential.proof(&step).await?;
        let grant = TokenExchangeGrant::new(&self.endpoint, &self.client_id, proof, self.kind)?;
        let grant = match &self.handler {
            Some(handler) => grant.with_handler(handler),
            None => grant,
        };
        let grant = match &self.scope {
            Some(scope) => grant.with_scope(scope),
            None => grant,
        };
        let request = grant.request(&subject);
        let response = fetch_once(&self.http, step.clone(), request).await?;
        self.cache.check(&step, response)
    }
}

impl TokenSource for ExchangedTokens {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>> {
        Box::pin(self.cache.token(self.http.timer(), self.fetch()))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        self.cache.invalidate(refused);
    }
}

impl fmt::Debug for ExchangedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangedTokens")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .field("credential", &self.credential)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
