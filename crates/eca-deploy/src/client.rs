//! A client of one org: endpoint, tokens and HTTP.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eca_http::{HttpClient, RetryPolicy, Timer};
use eca_oauth::{AccessToken, TokenSource};

use crate::deploy::poll::PollFailure;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::wire::call::Call;
use crate::wire::call::error::{ApiError, ResponseError};
use crate::wire::deploy_api::DeployApi;

/// The delays before a request is sent again that the org rejected because another change has
/// locked its setup.
const LOCKED_RETRY_DELAYS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// A client of one org. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    http: HttpClient,
    tokens: Arc<dyn TokenSource>,
    deploy_api: DeployApi,
    random: Arc<Random>,
}

/// A source of random numbers; `None` when there is none.
type Random = dyn Fn() -> Option<u32> + Send + Sync;

impl Client {
    /// A client of the org at this instance URL (`https://MyDomain.my.salesforce.com`), with API
    /// version [`ApiVersion::NEWEST_CHECKED`](crate::ApiVersion::NEWEST_CHECKED) and an HTTP client
    /// of its own. Takes an [`AccessToken`] or a [`TokenSource`], and sends nothing.
    ///
    /// Programs that share an HTTP client, or need another version, use [`Client::new`].
    ///
    /// # Errors
    /// An instance URL that cannot be used, or no HTTP client.
    #[cfg(feature = "reqwest")]
    pub fn connect(
        instance_url: &str,
        tokens: impl eca_oauth::IntoTokenSource,
    ) -> Result<Self, crate::error::ConnectError> {
        let instance = instance_url.parse()?;
        let endpoint = Endpoint::new(&instance, eca_model::ApiVersion::NEWEST_CHECKED);
        let http = HttpClient::new_default(concat!("eca-deploy/", env!("CARGO_PKG_VERSION")))?;
        Ok(Self::new(
            endpoint,
            http,
            Arc::new(tokens.into_token_source()),
        ))
    }

    /// A client of the org at `endpoint`, over `http`, with tokens from `tokens`.
    pub fn new(endpoint: Endpoint, http: HttpClient, tokens: Arc<dyn TokenSource>) -> Self {
        Self {
            endpoint,
            http,
            tokens,
            deploy_api: DeployApi::default(),
            random: Arc::new(|| getrandom::u32().ok()),
        }
    }

    /// The same client, with deploys over another API.
    #[must_use]
    pub fn with_deploy_api(mut self, api: DeployApi) -> Self {
        self.deploy_api = api;
        self
    }

    /// The same client with a limit for each request, from its start to the whole response. A start
    /// that is cut off may take effect, so limit the client of an existing deploy only.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.http = self.http.with_timeout(timeout);
        self
    }

    /// The same client with another source of random numbers, for tests. The default is the
    /// operating system's.
    #[must_use]
    pub fn with_random(mut self, random: impl Fn() -> Option<u32> + Send + Sync + 'static) -> Self {
        self.random = Arc::new(random);
        self
    }

    pub(crate) fn random(&self) -> Option<u32> {
        (self.random)()
    }

    /// The org's address and API version.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The API for deploys.
    pub fn deploy_api(&self) -> DeployApi {
        self.deploy_api
    }

    pub(crate) fn timer(&self) -> &dyn Timer {
        self.http.timer()
    }

    /// Invalidates the token that the org refused; the next call gets a new one.
    pub(crate) fn renew_session(&self, refused: &Arc<AccessToken>) {
        self.tokens.invalidate(refused);
    }

    /// Sends a call once, within a time limit. The caller's [`crate::deploy::poll::Poller`] decides
    /// on retries.
    pub(crate) async fn query<T>(
        &self,
        call: Call<'_, T>,
        limit: Duration,
    ) -> Result<T, CallFailure> {
        let http = self.http.clone().with_policy(RetryPolicy::never());
        let http = http.with_timeout(limit);
        self.send(&http, &call).await
    }

    /// Sends a call, and sends it again only where the HTTP policy allows that for its idempotency,
    /// or where the org itself rejected it before doing anything: once with a new token after a
    /// refused session, and after [`LOCKED_RETRY_DELAYS`] while its setup is locked.
    pub(crate) async fn execute<T>(&self, call: Call<'_, T>) -> Result<T, Error> {
        let operation = call.name;
        let mut expired = None;
        let mut delays = LOCKED_RETRY_DELAYS.iter();
        loop {
            let CallFailure { error, token } = match self.send(&self.http, &call).await {
                Ok(result) => return Ok(result),
                Err(failed) => failed,
            };
            if error.api_error().is_some_and(ApiError::is_locked)
                && let Some(delay) = delays.next()
            {
                tracing::info!(operation, ?delay, "the org's setup is locked; trying again");
                self.timer().sleep(*delay).await;
                continue;
            }
            match (error, token, expired.take()) {
                (error @ Error::Response(ResponseError::Refused { .. }), Some(refused), None)
                    if error.is_auth() =>
                {
                    tracing::debug!(operation, "the session was refused; asking for a new token");
                    self.renew_session(&refused);
                    expired = Some(error);
                }
                // No new token: the org's refusal is the more useful error.
                (Error::Token { .. }, _, Some(first)) => return Err(first),
                (error, ..) => return Err(error),
            }
        }
    }

    async fn send<T>(&self, http: &HttpClient, call: &Call<'_, T>) -> Result<T, CallFailure> {
        let token = self
            .tokens
            .access_token()
            .await
            .map_err(|source| CallFailure {
                error: Error::Token {
                    instance: self.endpoint.instance().to_owned(),
                    source,
                },
                token: None,
            })?;
        let result = async {
            let request = call.build(&self.endpoint, &token)?;
            let response = http
                .send(call.idempotency, request)
                .await
                .map_err(|source| Error::NoResponse {
                    operation: call.name,
                    source: Box::new(source),
                })?;
            call.parse(&response)
                .map_err(|error| Error::Response(error.redact(token.expose_secret())))
        }
        .await;
        result.map_err(|error| CallFailure {
            error,
            token: Some(token),
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("deploy_api", &self.deploy_api)
            .finish_non_exhaustive()
    }
}

/// A failed call and the token it was sent with.
pub(crate) struct CallFailure {
    pub(crate) error: Error,
    pub(crate) token: Option<Arc<AccessToken>>,
}

impl CallFailure {
    /// The failure from the poller's point of view.
    pub(crate) fn poll_failure(&self) -> PollFailure {
        match &self.error {
            Error::Response(response) if response.is_auth() => PollFailure::SessionExpired,
            Error::Response(response)
                if response.api_error().is_some_and(ApiError::is_unknown_id) =>
            {
                PollFailure::UnknownId
            }
            error if error.is_retryable() => PollFailure::Transient {
                retry_after: match error {
                    Error::Response(response) => response.retry_after(),
                    _ => None,
                },
            },
            Error::Token { source, .. } if source.is_retryable() => {
                PollFailure::Transient { retry_after: None }
            }
            _ => PollFailure::Fatal,
        }
    }
}
