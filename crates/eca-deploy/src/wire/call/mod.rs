//! A call: its name, its request, its response, and its errors.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;

use bytes::Bytes;
use eca_http::Idempotency;
use eca_oauth::AccessToken;
use http::{Request, Response};

use crate::endpoint::Endpoint;
use crate::wire::call::error::ResponseError;
use crate::wire::call::request::RequestError;
use crate::wire::call::response::OperationResponse;

/// A call that gives a `T`. Pure: [`Client`](crate::Client) sends it.
pub(crate) struct Call<'a, T> {
    /// The operation: its name in the WSDL (`checkDeployStatus`) or `REST …`.
    pub(crate) name: &'static str,
    /// Whether the HTTP policy may send it again after its response was lost.
    pub(crate) idempotency: Idempotency,
    build: Box<Build<'a>>,
    parse: Box<Parse<'a, T>>,
}

type Build<'a> =
    dyn Fn(&Endpoint, &AccessToken) -> Result<Request<Bytes>, RequestError> + Send + Sync + 'a;
type Parse<'a, T> = dyn Fn(&OperationResponse<'_>) -> Result<T, ResponseError> + Send + Sync + 'a;

impl<'a, T> Call<'a, T> {
    pub(crate) fn new(
        name: &'static str,
        idempotency: Idempotency,
        build: impl Fn(&Endpoint, &AccessToken) -> Result<Request<Bytes>, RequestError>
        + Send
        + Sync
        + 'a,
        parse: impl Fn(&OperationResponse<'_>) -> Result<T, ResponseError> + Send + Sync + 'a,
    ) -> Self {
        Self {
            name,
            idempotency,
            build: Box::new(build),
            parse: Box::new(parse),
        }
    }

    /// The request. Each attempt builds it anew, since the token may be another one.
    pub(crate) fn build(
        &self,
        endpoint: &Endpoint,
        token: &AccessToken,
    ) -> Result<Request<Bytes>, RequestError> {
        (self.build)(endpoint, token)
    }

    /// The result in a response. An error may quote the token: redact it.
    pub(crate) fn parse(&self, response: &Response<Bytes>) -> Result<T, ResponseError> {
        (self.parse)(&OperationResponse::new(self.name, response))
    }
}
