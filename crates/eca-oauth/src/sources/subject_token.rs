//! Tokens of another identity provider, to be exchanged.

use std::error::Error as StdError;

use eca_http::BoxFuture;

use crate::secret::SubjectToken;

/// Gives another identity provider's token for each exchange. Closures are sources.
pub trait SubjectTokenSource: Send + Sync {
    /// A token that is valid now. Called once per exchange, since subject tokens often expire
    /// within minutes.
    ///
    /// # Errors
    ///
    /// [`SubjectTokenError`] when there is none.
    fn subject_token(&self) -> BoxFuture<'_, Result<SubjectToken, SubjectTokenError>>;
}

impl<F, E> SubjectTokenSource for F
where
    F: Fn() -> Result<SubjectToken, E> + Send + Sync,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn subject_token(&self) -> BoxFuture<'_, Result<SubjectToken, SubjectTokenError>> {
        let made = self().map_err(SubjectTokenError::new);
        Box::pin(std::future::ready(made))
    }
}

/// There is no token to be exchanged.
#[derive(Debug, thiserror::Error)]
#[error("the subject token could not be obtained")]
pub struct SubjectTokenError(#[source] Box<dyn StdError + Send + Sync>);

impl SubjectTokenError {
    /// With this cause.
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
