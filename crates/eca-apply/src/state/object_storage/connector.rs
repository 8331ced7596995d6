//! The requests of `object_store` over the project's own transport: one TLS stack, one set of
//! limits, and no plain http but to this machine.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use eca_http::{BodyLimit, Redirects, Transport, TransportErrorKind};
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

use crate::state::backend::OBJECT_LIMIT;

#[derive(Clone)]
pub(super) struct Connector {
    transport: Arc<dyn Transport>,
}

impl Connector {
    pub(super) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut request = http::Request::from_parts(parts, body);
        request.extensions_mut().insert(BodyLimit(OBJECT_LIMIT));
        // A redirect names another region. It is not followed.
        request.extensions_mut().insert(Redirects::Return);
        let response = self.transport.send(request).await;
        let response = response.map_err(|error| {
            let kind = match error.kind() {
                TransportErrorKind::Connect | TransportErrorKind::ConnectTimeout => {
                    HttpErrorKind::Connect
                }
                TransportErrorKind::Reset => HttpErrorKind::Interrupted,
                kind if kind.is_timeout() => HttpErrorKind::Timeout,
                _ => HttpErrorKind::Unknown,
            };
            HttpError::new(kind, error)
        })?;
        Ok(response.map(Into::into))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Connector {
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.send(request))
    }
}
