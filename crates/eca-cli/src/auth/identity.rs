//! The `identity` part of an org in `eca.toml`.

use eca_oauth::{
    AccessToken, ClientId, IdentityClient, IdentityGate, InstanceUrl, InvalidName, InvalidUrl,
    Recaptcha, Scopes, SiteUrl,
};

use crate::auth::client;
use crate::auth::entry::{configured, lacks, unusable};
use crate::auth::target::instance;
use crate::config::GateConfig;
use crate::context::Context;
use crate::failure::Failure;

/// An app at a site that serves the Headless Identity APIs.
pub(crate) struct Identity {
    /// The org's name in `eca.toml`.
    pub(crate) name: String,
    pub(crate) site: SiteUrl,
    /// Where the org's own users are.
    pub(crate) instance: InstanceUrl,
    pub(crate) client: IdentityClient,
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: String,
    pub(crate) scope: Option<Scopes>,
    gate: Gate,
}

enum Gate {
    Open,
    AccessToken(AccessToken),
    Recaptcha(Recaptcha),
}

/// What such a section says.
const EXAMPLE: &str = "site-url = \"https://acme.my.site.com/portal\"
client-id = \"3MVG9…\"
client-secret = \"env:STAGING_SECRET\"
redirect-uri = \"https://acme.my.site.com/portal/services/oauth2/echo\"
gate = { recaptcha = \"env:RECAPTCHA\" }   # see docs/headless.md";

impl Identity {
    /// That of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        let identity = config
            .org(&name)?
            .identity
            .as_ref()
            .ok_or_else(|| lacks(&name, "identity", EXAMPLE))?;
        let site: SiteUrl = identity
            .site_url
            .parse()
            .map_err(|error: InvalidUrl| unusable(&name, "site-url", &error))?;
        let client_id: ClientId = identity
            .client_id
            .parse()
            .map_err(|error: InvalidName| unusable(&name, "client-id", &error))?;
        let redirect_uri = identity.redirect_uri.as_str();
        let client = IdentityClient::new(site.clone(), client_id.clone(), redirect_uri);
        let client = match &identity.client_secret {
            Some(source) => client.with_secret(client::secret(&name, source)?),
            None => client,
        };
        let scope = identity.scope.as_deref().map(str::parse::<Scopes>);
        let scope = scope.transpose();
        let scope = scope.map_err(|error| unusable(&name, "scope", &error))?;
        let client = match &scope {
            Some(scope) => client.with_scope(scope.clone()),
            None => client,
        };
        let gate = match &identity.gate {
            None => Gate::Open,
            Some(GateConfig::AccessToken(source)) => Gate::AccessToken(
                AccessToken::new(source.read(&name, "gate.access-token")?)
                    .map_err(|error| unusable(&name, "gate.access-token", &error))?,
            ),
            Some(GateConfig::Recaptcha(source)) => {
                Gate::Recaptcha(Recaptcha::Token(source.read(&name, "gate.recaptcha")?))
            }
            Some(GateConfig::RecaptchaEvent {
                token,
                site_key,
                expected_action,
                project_id,
            }) => Gate::Recaptcha(Recaptcha::event(
                token.read(&name, "gate.recaptcha-event.token")?,
                site_key.as_str(),
                expected_action.as_str(),
                project_id.as_str(),
            )),
        };
        Ok(Self {
            site,
            instance: instance(&config.org(&name)?.instance_url)?,
            client,
            client_id,
            redirect_uri: redirect_uri.to_owned(),
            scope,
            gate,
            name,
        })
    }

    /// What is shown to the APIs that want to see something.
    pub(crate) fn gate(&self) -> IdentityGate<'_> {
        match &self.gate {
            Gate::Open => IdentityGate::Open,
            Gate::AccessToken(token) => IdentityGate::AccessToken(token),
            Gate::Recaptcha(solved) => IdentityGate::Recaptcha(solved),
        }
    }

    /// The integration user's token, if that is what is shown.
    pub(crate) fn integration_token(&self) -> Option<&AccessToken> {
        match &self.gate {
            Gate::AccessToken(token) => Some(token),
            _ => None,
        }
    }
}
