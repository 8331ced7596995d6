//! Where tokens come from: `token`, `login`, `logout`, `doctor`.

mod binding;
mod chosen;
mod doctor;
#[cfg(unix)]
mod headless;
mod login;
pub(crate) mod site;
mod sources;
#[cfg(unix)]
mod trust;
