//! Orgs: by name from `eca.toml`, or from the environment.

mod config;
mod secret_source;

use std::path::Path;
use std::sync::Arc;

use eca_attest::Audience;
use eca_deploy::{Endpoint, Org};
use eca_model::ApiVersion;
use eca_oauth::{
    AccessToken, ClientCredentials, ClientCredentialsGrant, InstanceUrl, StaticToken, TokenSource,
};

use crate::context::{self, Context};
use crate::exit::Exit;
use crate::failure::Failure;
use config::{Auth, Config, OrgConfig};
pub(crate) use secret_source::SecretSource;

/// An org that a command talks to.
pub(crate) struct Target {
    /// Its name in `eca.toml`; `None` for the org of the environment.
    name: Option<String>,
    /// The org for `eca-deploy`.
    pub(crate) org: Org,
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
pub(crate) fn refused(target: &Target, message: &str, error: &eca_deploy::Error) -> Failure {
    let instance = target.org.endpoint().instance();
    if error.is_auth() {
        return Failure::caused_by(Exit::Authentication, message, error)
            .hint(format!("get a new access token for {}", target.shown()));
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
    let default = config.as_ref().and_then(Config::default_org);
    let Some(name) = context.org_name().or(default) else {
        return from_environment(version);
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
    let org = config.org(name)?;
    let endpoint = endpoint(&org.instance_url, org.api_version.or(version))?;
    let tokens = tokens(name, org)?;
    Ok(Target {
        name: Some(name.to_owned()),
        org: Org::new(endpoint, context::http()?, tokens),
    })
}

/// The `audience` of the org that `--org` names in `eca.toml`.
pub(crate) fn audience(context: &Context, root: &Path) -> Result<Option<Audience>, Failure> {
    let (Some(name), Some(config)) = (context.org_name(), Config::find(root)?) else {
        return Ok(None);
    };
    Ok(config.org(name)?.audience.clone())
}

/// What the Salesforce CLI reads too: `SF_ACCESS_TOKEN` and `SF_ORG_INSTANCE_URL`.
fn from_environment(version: Option<ApiVersion>) -> Result<Target, Failure> {
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(token), Some(url)) = (read("SF_ACCESS_TOKEN"), read("SF_ORG_INSTANCE_URL")) else {
        return Err(Failure::new(Exit::Usage, "no org given").hint(
            "name one of eca.toml with --org, or set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL",
        ));
    };
    let endpoint = endpoint(&url, version)?;
    let token = AccessToken::new(token).map_err(|error| {
        Failure::caused_by(Exit::Usage, "SF_ACCESS_TOKEN cannot be used", &error)
    })?;
    Ok(Target {
        name: None,
        org: Org::new(
            endpoint,
            context::http()?,
            Arc::new(StaticToken::new(token)),
        ),
    })
}

fn endpoint(url: &str, version: Option<ApiVersion>) -> Result<Endpoint, Failure> {
    let instance: InstanceUrl = url.parse().map_err(|error: eca_oauth::InvalidUrl| {
        Failure::from_error(Exit::Usage, &error)
            .hint("the instance URL is the org's My Domain, such as https://acme.my.salesforce.com")
    })?;
    Ok(Endpoint::new(
        &instance,
        version.unwrap_or(ApiVersion::NEWEST_CHECKED),
    ))
}

fn tokens(name: &str, org: &OrgConfig) -> Result<Arc<dyn TokenSource>, Failure> {
    let refused = |member: &str, error: &(dyn std::error::Error + 'static)| {
        Failure::caused_by(
            Exit::Usage,
            format!("`{member}` of org `{name}` in eca.toml"),
            error,
        )
    };
    match &org.auth {
        Auth::AccessToken { access_token } => {
            let token = AccessToken::new(access_token.read(name, "access-token")?)
                .map_err(|error| refused("access-token", &error))?;
            Ok(Arc::new(StaticToken::new(token)))
        }
        Auth::ClientCredentials {
            client_id,
            client_secret,
        } => {
            let host: InstanceUrl = org
                .host
                .as_deref()
                .unwrap_or(&org.instance_url)
                .parse()
                .map_err(|error: eca_oauth::InvalidUrl| refused("host", &error))?;
            let client_id = client_id
                .parse()
                .map_err(|error: eca_oauth::InvalidName| refused("client-id", &error))?;
            let secret = eca_oauth::ClientSecret::new(client_secret.read(name, "client-secret")?)
                .map_err(|error| refused("client-secret", &error))?;
            let grant = ClientCredentialsGrant::new(host.token_endpoint(), client_id, secret)
                .map_err(|error| refused("host", &error))?;
            Ok(Arc::new(ClientCredentials::new(context::http()?, grant)))
        }
    }
}
