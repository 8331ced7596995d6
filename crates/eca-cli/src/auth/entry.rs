//! The entry of an org in `eca.toml`, for the commands that need one.

use std::path::Path;

use eca_attest::Audience;

use crate::auth::chosen;
use crate::config;
use crate::config::{Config, OrgEntry};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The entry of the org that `--org` or `default-org` names. It must exist. Says which it is.
pub(crate) fn entry(context: &Context) -> Result<OrgEntry, Failure> {
    let missing = || {
        Failure::new(Exit::Usage, "no org of eca.toml given")
            .hint(format!("name one with --org, or {}", config::EXAMPLE))
    };
    let config = Config::find(context, &context.project_root(&[])?)?.ok_or_else(missing)?;
    let name = context.org_name().or(config.default_org());
    let name = name.ok_or_else(missing)?.to_owned();
    let choice = chosen::choice(context, config.path());
    let entry = config.into_org(context, &name)?;
    chosen::announce(context, Some(&name), &entry.config.instance_url, &choice);
    Ok(entry)
}

/// The `audience` of the org that `--org` names in `eca.toml`.
pub(crate) fn audience(context: &Context, root: &Path) -> Result<Option<Audience>, Failure> {
    let (Some(name), Some(config)) = (context.org_name(), Config::find(context, root)?) else {
        return Ok(None);
    };
    Ok(config.into_org(context, name)?.config.audience)
}

/// The failure of a missing section of an org's entry, with an example.
pub(super) fn missing_section(name: &str, section: &str, lines: &str) -> Failure {
    let message = format!("org `{name}` of eca.toml has no `{section}` section");
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let key = if name.chars().all(is_bare) {
        name.to_owned()
    } else {
        format!("{name:?}")
    };
    let lines = lines.replace('\n', "\n    ");
    Failure::new(Exit::Usage, message).hint(format!(
        "add it to eca.toml:\n    [orgs.{key}.{section}]\n    {lines}"
    ))
}

/// The failure of a member of `eca.toml` whose secret cannot be used.
pub(super) fn unusable(
    name: &str,
    member: &str,
    error: &(dyn std::error::Error + 'static),
) -> Failure {
    Failure::caused_by(
        Exit::Usage,
        format!("`{member}` of org `{name}` in eca.toml"),
        error,
    )
}
