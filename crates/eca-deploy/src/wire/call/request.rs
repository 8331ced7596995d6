//! Headers and errors of all requests.

use eca_model::ApiVersion;
use eca_oauth::AccessToken;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};

/// The first API version whose SOAP endpoint accepts access tokens in JWT format.
pub(crate) const SOAP_TAKES_JWT_FROM: ApiVersion = ApiVersion::new(68);

/// The limit of components per CRUD call (Metadata API Developer Guide, "createMetadata()" and the
/// others). Only custom metadata has a larger one.
pub(crate) const MAX_COMPONENTS: usize = 10;

/// Why a request cannot be made. Nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// SOAP would refuse a valid token in JWT format with `INVALID_SESSION_ID`, and renewing the
    /// token would not help.
    #[error(
        "SOAP in API version {version} does not take access tokens in JWT format (from {SOAP_TAKES_JWT_FROM} on it \
         does): switch off \"Issue JSON Web Token (JWT)-based access tokens for named users\" for this app, or raise \
         the API version"
    )]
    JwtOnSoap {
        /// The version of the request.
        version: ApiVersion,
    },
    /// Too many components for one call.
    #[error("{operation} takes {MAX_COMPONENTS} components per call, not {components}")]
    TooManyComponents {
        /// The operation.
        operation: &'static str,
        /// The number of components.
        components: usize,
    },
    /// Components of several types in one call.
    #[error("{operation} takes components of one type per call, not both {first} and {other}")]
    MixedTypes {
        /// The operation.
        operation: &'static str,
        /// The type of the first component.
        first: String,
        /// A different type after it.
        other: String,
    },
    /// A type name with characters that the request cannot contain.
    #[error("{name:?} is not the name of a metadata type")]
    TypeName {
        /// The refused text, cut to 40 characters.
        name: String,
    },
    /// The instance URL is not valid in an HTTP request.
    #[error("{url} is not valid in an HTTP request")]
    Url {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: http::Error,
    },
}

/// A REST request with its token.
pub(crate) fn rest<B>(
    method: Method,
    url: &str,
    token: &AccessToken,
    content_type: Option<&str>,
    body: B,
) -> Result<Request<B>, RequestError> {
    let mut request = Request::builder()
        .method(method)
        .uri(url)
        .header(AUTHORIZATION, token.bearer_header())
        .header(ACCEPT, "application/json")
        .header(
            "sforce-call-options",
            concat!("client=eca/", env!("CARGO_PKG_VERSION")),
        );
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    request.body(body).map_err(|source| RequestError::Url {
        url: url.to_owned(),
        source,
    })
}

/// A SOAP request around an envelope.
pub(crate) fn soap<B>(url: &str, envelope: B) -> Result<Request<B>, RequestError> {
    Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(CONTENT_TYPE, "text/xml; charset=UTF-8")
        .header(ACCEPT, "text/xml")
        .header("soapaction", "\"\"")
        .body(envelope)
        .map_err(|source| RequestError::Url {
            url: url.to_owned(),
            source,
        })
}
