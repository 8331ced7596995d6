//! Why a call to an org failed.

use std::sync::Arc;

use eca_http::{Delivery, SendError, TransportErrorKind};

use crate::wire::call::error::{ApiError, ResponseError};
use crate::wire::call::request::RequestError;

/// A failed call to an org. Contains no token and no body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The token source gave no access token.
    #[error("there is no access token for {instance}")]
    Token {
        /// The org.
        instance: String,
        /// Why. Requests that waited for the same token share it.
        #[source]
        source: Arc<eca_oauth::Error>,
    },
    /// The request cannot be made; nothing was sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No response.
    #[error("the {operation} request got no response")]
    NoResponse {
        /// The operation, in the WSDL's words or as `REST …`.
        operation: &'static str,
        /// The attempts, their duration, and the last failure.
        #[source]
        source: Box<SendError>,
    },
    /// A response without a result: a refusal, or not the API's.
    #[error(transparent)]
    Response(#[from] ResponseError),
}

/// Why [`Client::connect`](crate::Client::connect) gives no client.
#[cfg(feature = "reqwest")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The instance URL cannot be used.
    #[error(transparent)]
    InstanceUrl(#[from] eca_oauth::InvalidUrl),
    /// There is no HTTP client.
    #[error(transparent)]
    Http(#[from] eca_http::BuildError),
}

impl Error {
    /// Whether authentication failed: no token, or one that the org refused.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Token { .. } | Self::Request(RequestError::JwtOnSoap { .. }) => true,
            Self::Response(error) => error.is_auth(),
            Self::Request(_) | Self::NoResponse { .. } => false,
        }
    }

    /// Whether the same request may succeed later. Whether repeating it is safe depends on the
    /// operation: see [`Self::may_have_taken_effect`].
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NoResponse { source, .. } => {
                let kind = source.last.kind();
                kind.is_transient() || kind == TransportErrorKind::Other
            }
            Self::Response(error) => error.is_retryable(),
            Self::Token { .. } | Self::Request(_) => false,
        }
    }

    /// Whether the request may have taken effect in the org.
    ///
    /// A refusal by the API proves that it did not. No response, or one that is not the API's,
    /// proves nothing, unless nothing was sent or the HTTP status is 3xx or 4xx.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Token { .. }
            | Self::Request(_)
            | Self::Response(ResponseError::Refused { .. }) => false,
            Self::NoResponse { source, .. } => {
                // A server that redirects has not processed the request.
                source.delivery == Delivery::Unknown
                    && source.last.kind() != TransportErrorKind::RedirectRefused
            }
            Self::Response(ResponseError::TooLarge { .. }) => true,
            Self::Response(ResponseError::Unreadable { http_status, .. }) => {
                !(300..500).contains(http_status)
            }
        }
    }

    /// Whether the org could not be reached: no response, or a gateway's in its place.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NoResponse { .. } => true,
            Self::Response(ResponseError::Unreadable { http_status, .. }) => {
                matches!(http_status, 420 | 429 | 502..=504)
            }
            Self::Token { source, .. } => matches!(**source, eca_oauth::Error::Transport { .. }),
            Self::Request(_) | Self::Response(_) => false,
        }
    }

    /// The exchange that got no response, of this request or of the one for its token.
    pub fn send_error(&self) -> Option<&SendError> {
        match self {
            Self::NoResponse { source, .. } => Some(source),
            Self::Token { source, .. } => match &**source {
                eca_oauth::Error::Transport { source, .. } => Some(source),
                _ => None,
            },
            Self::Request(_) | Self::Response(_) => None,
        }
    }

    /// Salesforce's refusal, if the response was one.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Response(error) => error.api_error(),
            _ => None,
        }
    }
}
