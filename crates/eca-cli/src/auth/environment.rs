//! The org of the environment, by the variables of the Salesforce CLI.

use std::sync::Arc;

use eca_model::ApiVersion;
use eca_oauth::{AccessToken, InstanceUrl, StaticToken};

use crate::auth::target::Target;
use crate::auth::{chosen, sf_program};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The name and value of a variable or of its older name.
fn either(name: &'static str, older: &'static str) -> Option<(&'static str, String)> {
    [name, older]
        .into_iter()
        .find_map(|name| Some((name, variable(name)?)))
}

fn access_token() -> Option<(&'static str, String)> {
    either("SF_ACCESS_TOKEN", "SFDX_ACCESS_TOKEN")
}

fn instance_url() -> Option<(&'static str, String)> {
    either("SF_ORG_INSTANCE_URL", "SFDX_INSTANCE_URL")
}

/// Whether the environment has a token and its instance URL. One without the other is an error: the
/// command would go to another org than was meant.
pub(super) fn names_an_org() -> Result<bool, Failure> {
    let (set, missing) = match (access_token(), instance_url()) {
        (None, None) => return Ok(false),
        (Some(_), Some(_)) => return Ok(true),
        (Some((name, _)), None) => (name, "SF_ORG_INSTANCE_URL"),
        (None, Some((name, _))) => (name, "SF_ACCESS_TOKEN"),
    };
    let message = format!("{set} is set, but {missing} is not");
    Err(Failure::new(Exit::Usage, message).hint(format!(
        "set {missing}, too, or unset {set}; --org NAME takes an org of eca.toml and neither of them"
    )))
}

/// The org of `SF_ACCESS_TOKEN` and `SF_ORG_INSTANCE_URL` (or of their older names), else that of
/// `SF_TARGET_ORG`, an alias or user name that the installed `sf` knows.
pub(super) fn target(context: &Context, version: Option<ApiVersion>) -> Result<Target, Failure> {
    let version = match api_version()? {
        Some(version) => Some(version),
        None => version,
    };
    if let (Some((name, token)), Some((url_name, url))) = (access_token(), instance_url()) {
        let instance = instance(&url)?;
        let token = AccessToken::new(&token).map_err(|error| {
            let message = format!("{name} cannot be used");
            Failure::caused_by(Exit::Usage, message, &error)
        })?;
        let tokens = Arc::new(StaticToken::new(token));
        let choice = format!("{name} and {url_name}");
        chosen::announce(context, None, &instance, &choice);
        return Target::new(context, instance, version, tokens, "environment");
    }
    if let Some(org) = variable("SF_TARGET_ORG") {
        let instance = instance(&sf_program::instance_url(Some(&org))?)?;
        let choice = format!("SF_TARGET_ORG={}", org.escape_debug());
        chosen::announce(context, None, &instance, &choice);
        let tokens = Arc::new(StaticToken::new(sf_program::access_token(Some(&org))?));
        return Target::new(context, instance, version, tokens, "sf");
    }
    Err(Failure::new(Exit::Usage, "no org given").hint(
        "name an org of eca.toml with --org, or set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL, or SF_TARGET_ORG",
    ))
}

/// Whether `SF_TARGET_ORG` names an org.
pub(crate) fn has_target_org() -> bool {
    variable("SF_TARGET_ORG").is_some()
}

/// The org that the variables name, where they decide: that of a token and its instance URL.
pub(crate) fn instance_of_environment() -> Result<Option<InstanceUrl>, Failure> {
    if !names_an_org()? {
        return Ok(None);
    }
    let url = instance_url().map(|(_, url)| instance(&url));
    url.transpose()
}

/// `SF_ORG_API_VERSION`.
pub(super) fn api_version() -> Result<Option<ApiVersion>, Failure> {
    variable("SF_ORG_API_VERSION")
        .map(|text| {
            text.parse().map_err(|error: eca_model::InvalidApiVersion| {
                Failure::caused_by(Exit::Usage, "SF_ORG_API_VERSION cannot be used", &error)
            })
        })
        .transpose()
}

fn instance(url: &str) -> Result<InstanceUrl, Failure> {
    url.parse().map_err(|error: eca_oauth::InvalidUrl| {
        Failure::from_error(Exit::Usage, &error)
            .hint("the instance URL is the org's My Domain, such as https://acme.my.salesforce.com")
    })
}
