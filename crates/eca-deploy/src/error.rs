//! Why a call to an org gave nothing.

use eca_http::{Delivery, SendError, TransportErrorKind};

use crate::wire::call::error::{ApiError, ResponseError};
use crate::wire::call::request::RequestError;

/// A call to an org that gave no result. Holds no token and no body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no access token to call with.
    #[error("there is no access token for {instance}")]
    Token {
        /// The org.
        instance: String,
        /// Why.
        #[source]
        source: eca_oauth::Error,
    },
    /// The request cannot be made; nothing was sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No answer came.
    #[error("the {operation} request got no answer")]
    NoAnswer {
        /// The operation, in the WSDL's words or as `REST …`.
        operation: &'static str,
        /// How often and how long it was tried, and why it failed.
        #[source]
        source: Box<SendError>,
    },
    /// An answer came, and it is no yes.
    #[error(transparent)]
    Response(#[from] ResponseError),
}

impl Error {
    /// Whether getting in is the problem: no token, or one that the org does not take.
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Token { .. } | Self::Request(RequestError::JwtOnSoap { .. }) => true,
            Self::Response(error) => error.is_auth(),
            Self::Request(_) | Self::NoAnswer { .. } => false,
        }
    }

    /// Whether the same question may be answered later. Whether repeating it is safe depends on the
    /// operation: see [`Self::may_have_taken_effect`].
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NoAnswer { source, .. } => {
                let kind = source.last.kind();
                kind.is_transient() || kind == TransportErrorKind::Other
            }
            Self::Response(error) => error.is_retryable(),
            Self::Token { .. } | Self::Request(_) => false,
        }
    }

    /// Whether the org may have done what was asked all the same.
    ///
    /// An error in the API's own words is a refusal. No answer, or one that is not the API's,
    /// proves nothing, except where nothing was sent, and for the plain HTTP refusals (4xx)
    /// that come before any work.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Token { .. }
            | Self::Request(_)
            | Self::Response(ResponseError::Refused { .. }) => false,
            Self::NoAnswer { source, .. } => {
                // Whoever points elsewhere has done nothing.
                source.delivery == Delivery::Unknown
                    && source.last.kind() != TransportErrorKind::RedirectRefused
            }
            Self::Response(ResponseError::Unreadable { http_status, .. }) => {
                !(300..500).contains(http_status)
            }
        }
    }

    /// What Salesforce said, if it was Salesforce that answered.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Response(error) => error.api_error(),
            _ => None,
        }
    }
}
