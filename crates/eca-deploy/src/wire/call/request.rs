//! What every request has in common.

use eca_model::ApiVersion;
use eca_oauth::AccessToken;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};

/// The first API version whose SOAP endpoint takes access tokens in JWT format.
pub(crate) const SOAP_TAKES_JWT_FROM: ApiVersion = ApiVersion::new(68);

/// How many components the synchronous calls take (Metadata API Developer Guide, "createMetadata()"
/// and its siblings). Custom metadata has a larger limit, which none of the types of this field
/// has.
pub(crate) const MAX_COMPONENTS: usize = 10;

/// Why a request cannot be made. Nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// SOAP would answer `INVALID_SESSION_ID` to a token that is valid elsewhere, and a client that
    /// then renews its token would go round in circles.
    #[error(
        "SOAP in API version {version} does not take access tokens in JWT format (from {SOAP_TAKES_JWT_FROM} on it \
         does): switch off \"Issue JSON Web Token (JWT)-based access tokens for named users\" for this app, or raise \
         the API version"
    )]
    JwtOnSoap {
        /// The version of the request.
        version: ApiVersion,
    },
    /// More components than one call takes.
    #[error("{operation} takes {MAX_COMPONENTS} components a call, not {components}")]
    TooManyComponents {
        /// The operation.
        operation: &'static str,
        /// How many there were.
        components: usize,
    },
    /// Components of several types in one call.
    #[error("{operation} takes components of one type a call, not both {first} and {other}")]
    MixedTypes {
        /// The operation.
        operation: &'static str,
        /// The type of the first one.
        first: String,
        /// The type that came later.
        other: String,
    },
    /// A type's name that is no name, and so cannot stand in a request.
    #[error("{name:?} is not the name of a metadata type")]
    TypeName {
        /// The refused text, cut to 40 characters.
        name: String,
    },
    /// The instance URL makes no request.
    #[error("{url} makes no HTTP request")]
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
