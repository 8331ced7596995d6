//! Hints for messages of an org.

use eca_lint::{KnownError, Occasion, explain_error};

/// The most specific entry about a message of a deploy.
pub(crate) fn known(message: &str) -> Option<&'static KnownError> {
    let found = explain_error(message).into_iter();
    found
        .filter(|known| known.occasion == Occasion::Deploy)
        .find(|known| !known.fix.is_empty())
}
