//! Orgs: by name from `eca.toml`, or from the environment.

mod api_versions;
mod binding;
mod chosen;
mod client;
mod configured_app;
mod entry;
mod environment;
mod exchange;
mod headless;
mod identity;
mod jwt_bearer;
mod login;
mod loopback;
mod resolve;
mod sf_program;
mod signing_key;
mod target;
pub(crate) mod token_key;
mod tokens;

pub(crate) use api_versions::{call_failed_by_version, too_new};
pub(crate) use binding::check_instance;
pub(crate) use configured_app::ConfiguredApp;
pub(crate) use entry::{audience, entry};
pub(crate) use environment::{has_target_org, instance_of_environment};
pub(crate) use exchange::{exchange, user_info};
pub(crate) use headless::Headless;
pub(crate) use identity::Identity;
pub(crate) use jwt_bearer::JwtBearerRequest;
pub(crate) use login::Login;
pub(crate) use loopback::Loopback;
pub(crate) use resolve::{configured_target, named_target, target, unknown};
pub(crate) use signing_key::SigningKey;
pub(crate) use target::{Target, call_failed};
