//! Which org a command talks to: the one of `--org`, of `eca.toml`, or of the environment.

use std::path::Path;

use eca_model::ApiVersion;

use crate::auth::entry::configured;
use crate::auth::target::{Target, instance, target_of};
use crate::auth::{environment, tokens};
use crate::config;
use crate::config::Config;
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
    // The environment is nearer to the call than a file: whoever sets it for one shell, or for a
    // test against an org on this machine, must not end up in the project's default org.
    let default = config
        .as_ref()
        .and_then(Config::default_org)
        .filter(|_| !environment::names_an_org());
    let Some(name) = context.org_name().or(default) else {
        return environment::target(context, version);
    };
    let Some(config) = &config else {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "org `{name}` is not known: no eca.toml in {} or above",
                root.display()
            ),
        )
        .hint(config::EXAMPLE));
    };
    named(context, config, name, version)
}

/// The org that `--org` or `eca.toml` names, whatever the environment says: what a command about
/// the entry itself is about.
pub(crate) fn target_of_file(context: &Context) -> Result<Target, Failure> {
    let (config, name) = configured(context, &context.project_root(&[])?)?;
    named(context, &config, &name, None)
}

fn named(
    context: &Context,
    config: &Config,
    name: &str,
    version: Option<ApiVersion>,
) -> Result<Target, Failure> {
    let org = config.org(name)?;
    let instance = instance(&org.instance_url)?;
    let tokens = tokens::of(context.http()?, config, name, org)?;
    let mut target = target_of(
        context.http()?,
        Some(name),
        instance,
        match org.api_version {
            Some(own) => Some(own),
            None => environment::api_version()?.or(version),
        },
        tokens,
        org.auth.method(),
    )?;
    if let Some(api) = org.deploy_api {
        target.org = target.org.with_deploy_api(api.into());
    }
    Ok(target)
}
