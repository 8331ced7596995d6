//! Why an org cannot be read at all.

use std::sync::Arc;

use eca_deploy::{Error, RetrieveError};
use eca_model::{ComponentName, FieldError};

/// Why nothing can be said about an org.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The org's components could not be listed.
    #[error("the org did not list its components")]
    List(#[source] Arc<Error>),
    /// The org's components could not be retrieved.
    #[error("the org's components were not retrieved")]
    Retrieve(#[source] RetrieveError),
    /// A query or a REST call failed.
    #[error("the org was not read to the end")]
    Call(#[source] Error),
    /// What the org returned cannot hold what the org says elsewhere.
    #[error("the org's {component} cannot be completed")]
    Component {
        /// The component.
        component: ComponentName,
        /// Why.
        #[source]
        source: Box<FieldError>,
    },
}

impl ReadError {
    /// The failed call, if one failed.
    pub fn call(&self) -> Option<&Error> {
        match self {
            Self::List(error) => Some(error),
            Self::Retrieve(RetrieveError::Call(error)) | Self::Call(error) => Some(error),
            Self::Retrieve(_) | Self::Component { .. } => None,
        }
    }
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}
