//! Orgs: by name from `eca.toml`, or from the environment.

mod assertions;
mod client;
mod entry;
mod environment;
mod headless;
mod identity;
mod known_app;
mod login;
mod loopback;
mod named;
mod secret_source;
mod sf_program;
mod target;
pub(crate) mod token_key;
mod tokens;

pub(crate) use assertions::SigningKey;
pub(crate) use entry::{Ways, audience};
pub(crate) use headless::Headless;
pub(crate) use identity::Identity;
pub(crate) use known_app::KnownApp;
pub(crate) use login::Login;
pub(crate) use loopback::Loopback;
pub(crate) use named::{target, target_of_file};
pub(crate) use secret_source::SecretSource;
pub(crate) use target::{Target, call_failed};
pub(crate) use tokens::Bearer;
