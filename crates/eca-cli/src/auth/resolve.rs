//! Which org a command talks to: the one of `--org`, of `eca.toml`, or of the environment.

use std::path::Path;

use eca_model::ApiVersion;

use crate::auth::entry::entry;
use crate::auth::environment;
use crate::auth::target::Target;
use crate::auth::tokens::token_source;
use crate::config;
use crate::config::{Config, OrgEntry};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The org that `--org`, `eca.toml` or the environment names.
pub(crate) fn target(
    context: &Context,
    root: &Path,
    version: Option<ApiVersion>,
) -> Result<Target, Failure> {
    let config = Config::find(root)?;
    // The environment precedes the file: a user who sets it for one shell, or for a
    // test against an org on this machine, must not end up in the project's default org.
    let default = config
        .as_ref()
        .and_then(Config::default_org)
        .filter(|_| !environment::names_an_org());
    let Some(name) = context.org_name().or(default).map(str::to_owned) else {
        return environment::target(context, version);
    };
    let Some(config) = config else {
        let root = root.display();
        let message = format!("unknown org `{name}`: no eca.toml in {root} or above");
        return Err(Failure::new(Exit::Usage, message).hint(config::EXAMPLE));
    };
    configured(context, config.into_org(&name)?, version)
}

/// The org that `--org` or `eca.toml` names, whatever the environment says: what a command about
/// the entry itself is about.
pub(crate) fn configured_target(context: &Context) -> Result<Target, Failure> {
    configured(context, entry(context)?, None)
}

fn configured(
    context: &Context,
    entry: OrgEntry,
    version: Option<ApiVersion>,
) -> Result<Target, Failure> {
    let tokens = token_source(context.http()?, &entry)?;
    let config = entry.config;
    let version = match config.api_version {
        Some(configured) => Some(configured),
        None => environment::api_version()?.or(version),
    };
    let method = config.auth.method();
    let mut target = Target::new(context, config.instance_url, version, tokens, method)?;
    target.name = Some(entry.name);
    if let Some(api) = config.deploy_api {
        target.org = target.org.with_deploy_api(api.into());
    }
    Ok(target)
}
