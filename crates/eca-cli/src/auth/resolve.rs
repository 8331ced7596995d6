//! The org of a command: from `--org`, `eca.toml` or the environment.

use std::path::Path;

use eca_model::ApiVersion;

use crate::auth::entry::entry;
use crate::auth::target::Target;
use crate::auth::tokens::token_source;
use crate::auth::{chosen, environment};
use crate::config;
use crate::config::{Config, OrgEntry};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The org that `--org`, `eca.toml` or the environment names. Says which it is.
pub(crate) fn target(
    context: &Context,
    root: &Path,
    version: Option<ApiVersion>,
) -> Result<Target, Failure> {
    // The environment takes precedence over `default-org`: with variables for one shell, or for an
    // embedded org, a command must not reach the default org of the project. Then eca.toml is not
    // read at all. `--org` names an org of eca.toml, whatever the variables are.
    if context.org_name().is_none() && environment::names_an_org()? {
        return environment::target(context, version);
    }
    let config = Config::find(context, root)?;
    let default = config.as_ref().and_then(Config::default_org);
    let Some(name) = context.org_name().or(default).map(str::to_owned) else {
        return environment::target(context, version);
    };
    let config = config.ok_or_else(|| unknown(&name, root))?;
    let choice = chosen::choice(context, config.path());
    let entry = config.into_org(context, &name)?;
    chosen::announce(context, Some(&name), &entry.config.instance_url, &choice);
    configured(context, entry, version)
}

/// The org of `eca.toml` with a name that is not that of `--org`. Says which it is.
pub(crate) fn named_target(context: &Context, root: &Path, name: &str) -> Result<Target, Failure> {
    let config = Config::find(context, root)?.ok_or_else(|| unknown(name, root))?;
    let entry = config.into_org(context, name)?;
    chosen::announce(context, Some(name), &entry.config.instance_url, "its name");
    configured(context, entry, None)
}

/// The failure of an org that is named where there is no `eca.toml`.
pub(crate) fn unknown(name: &str, root: &Path) -> Failure {
    let root = root.display();
    let message = format!("unknown org `{name}`: no eca.toml in {root} or above");
    Failure::new(Exit::Usage, message).hint(config::EXAMPLE)
}

/// The org that `--org` or `eca.toml` names. It ignores the environment: for commands that need an
/// entry of `eca.toml`.
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
    let client_id = config.auth.client_id().map(|id| id.as_str().to_owned());
    let allow = config.allow.iter().copied().collect();
    let mut target = Target::new(context, config.instance_url, version, tokens, method)?;
    target.name = Some(entry.name);
    target.client_id = client_id;
    target.allow = allow;
    if let Some(api) = config.deploy_api {
        target.org = target.org.with_deploy_api(api.into());
    }
    Ok(target)
}
