//! State that the program stores between runs.

pub(crate) mod dirs;
pub(crate) mod journal;
pub(crate) mod refresh_token;
