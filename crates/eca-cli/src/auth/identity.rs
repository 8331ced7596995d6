//! The `identity` section of an org in `eca.toml`.

use eca_oauth::{
    AccessToken, ClientId, CredentialPlace, IdentityClient, IdentityGate, InstanceUrl, Instances,
    Recaptcha, Scopes, SiteUrl,
};

use crate::auth::entry::{entry, missing_section, unusable};
use crate::auth::{binding, client};
use crate::config::{CredentialsConfig, GateConfig};
use crate::context::Context;
use crate::failure::Failure;

/// An app at a site that serves the Headless Identity APIs.
pub(crate) struct Identity {
    /// The org's name in `eca.toml`.
    pub(crate) name: String,
    pub(crate) site: SiteUrl,
    /// The org of the integration user.
    pub(crate) instance: InstanceUrl,
    /// The org that tokens may belong to.
    pub(crate) instances: Instances,
    pub(crate) client: IdentityClient,
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: String,
    pub(crate) scope: Option<Scopes>,
    /// Whether the credentials are sent in the body.
    pub(crate) in_body: bool,
    gate: Gate,
}

enum Gate {
    Open,
    AccessToken(AccessToken),
    Recaptcha(Recaptcha),
}

/// An example of the section.
const EXAMPLE: &str = "site-url = \"https://acme.my.site.com/portal\"
client-id = \"3MVG9…\"
client-secret = \"env:STAGING_SECRET\"
redirect-uri = \"https://acme.my.site.com/portal/services/oauth2/echo\"
gate = { recaptcha = \"env:RECAPTCHA\" }   # see docs/headless.md";

impl Identity {
    /// The app of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let mut entry = entry(context)?;
        let config = entry.config.identity.take();
        let config = config.ok_or_else(|| missing_section(&entry.name, "identity", EXAMPLE))?;
        let mut client = IdentityClient::new(
            config.site_url.clone(),
            config.client_id.clone(),
            config.redirect_uri.as_str(),
        );
        if let Some(source) = &config.client_secret {
            client = client.with_secret(client::secret(&entry, source)?);
        }
        if let Some(scope) = &config.scope {
            client = client.with_scope(scope.clone());
        }
        let in_body = config.credentials == Some(CredentialsConfig::Body);
        if in_body {
            client = client.with_credentials_in(CredentialPlace::Body);
        }
        let gate = match &config.gate {
            None => Gate::Open,
            Some(GateConfig::AccessToken(source)) => Gate::AccessToken(
                AccessToken::new(source.read(&entry.secret(source, "gate.access-token"))?)
                    .map_err(|error| unusable(&entry.name, "gate.access-token", &error))?,
            ),
            Some(GateConfig::Recaptcha(source)) => Gate::Recaptcha(Recaptcha::Token(
                source.read(&entry.secret(source, "gate.recaptcha"))?,
            )),
            Some(GateConfig::RecaptchaEvent(event)) => Gate::Recaptcha(Recaptcha::event(
                event
                    .token
                    .read(&entry.secret(&event.token, "gate.recaptcha-event.token"))?,
                event.site_key.as_str(),
                event.expected_action.as_str(),
                event.project_id.as_str(),
            )),
        };
        Ok(Self {
            site: config.site_url,
            instances: binding::instances(&entry.config),
            instance: entry.config.instance_url,
            client,
            client_id: config.client_id,
            redirect_uri: config.redirect_uri,
            scope: config.scope,
            in_body,
            gate,
            name: entry.name,
        })
    }

    /// The proof for the APIs that require one.
    pub(crate) fn gate(&self) -> IdentityGate<'_> {
        match &self.gate {
            Gate::Open => IdentityGate::Open,
            Gate::AccessToken(token) => IdentityGate::AccessToken(token),
            Gate::Recaptcha(solved) => IdentityGate::Recaptcha(solved),
        }
    }

    /// The integration user's token, if it is the proof.
    pub(crate) fn integration_token(&self) -> Option<&AccessToken> {
        match &self.gate {
            Gate::AccessToken(token) => Some(token),
            _ => None,
        }
    }
}
