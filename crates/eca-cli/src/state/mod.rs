//! What the program stores between two runs.

pub(crate) mod dirs;
pub(crate) mod journal;
pub(crate) mod refresh_token;
