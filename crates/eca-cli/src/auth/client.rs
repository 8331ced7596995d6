//! The OAuth client of an org, and its token endpoint.

use std::sync::Arc;

use eca_attest::{Assertion, AudienceError};
use eca_oauth::{
    ClientAuthentication, ClientCredential, ClientId, ClientSecret, InvalidUrl, LoginUrl,
};

use crate::auth::binding;
use crate::auth::entry::unusable;
use crate::auth::signing_key::SigningKey;
use crate::config::{AssertionConfig, OrgEntry, SecretSource};
use crate::exit::Exit;
use crate::failure::Failure;

/// The authentication of a client: its secret, assertions signed with its key, or none.
pub(super) fn credential(
    entry: &OrgEntry,
    host: &LoginUrl,
    client_id: &ClientId,
    secret: Option<&SecretSource>,
    assertion: Option<&AssertionConfig>,
    authentication: ClientAuthentication,
) -> Result<ClientCredential, Failure> {
    let name = &entry.name;
    match (secret, assertion) {
        (None, None) => Ok(ClientCredential::Public),
        (Some(source), None) => Ok(ClientCredential::Secret(
            self::secret(entry, source)?,
            authentication,
        )),
        (None, Some(assertion)) => {
            let audience = match &assertion.audience {
                Some(audience) => audience.clone(),
                // Documented: the audience is the token endpoint, unlike that of a bearer
                // assertion.
                None => host
                    .token_endpoint()
                    .as_str()
                    .parse()
                    .map_err(|error: AudienceError| unusable(name, "host", &error))?,
            };
            binding::audience(entry, &audience, host.uri())?;
            let claims = Assertion::client_authentication(client_id.clone(), audience);
            let minter = SigningKey::read(entry, &assertion.key)?.assertions(claims)?;
            Ok(ClientCredential::Assertion(Arc::new(minter)))
        }
        (Some(_), Some(_)) => {
            let message =
                format!("org `{name}` has both `client-secret` and `client-assertion` in eca.toml");
            Err(Failure::new(Exit::Usage, message)
                .hint("remove one: an org reads an assertion only when no secret is sent"))
        }
    }
}

/// The host of the token endpoint.
pub(super) fn host(entry: &OrgEntry) -> Result<LoginUrl, Failure> {
    match &entry.config.host {
        Some(host) => Ok(host.clone()),
        None => entry
            .config
            .instance_url
            .as_str()
            .parse()
            .map_err(|error: InvalidUrl| unusable(&entry.name, "instance-url", &error)),
    }
}

/// Its secret.
pub(super) fn secret(entry: &OrgEntry, source: &SecretSource) -> Result<ClientSecret, Failure> {
    let name = "client-secret";
    ClientSecret::new(source.read(&entry.secret(source, name))?)
        .map_err(|error| unusable(&entry.name, name, &error))
}
