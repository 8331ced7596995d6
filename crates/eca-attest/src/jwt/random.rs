//! Random identifiers. The source is a parameter, so that tests are reproducible.

use std::error::Error;
use std::fmt;

/// A source of fresh 128-bit identifiers for `jti` claims and certificate serial numbers. Private
/// keys do not use it, see
/// [`Provider::generate`](crate::sign::provider::Provider::generate).
pub trait IdSource: Send + Sync {
    /// Returns sixteen bytes that cannot be predicted and never repeat.
    ///
    /// # Errors
    /// If the source of random numbers fails.
    fn fresh_id(&self) -> Result<[u8; 16], IdError>;
}

/// Identifiers from the operating system's random number generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsIds;

/// The source of random numbers failed.
#[derive(Debug)]
pub struct IdError(Box<dyn Error + Send + Sync>);

impl IdError {
    /// Wraps the error of another source of random numbers.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> IdError {
        IdError(source.into())
    }
}

impl IdSource for OsIds {
    fn fresh_id(&self) -> Result<[u8; 16], IdError> {
        let mut id = [0; 16];
        // As text: the error of getrandom is a std error only with a feature.
        getrandom::fill(&mut id).map_err(|error| IdError::new(error.to_string()))?;
        Ok(id)
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of random identifiers failed")
    }
}

impl Error for IdError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
