//! Orgs: by name from `eca.toml`, or from the environment.

mod assertions;
mod environment;
mod headless;
mod hints;
mod identity;
mod known_app;
mod login;
mod loopback;
mod refresh_file;
mod secret_source;
mod sf_program;
mod tokens;

pub(crate) use assertions::SigningKey;
use environment::variable;
pub(crate) use headless::Headless;
pub(crate) use hints::{hint, refused};
pub(crate) use identity::Identity;
pub(crate) use known_app::KnownApp;
pub(crate) use login::Login;
pub(crate) use loopback::Loopback;
pub(crate) use secret_source::SecretSource;
pub(crate) use tokens::Bearer;

use std::path::Path;
use std::sync::Arc;

use eca_attest::Audience;
use eca_deploy::{Endpoint, Org};
use eca_model::ApiVersion;
use eca_oauth::{InstanceUrl, TokenSource};

use crate::config::{self, Auth, Config};
use crate::context::{self, Context};
use crate::exit::Exit;
use crate::failure::Failure;

/// An org that a command talks to.
pub(crate) struct Target {
    /// Its name in `eca.toml`; `None` for the org of the environment.
    name: Option<String>,
    /// The org for `eca-deploy`.
    pub(crate) org: Org,
    /// Where its tokens come from.
    pub(crate) tokens: Arc<dyn TokenSource>,
    /// Where its APIs are.
    pub(crate) instance: InstanceUrl,
    /// How it gets tokens, as `eca.toml` calls it.
    pub(crate) method: &'static str,
}

impl Target {
    /// A command line for this org.
    pub(crate) fn command_line(&self, command: &str) -> String {
        match &self.name {
            Some(name) => format!("eca {command} --org {name}"),
            None => format!("eca {command}"),
        }
    }

    /// How to call it in messages.
    pub(crate) fn shown(&self) -> &str {
        self.name
            .as_deref()
            .unwrap_or_else(|| self.org.endpoint().instance())
    }
}

/// The failure of a question that changes nothing in the org.
pub(crate) fn call_failed(target: &Target, message: &str, error: &eca_deploy::Error) -> Failure {
    let instance = target.org.endpoint().instance();
    if error.is_auth() {
        return Failure::caused_by(Exit::Authentication, message, error)
            .or_hint(format!("get a new access token for {}", target.shown()));
    }
    if error.api_error().is_some() {
        return Failure::caused_by(Exit::Refused, message, error);
    }
    Failure::caused_by(Exit::Failed, message, error).hint(format!(
        "check that {instance} is the org's URL and can be reached"
    ))
}

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
        return environment::target(version);
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
    named(config, name, version)
}

/// The org that `--org` or `eca.toml` names, whatever the environment says: what a command about the entry itself is
/// about.
pub(crate) fn target_of_file(context: &Context) -> Result<Target, Failure> {
    let (config, name) = configured(context, &context.project_root(&[])?)?;
    named(&config, &name, None)
}

fn named(config: &Config, name: &str, version: Option<ApiVersion>) -> Result<Target, Failure> {
    let org = config.org(name)?;
    let instance = instance(&org.instance_url)?;
    let tokens = tokens::of(config, name, org)?;
    let mut target = target_of(
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

impl Auth {
    /// What `eca.toml` calls it.
    fn method(&self) -> &'static str {
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

/// The `audience` of the org that `--org` names in `eca.toml`.
pub(crate) fn audience(context: &Context, root: &Path) -> Result<Option<Audience>, Failure> {
    let (Some(name), Some(config)) = (context.org_name(), Config::find(root)?) else {
        return Ok(None);
    };
    Ok(config.org(name)?.audience.clone())
}

fn target_of(
    name: Option<&str>,
    instance: InstanceUrl,
    version: Option<ApiVersion>,
    tokens: Arc<dyn TokenSource>,
    method: &'static str,
) -> Result<Target, Failure> {
    let endpoint = Endpoint::new(&instance, version.unwrap_or(ApiVersion::NEWEST_CHECKED));
    Ok(Target {
        name: name.map(str::to_owned),
        org: Org::new(endpoint, context::http()?, Arc::clone(&tokens)),
        tokens,
        instance,
        method,
    })
}

fn instance(url: &str) -> Result<InstanceUrl, Failure> {
    url.parse().map_err(|error: eca_oauth::InvalidUrl| {
        Failure::from_error(Exit::Usage, &error)
            .hint("the instance URL is the org's My Domain, such as https://acme.my.salesforce.com")
    })
}

/// The org of `eca.toml` that a command is about, which must be there.
fn configured(context: &Context, root: &Path) -> Result<(Config, String), Failure> {
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

/// Something in `eca.toml` that cannot be used.
fn unusable(name: &str, member: &str, error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::caused_by(
        Exit::Usage,
        format!("`{member}` of org `{name}` in eca.toml"),
        error,
    )
}
