//! Form requests (RFC 6749 section 4, appendix B).

use bytes::Bytes;
use eca_attest::ClientId;
use eca_http::BodyLimit;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use url::form_urlencoded;

use crate::client::authentication::{ClientAuthentication, basic_header};
use crate::secret::{AccessToken, ClientSecret};

/// The largest response, in bytes. The largest one that is known, an introspection or the user of a
/// token with many custom attributes, has a few KiB.
const RESPONSE_LIMIT: usize = 1 << 20;

/// A form: parameters in the order they were added.
pub(crate) struct Form {
    request: Request<Bytes>,
    body: form_urlencoded::Serializer<'static, String>,
}

impl Form {
    pub(crate) fn post(uri: &http::Uri) -> Self {
        let mut request = get(uri);
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        Self {
            request,
            body: form_urlencoded::Serializer::new(String::new()),
        }
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) -> &mut Self {
        self.body.append_pair(name, value);
        self
    }

    pub(crate) fn add_some(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.add(name, value);
        }
        self
    }

    pub(crate) fn header(&mut self, name: http::HeaderName, value: HeaderValue) -> &mut Self {
        self.request.headers_mut().insert(name, value);
        self
    }

    /// Adds client id and secret.
    pub(crate) fn authenticate(
        &mut self,
        how: ClientAuthentication,
        id: &ClientId,
        secret: Option<&ClientSecret>,
    ) -> &mut Self {
        match (how, secret) {
            (ClientAuthentication::Basic, Some(secret)) => {
                self.header(AUTHORIZATION, basic_header(id, secret))
            }
            (ClientAuthentication::Form, Some(secret)) => self
                .add("client_id", id.as_str())
                .add("client_secret", secret.expose_secret()),
            (ClientAuthentication::None, _) | (_, None) => self.add("client_id", id.as_str()),
        }
    }

    pub(crate) fn finish(mut self) -> Request<Bytes> {
        *self.request.body_mut() = self.body.finish().into();
        self.request
    }
}

/// A GET for JSON. All requests of this crate begin as one.
pub(crate) fn get(uri: &http::Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri.clone();
    request.extensions_mut().insert(BodyLimit(RESPONSE_LIMIT));
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// A GET for JSON with a token.
pub(crate) fn get_with_token(uri: &http::Uri, token: &AccessToken) -> Request<Bytes> {
    let mut request = get(uri);
    request
        .headers_mut()
        .insert(AUTHORIZATION, token.bearer_header());
    request
}
