//! What an org is asked to do: `deploy`, `deploys`, `retrieve`.

mod apply;
mod deploy;
mod diff;
mod github;
mod interrupt;
mod list;
mod lost_deploy;
mod plan;
mod retrieve;
pub(crate) mod state;
mod words_of_sf;
