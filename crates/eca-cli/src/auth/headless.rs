//! The `headless` section of an org in `eca.toml`.

use std::path::PathBuf;

use eca_attest::{Audience, ClientAttestation, Jti, Minter};
use eca_oauth::{ChallengeProfile, ClientId, ClientSecret, Instances, Scopes, SiteUrl};

use crate::auth::entry::{entry, missing_section};
use crate::auth::signing_key::SigningKey;
use crate::auth::{binding, client};
use crate::context::Context;
use crate::failure::Failure;

/// The app and the site of a headless login.
pub(crate) struct Headless {
    /// The org's name in `eca.toml`.
    pub(crate) name: String,
    pub(crate) site: SiteUrl,
    /// The org of the site.
    pub(crate) instances: Instances,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: ClientSecret,
    pub(crate) scope: Option<Scopes>,
    pub(crate) profile: ChallengeProfile,
    /// Each with its own `jti`.
    pub(crate) attestations: Minter,
    pub(crate) key: SigningKey,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) audience: Audience,
}

/// An example of the section.
const EXAMPLE: &str = "site-url = \"https://acme.my.site.com/portal\"
client-id = \"3MVG9…\"
client-secret = \"env:STAGING_SECRET\"
key = \"app.key.pem\"
audience = \"https://acme.my.site.com/portal\"
profile = { … }   # see docs/headless.md";

impl Headless {
    /// The site of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let mut entry = entry(context)?;
        let config = entry.config.headless.take();
        let config = config.ok_or_else(|| missing_section(&entry.name, "headless", EXAMPLE))?;
        binding::audience(&entry, &config.audience, config.site_url.uri())?;
        let client_secret = client::secret(&entry, &config.client_secret)?;
        let key = SigningKey::read(&entry, &config.key)?;
        let (client_id, audience) = (config.client_id.clone(), config.audience.clone());
        let claims = ClientAttestation::new(client_id, audience).id(Jti::Fresh);
        Ok(Self {
            client_secret,
            attestations: key.attestations(claims)?,
            key,
            certificate: config.certificate.map(|path| entry.resolve(&path)),
            site: config.site_url,
            instances: binding::instances(&entry.config),
            client_id: config.client_id,
            scope: config.scope,
            profile: config.profile,
            audience: config.audience,
            name: entry.name,
        })
    }
}
