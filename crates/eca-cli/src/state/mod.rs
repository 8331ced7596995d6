//! State that the program stores between runs.

pub(crate) mod applied;
pub(crate) mod dirs;
pub(crate) mod holder;
pub(crate) mod journal;
pub(crate) mod refresh_token;
