//! The consumer key of an app.

use std::fmt;
use std::str::FromStr;

/// Consumer keys have about 85 characters.
const MAX_CONSUMER_KEY: usize = 256;

/// The consumer key (OAuth client id) of an External Client App, such as `3MVG9…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConsumerKey(String);

/// A text is not a consumer key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsumerKeyError {
    /// Empty.
    #[error("the consumer key is empty")]
    Empty,
    /// More than 256 bytes.
    #[error("the consumer key has {len} characters, at most {MAX_CONSUMER_KEY} are allowed")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A character that no client id can have (RFC 6749, appendix A.1), or a blank.
    #[error("the consumer key has an invalid character at position {position}")]
    Character {
        /// Its position, counted from one.
        position: usize,
    },
}

impl ConsumerKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConsumerKey {
    type Err = ConsumerKeyError;

    fn from_str(text: &str) -> Result<Self, ConsumerKeyError> {
        if text.is_empty() {
            return Err(ConsumerKeyError::Empty);
        }
        if text.len() > MAX_CONSUMER_KEY {
            return Err(ConsumerKeyError::TooLong { len: text.len() });
        }
        match text.chars().position(|c| !c.is_ascii_graphic()) {
            Some(position) => Err(ConsumerKeyError::Character {
                position: position + 1,
            }),
            None => Ok(ConsumerKey(text.to_owned())),
        }
    }
}

impl fmt::Display for ConsumerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
