//! The `headless` part of an org in `eca.toml`.

use std::path::PathBuf;

use eca_oauth::{
    ChallengeProfile, ClientId, ClientSecret, InvalidName, InvalidUrl, Scopes, SiteUrl,
};

use crate::auth::assertions::{Attestations, SigningKey};
use crate::auth::entry::{configured, lacks, unusable};
use crate::auth::{assertions, client};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What a headless login needs of the app and the site.
pub(crate) struct Headless {
    /// The org's name in `eca.toml`.
    pub(crate) name: String,
    pub(crate) site: SiteUrl,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: ClientSecret,
    pub(crate) scope: Option<Scopes>,
    pub(crate) profile: ChallengeProfile,
    pub(crate) attestations: Attestations,
    pub(crate) certificate: Option<PathBuf>,
    /// As `eca.toml` spells it.
    pub(crate) audience: String,
}

/// What such a section says.
const EXAMPLE: &str = "site-url = \"https://acme.my.site.com/portal\"
client-id = \"3MVG9…\"
client-secret = \"env:STAGING_SECRET\"
key = \"app.key.pem\"
audience = \"https://acme.my.site.com/portal\"
profile = { … }   # see docs/headless.md";

impl Headless {
    /// The site of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        let org = config.org(&name)?;
        let headless = org
            .headless
            .as_ref()
            .ok_or_else(|| lacks(&name, "headless", EXAMPLE))?;
        let audience = headless.audience.clone().ok_or_else(|| {
            let message = format!("`headless` of org `{name}` has no `audience`");
            Failure::new(Exit::Usage, message)
                .hint("say whom attestations are for, such as the site's url; it is never guessed")
        })?;
        let scope = headless.scope.as_deref().map(str::parse).transpose();
        Ok(Self {
            site: headless
                .site_url
                .parse()
                .map_err(|error: InvalidUrl| unusable(&name, "site-url", &error))?,
            client_id: headless
                .client_id
                .parse()
                .map_err(|error: InvalidName| unusable(&name, "client-id", &error))?,
            client_secret: client::secret(&name, &headless.client_secret)?,
            scope: scope.map_err(|error: InvalidName| unusable(&name, "scope", &error))?,
            profile: headless.profile.clone(),
            audience: audience.as_str().to_owned(),
            attestations: Attestations::new(
                assertions::issuer(&name, &headless.client_id)?,
                audience,
                SigningKey::read(&config, &name, headless.key_file())?,
            ),
            certificate: headless
                .certificate
                .as_ref()
                .map(|path| config.beside(path)),
            name,
        })
    }
}
