//! The entry of an org in `eca.toml`, for the commands that are about it.

use std::path::Path;

use eca_attest::Audience;

use crate::config;
use crate::config::{Auth, Config};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The org of `eca.toml` that a command is about, which must be there.
pub(super) fn configured(context: &Context, root: &Path) -> Result<(Config, String), Failure> {
    let missing = || {
        Failure::new(Exit::Usage, "no org of eca.toml given")
            .hint(format!("name one with --org, or {}", config::EXAMPLE))
    };
    let config = Config::find(root)?.ok_or_else(missing)?;
    let name = context.org_name().or(config.default_org());
    let name = name.ok_or_else(missing)?.to_owned();
    config.org(&name)?;
    Ok((config, name))
}

/// The `audience` of the org that `--org` names in `eca.toml`.
pub(crate) fn audience(context: &Context, root: &Path) -> Result<Option<Audience>, Failure> {
    let (Some(name), Some(config)) = (context.org_name(), Config::find(root)?) else {
        return Ok(None);
    };
    Ok(config.org(name)?.audience.clone())
}

/// How users of a site log in without a browser, by the org's entry.
pub(crate) struct Ways {
    /// It has a `headless` section.
    pub(crate) challenge: bool,
    /// It has an `identity` section.
    pub(crate) identity: bool,
}

impl Ways {
    /// Those of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        let org = config.org(&name)?;
        Ok(Self {
            challenge: org.headless.is_some(),
            identity: org.identity.is_some(),
        })
    }
}

/// A section that an org's entry lacks, with the lines of one as an example.
pub(super) fn lacks(name: &str, section: &str, lines: &str) -> Failure {
    let message = format!("org `{name}` of eca.toml has no `{section}` section");
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let key = if name.chars().all(is_bare) {
        name.to_owned()
    } else {
        format!("{name:?}")
    };
    let lines = lines.replace('\n', "\n      ");
    Failure::new(Exit::Usage, message).hint(format!(
        "describe it in eca.toml:\n      [orgs.{key}.{section}]\n      {lines}"
    ))
}

/// Something in `eca.toml` that cannot be used.
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

impl Auth {
    /// What `eca.toml` calls it.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::AccessToken { .. } => "access-token",
            Self::ClientCredentials { .. } => "client-credentials",
            Self::Jwt { .. } => "jwt",
            Self::TokenExchange(_) => "token-exchange",
            Self::Login(_) => "login",
            Self::SfdxAuthUrl { .. } => "sfdx-auth-url",
            Self::Sf { .. } => "sf",
        }
    }
}
