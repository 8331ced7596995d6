//! The JWT bearer flow of an org.

use std::path::PathBuf;

use eca_attest::{Assertion, AssertionMinter, Audience, AudienceError, Jti};
use eca_oauth::LoginUrl;

use crate::auth::entry::entry;
use crate::auth::environment::variable;
use crate::auth::signing_key::SigningKey;
use crate::auth::{binding, client};
use crate::config::{Auth, JwtConfig, OrgEntry};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The JWT bearer flow of an org, for checks before the request.
pub(crate) struct JwtBearerRequest {
    pub(crate) key: SigningKey,
    pub(crate) assertions: AssertionMinter,
    pub(crate) audience: Audience,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) host: LoginUrl,
}

impl JwtBearerRequest {
    /// The flow of the org that `--org` or `eca.toml` names; `None` when the org has another
    /// method.
    pub(crate) fn find(context: &Context) -> Result<Option<Self>, Failure> {
        let entry = entry(context)?;
        let Auth::Jwt(jwt) = &entry.config.auth else {
            return Ok(None);
        };
        let certificate = jwt.certificate.as_ref();
        let (key, assertions) = assertions(&entry, jwt)?;
        Ok(Some(Self {
            key,
            assertions,
            audience: audience(&entry)?,
            certificate: certificate.map(|path| entry.resolve(path)),
            host: client::host(&entry)?,
        }))
    }
}

/// The key, and the assertions that it signs, each with its own `jti`.
pub(super) fn assertions(
    entry: &OrgEntry,
    jwt: &JwtConfig,
) -> Result<(SigningKey, AssertionMinter), Failure> {
    let audience = audience(entry)?;
    binding::audience(entry, &audience, client::host(entry)?.uri())?;
    let claims = Assertion::jwt_bearer(jwt.client_id.clone(), &jwt.username, audience);
    let key = SigningKey::read(entry, &jwt.key)?;
    let minter = key.assertions(claims.id(Jti::Fresh))?;
    Ok((key, minter))
}

/// The `aud` of bearer assertions, from `eca.toml`, or else from `SF_AUDIENCE_URL`, a variable of
/// the Salesforce CLI.
fn audience(entry: &OrgEntry) -> Result<Audience, Failure> {
    if let Some(audience) = &entry.config.audience {
        return Ok(audience.clone());
    }
    if let Some(text) = variable("SF_AUDIENCE_URL") {
        return text.parse().map_err(|error: AudienceError| {
            Failure::caused_by(Exit::Usage, "SF_AUDIENCE_URL cannot be used", &error)
        });
    }
    let message = format!("org `{}` has no `audience`", entry.name);
    Err(Failure::new(Exit::Usage, message).hint(
        "set it in eca.toml, or set SF_AUDIENCE_URL: https://login.salesforce.com, https://test.salesforce.com or the url of a site",
    ))
}
