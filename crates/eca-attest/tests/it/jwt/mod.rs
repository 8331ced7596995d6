//! Tokens.

pub(crate) mod claims;
pub(crate) mod dates;
pub(crate) mod replay;
pub(crate) mod verify;
