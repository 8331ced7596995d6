//! What the program remembers between two runs.

pub(crate) mod journal;
pub(crate) mod refresh_token;
