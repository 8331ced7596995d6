//! Sources of access tokens.

pub(crate) mod attestation;
pub(crate) mod cache;
pub(crate) mod client_credentials;
pub(crate) mod jwt_bearer;
pub(crate) mod refresh;
pub(crate) mod refresh_store;
pub(crate) mod static_token;
pub(crate) mod subject_token;
pub(crate) mod token_exchange;

use std::sync::Arc;

use bytes::Bytes;
use eca_http::{BoxFuture, HttpClient, Idempotency};

use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::secret::AccessToken;
use crate::sent_secrets::SentSecrets;
use crate::sources::static_token::StaticToken;
use crate::step::Step;

/// Gives access tokens.
///
/// A caller whose request is answered with 401 passes the refused token to
/// [`invalidate`](Self::invalidate), asks for another one, and gives up if that is refused too.
pub trait TokenSource: Send + Sync {
    /// A token that is valid as far as is known. It is cached, so call this for each request.
    ///
    /// # Errors
    ///
    /// [`Error`] of the token request; callers that waited for the same request share it. It is not
    /// cached: the next call tries again.
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>>;

    /// Marks `refused`, as it was returned here, as no longer valid. A newer token stays: where two
    /// requests failed with the old one, the second must not discard the token that the first one's
    /// renewal fetched.
    fn invalidate(&self, refused: &Arc<AccessToken>);
}

impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<Error>>> {
        (**self).access_token()
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        (**self).invalidate(refused);
    }
}

/// A value that becomes a [`TokenSource`]: every source as it is, and an [`AccessToken`] as a
/// [`StaticToken`].
pub trait IntoTokenSource {
    /// The source.
    type Source: TokenSource + 'static;

    /// This value as a source.
    fn into_token_source(self) -> Self::Source;
}

impl<S: TokenSource + 'static> IntoTokenSource for S {
    type Source = S;

    fn into_token_source(self) -> S {
        self
    }
}

impl IntoTokenSource for AccessToken {
    type Source = StaticToken;

    fn into_token_source(self) -> StaticToken {
        StaticToken::new(self)
    }
}

/// One token request.
pub(crate) async fn fetch(
    http: &HttpClient,
    idempotency: Idempotency,
    step: Step,
    request: http::Request<Bytes>,
) -> Result<TokenResponse, Error> {
    let secrets = SentSecrets::from(&request);
    match http.send(idempotency, request).await {
        Ok(response) => {
            TokenResponse::parse(&step, &response).map_err(|error| error.masked(&secrets))
        }
        Err(source) => Err(Error::Transport { step, source }),
    }
}

/// One token request with something that the server may accept once: it is retried only if it was
/// certainly not sent.
pub(crate) async fn fetch_once(
    http: &HttpClient,
    step: Step,
    request: http::Request<Bytes>,
) -> Result<TokenResponse, Error> {
    let http = http.clone().without_response_retry();
    fetch(&http, Idempotency::NotIdempotent, step, request).await
}
