//! What the program keeps between two runs.

pub(crate) mod dirs;
pub(crate) mod journal;
pub(crate) mod refresh_token;
