//! One request of a step and its answer.

use bytes::Bytes;
use eca_http::{HttpClient, Idempotency};
use eca_oauth::{AccessToken, Error, Step, UserInfo, UserinfoEndpoint};

/// Sends a request and reads the answer.
pub(crate) async fn exchange<T>(
    http: &HttpClient,
    idempotency: Idempotency,
    step: Step,
    request: http::Request<Bytes>,
    parse: impl FnOnce(&Step, &http::Response<Bytes>) -> Result<T, Error>,
) -> Result<T, Error> {
    match http.send(idempotency, request).await {
        Ok(answer) => parse(&step, &answer),
        Err(source) => Err(Error::Transport { step, source }),
    }
}

/// The user that a token is for.
pub(crate) async fn user_info(
    http: &HttpClient,
    endpoint: &UserinfoEndpoint,
    token: &AccessToken,
) -> Result<UserInfo, Error> {
    let request = UserInfo::request(endpoint, token);
    let step = UserInfo::step(endpoint);
    exchange(
        http,
        Idempotency::Idempotent,
        step,
        request,
        UserInfo::parse,
    )
    .await
}
