//! From an entry of `eca.toml` to a source of tokens.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eca_oauth::{
    AccessToken, ClientAuthentication, ClientCredential, ClientCredentials, ClientCredentialsGrant,
    ClientSecret, InvalidName, InvalidUrl, JwtBearer, LoginUrl, MemoryRefreshStore, RefreshStore,
    RefreshTokens, SfdxAuthUrl, StaticToken, TokenSource,
};

use super::assertions::Assertions;
use super::config::{Auth, Config, OrgConfig};
use super::login::Login;
use super::refresh_file::RefreshFile;
use super::secret_source::SecretSource;
use super::{configured, sf_program, unusable};
use crate::context::{self, Context};
use crate::exit::Exit;
use crate::failure::Failure;

/// The source of tokens of an org.
pub(super) fn of(
    config: &Config,
    name: &str,
    org: &OrgConfig,
) -> Result<Arc<dyn TokenSource>, Failure> {
    Ok(match &org.auth {
        Auth::AccessToken { access_token } => {
            let token = AccessToken::new(access_token.read(name, "access-token")?)
                .map_err(|error| unusable(name, "access-token", &error))?;
            Arc::new(StaticToken::new(token))
        }
        Auth::ClientCredentials {
            client_id,
            client_secret,
        } => {
            let client_id = client_id
                .parse()
                .map_err(|error: InvalidName| unusable(name, "client-id", &error))?;
            let secret = secret(name, client_secret)?;
            let host = host(name, org)?;
            let grant = ClientCredentialsGrant::new(host.token_endpoint(), client_id, secret)
                .map_err(|error| unusable(name, "host", &error))?;
            Arc::new(ClientCredentials::new(context::http()?, grant))
        }
        Auth::Jwt {
            client_id,
            username,
            key,
            ..
        } => {
            let assertions = assertions(config, name, org, client_id, username, key)?;
            let endpoint = host(name, org)?.token_endpoint();
            let source = move || assertions.assertion();
            Arc::new(JwtBearer::new(context::http()?, endpoint, Arc::new(source)))
        }
        Auth::Login(_) => Login::of(config, name)?.tokens()?,
        Auth::SfdxAuthUrl { sfdx_auth_url } => sfdx(name, sfdx_auth_url)?,
        Auth::Sf { target_org } => {
            let token = sf_program::access_token(target_org.as_deref())?;
            Arc::new(StaticToken::new(token))
        }
    })
}

fn assertions(
    config: &Config,
    name: &str,
    org: &OrgConfig,
    client_id: &str,
    username: &str,
    key: &Path,
) -> Result<Assertions, Failure> {
    let audience = org.audience.clone().ok_or_else(|| {
        Failure::new(Exit::Usage, format!("org `{name}` has no `audience`"))
            .hint("set it to https://login.salesforce.com, https://test.salesforce.com or a site's url; it is never guessed from a host")
    })?;
    Ok(Assertions::new(name, client_id, audience, &config.beside(key))?.subject(username))
}

/// What the JWT bearer flow of an org signs, to be looked at.
pub(crate) struct Bearer {
    pub(crate) assertions: Assertions,
    pub(crate) audience: String,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) host: LoginUrl,
}

impl Bearer {
    /// That of the org that `--org` or `eca.toml` names; `None` when it gets its tokens in another way.
    pub(crate) fn find(context: &Context) -> Result<Option<Self>, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        let org = config.org(&name)?;
        let Auth::Jwt {
            client_id,
            username,
            key,
            certificate,
        } = &org.auth
        else {
            return Ok(None);
        };
        let audience = org.audience.as_ref().map(ToString::to_string);
        Ok(Some(Self {
            assertions: assertions(&config, &name, org, client_id, username, key)?,
            audience: audience.unwrap_or_default(),
            certificate: certificate.as_ref().map(|path| config.beside(path)),
            host: host(&name, org)?,
        }))
    }
}

/// Where tokens of an org are asked from.
pub(super) fn host(name: &str, org: &OrgConfig) -> Result<LoginUrl, Failure> {
    let url = org.host.as_deref().unwrap_or(&org.instance_url);
    url.parse()
        .map_err(|error: InvalidUrl| unusable(name, "host", &error))
}

pub(super) fn secret(name: &str, source: &SecretSource) -> Result<ClientSecret, Failure> {
    ClientSecret::new(source.read(name, "client-secret")?)
        .map_err(|error| unusable(name, "client-secret", &error))
}

fn sfdx(name: &str, source: &SecretSource) -> Result<Arc<dyn TokenSource>, Failure> {
    let url: SfdxAuthUrl = source
        .read(name, "sfdx-auth-url")?
        .parse()
        .map_err(|error| unusable(name, "sfdx-auth-url", &error))?;
    let endpoint = url.login_url.token_endpoint();
    let client_id = url.client_id.clone();
    // A file can keep a rotated token; an environment variable or the output of a command cannot.
    let store: Arc<dyn RefreshStore> = match source {
        SecretSource::File(path) => Arc::new(RefreshFile::sfdx(path.into())),
        SecretSource::Env(_) | SecretSource::Cmd(_) => {
            Arc::new(MemoryRefreshStore::new(url.refresh_token))
        }
    };
    let credential = match url.client_secret {
        Some(secret) => ClientCredential::Secret(secret, ClientAuthentication::Form),
        None => ClientCredential::Public,
    };
    Ok(Arc::new(RefreshTokens::new(
        context::http()?,
        endpoint,
        client_id,
        credential,
        store,
    )))
}
