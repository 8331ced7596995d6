//! From an entry of `eca.toml` to a source of tokens.

use std::path::PathBuf;
use std::sync::Arc;

use eca_attest::{Audience, AudienceError};
use eca_http::HttpClient;
use eca_oauth::{
    AccessToken, ClientAuthentication, ClientCredential, ClientCredentials, ExchangedTokens,
    InvalidName, JwtBearer, LoginUrl, MemoryRefreshStore, RefreshStore, RefreshTokens, SfdxAuthUrl,
    StaticToken, SubjectToken, TokenSource,
};

use crate::auth::assertions::{Assertions, SigningKey};
use crate::auth::client::{credential, host, id};
use crate::auth::entry::{configured, unusable};
use crate::auth::login::Login;
use crate::auth::secret_source::SecretSource;
use crate::auth::{assertions, sf_program};
use crate::config::{Auth, Config, ExchangeConfig, JwtConfig, OrgConfig};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::refresh_token::RefreshFile;

/// The source of tokens of an org.
pub(super) fn of(
    http: HttpClient,
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
            client_assertion,
        } => {
            let host = host(name, org)?;
            let proof = (client_secret.as_ref(), client_assertion.as_ref());
            let how = ClientAuthentication::Basic;
            let credential = credential(config, name, &host, client_id, proof, how)?;
            if matches!(credential, ClientCredential::Public) {
                let message = format!(
                    "org `{name}` has neither `client-secret` nor `client-assertion` in eca.toml"
                );
                return Err(Failure::new(Exit::Usage, message)
                    .hint("the client credentials flow needs one: client-secret = \"env:NAME\""));
            }
            let id = id(name, client_id)?;
            let endpoint = host.token_endpoint();
            let tokens = ClientCredentials::new(http, endpoint, id, credential);
            Arc::new(tokens.map_err(|error| unusable(name, "host", &error))?)
        }
        Auth::TokenExchange(exchange) => exchanged(http, config, name, org, exchange)?,
        Auth::Jwt(bearer) => {
            let assertions = assertions(config, name, org, bearer)?;
            let endpoint = host(name, org)?.token_endpoint();
            let source = move || assertions.assertion();
            Arc::new(JwtBearer::new(http, endpoint, Arc::new(source)))
        }
        Auth::Login(_) => Login::of(config, name)?.tokens(http)?,
        Auth::SfdxAuthUrl { sfdx_auth_url } => sfdx(http, name, sfdx_auth_url)?,
        Auth::Sf { target_org } => Arc::new(StaticToken::new(sf_program::access_token(
            target_org.as_deref(),
        )?)),
    })
}

fn exchanged(
    http: HttpClient,
    config: &Config,
    name: &str,
    org: &OrgConfig,
    exchange: &ExchangeConfig,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let host = host(name, org)?;
    let proof = (
        exchange.client_secret.as_ref(),
        exchange.client_assertion.as_ref(),
    );
    let how = ClientAuthentication::Basic;
    let credential = credential(config, name, &host, &exchange.client_id, proof, how)?;
    let source = exchange.subject_token.clone();
    let subject = move || {
        let text = source.take(|what| format!("`subject-token`: {what}"))?;
        SubjectToken::new(text).map_err(|error| error.to_string())
    };
    let tokens = ExchangedTokens::new(
        http,
        host.token_endpoint(),
        id(name, &exchange.client_id)?,
        credential,
        Arc::new(subject),
        exchange.subject_token_type,
    );
    let tokens = tokens.map_err(|error| unusable(name, "host", &error))?;
    let tokens = match &exchange.handler {
        Some(handler) => tokens.with_handler(handler),
        None => tokens,
    };
    let scope = exchange.scope.as_deref().map(str::parse).transpose();
    let scope = scope.map_err(|error: InvalidName| unusable(name, "scope", &error))?;
    Ok(Arc::new(match scope {
        Some(scope) => tokens.with_scope(scope),
        None => tokens,
    }))
}

/// The `aud` of bearer assertions: as `eca.toml` says, else as `SF_AUDIENCE_URL` says, which the
/// Salesforce CLI reads too.
fn audience(name: &str, org: &OrgConfig) -> Result<Audience, Failure> {
    if let Some(audience) = &org.audience {
        return Ok(audience.clone());
    }
    if let Some(text) = crate::auth::environment::variable("SF_AUDIENCE_URL") {
        return text.parse().map_err(|error: AudienceError| {
            Failure::caused_by(Exit::Usage, "SF_AUDIENCE_URL cannot be used", &error)
        });
    }
    Err(Failure::new(Exit::Usage, format!("org `{name}` has no `audience`"))
        .hint("set it to https://login.salesforce.com, https://test.salesforce.com or a site's url, or set SF_AUDIENCE_URL; it is never guessed from a host"))
}

fn assertions(
    config: &Config,
    name: &str,
    org: &OrgConfig,
    bearer: &JwtConfig,
) -> Result<Assertions, Failure> {
    let audience = audience(name, org)?;
    let issuer = assertions::issuer(name, &bearer.client_id)?;
    let key = SigningKey::read(config, name, bearer.key_file())?;
    Ok(Assertions::bearer(issuer, &bearer.username, audience, key))
}

/// What the JWT bearer flow of an org signs, to be looked at.
pub(crate) struct Bearer {
    pub(crate) assertions: Assertions,
    pub(crate) audience: String,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) host: LoginUrl,
}

impl Bearer {
    /// That of the org that `--org` or `eca.toml` names; `None` when it gets its tokens in another
    /// way.
    pub(crate) fn find(context: &Context) -> Result<Option<Self>, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        let org = config.org(&name)?;
        let Auth::Jwt(bearer) = &org.auth else {
            return Ok(None);
        };
        Ok(Some(Self {
            assertions: assertions(&config, &name, org, bearer)?,
            audience: audience(&name, org)?.as_str().to_owned(),
            certificate: bearer.certificate.as_ref().map(|path| config.beside(path)),
            host: host(&name, org)?,
        }))
    }
}

fn sfdx(
    http: HttpClient,
    name: &str,
    source: &SecretSource,
) -> Result<Arc<dyn TokenSource>, Failure> {
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
        http, endpoint, client_id, credential, store,
    )))
}
