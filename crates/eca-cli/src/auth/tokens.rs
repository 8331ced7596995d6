//! Makes the source of tokens of an entry in `eca.toml`.

use std::sync::Arc;

use eca_http::HttpClient;
use eca_oauth::{
    AccessToken, ClientAuthentication, ClientCredential, ClientCredentials, ClientId,
    ExchangedTokens, InstanceUrl, InvalidUrl, JwtBearer, MemoryRefreshStore, RefreshStore,
    RefreshTokens, SfdxAuthUrl, StaticToken, SubjectToken, TokenEndpoint, TokenSource,
};

use crate::auth::binding;
use crate::auth::client::{credential, host};
use crate::auth::entry::unusable;
use crate::auth::login::Login;
use crate::auth::{jwt_bearer, sf_program};
use crate::config::{
    AssertionConfig, Auth, ClientCredentialsConfig, ExchangeConfig, OrgEntry, SecretSource,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::refresh_token::RefreshFile;

/// The source of tokens of an org.
pub(super) fn token_source(
    http: HttpClient,
    entry: &OrgEntry,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let name = &entry.name;
    Ok(match &entry.config.auth {
        Auth::AccessToken(config) => {
            let token = AccessToken::new(
                config
                    .access_token
                    .read(&entry.secret(&config.access_token, "access-token"))?,
            )
            .map_err(|error| unusable(name, "access-token", &error))?;
            Arc::new(StaticToken::new(token))
        }
        Auth::ClientCredentials(config) => client_credentials(http, entry, config)?,
        Auth::TokenExchange(config) => token_exchange(http, entry, config)?,
        Auth::Jwt(jwt) => {
            let (_, assertions) = jwt_bearer::assertions(entry, jwt)?;
            let endpoint = host(entry)?.token_endpoint();
            let tokens = JwtBearer::new(http, endpoint, Arc::new(assertions));
            Arc::new(tokens.for_instances(binding::instances(&entry.config)))
        }
        Auth::Login(login) => Login::new(entry, login)?.tokens(http)?,
        Auth::SfdxAuthUrl(config) => sfdx_auth_url(http, entry, &config.sfdx_auth_url)?,
        Auth::Sf(config) => {
            let org = config.target_org.as_deref();
            let actual: InstanceUrl = sf_program::instance_url(org)?
                .parse()
                .map_err(|error: InvalidUrl| Failure::from_error(Exit::Authentication, &error))?;
            let checked = binding::instances(&entry.config).check(&actual);
            checked.map_err(|error| binding::other_instance(name, &error))?;
            Arc::new(StaticToken::new(sf_program::access_token(org)?))
        }
    })
}

fn client_credentials(
    http: HttpClient,
    entry: &OrgEntry,
    config: &ClientCredentialsConfig,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let (endpoint, credential) = endpoint_and_credential(
        entry,
        &config.client_id,
        config.client_secret.as_ref(),
        config.client_assertion.as_ref(),
    )?;
    if matches!(credential, ClientCredential::Public) {
        let message = format!(
            "org `{}` has neither `client-secret` nor `client-assertion` in eca.toml",
            entry.name
        );
        return Err(Failure::new(Exit::Usage, message)
            .hint("the client credentials flow needs one: client-secret = \"env:NAME\""));
    }
    let tokens = ClientCredentials::new(http, endpoint, config.client_id.clone(), credential)
        .map_err(|error| unusable(&entry.name, "host", &error))?;
    Ok(Arc::new(
        tokens.for_instances(binding::instances(&entry.config)),
    ))
}

fn token_exchange(
    http: HttpClient,
    entry: &OrgEntry,
    config: &ExchangeConfig,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let (endpoint, credential) = endpoint_and_credential(
        entry,
        &config.client_id,
        config.client_secret.as_ref(),
        config.client_assertion.as_ref(),
    )?;
    let source = config.subject_token.clone();
    let member = entry.secret(&source, "subject-token");
    let subject = move || {
        let text = source.read_or(|problem| format!("{member}: {problem}"))?;
        SubjectToken::new(text).map_err(|error| error.to_string())
    };
    let mut tokens = ExchangedTokens::new(
        http,
        endpoint,
        config.client_id.clone(),
        credential,
        Arc::new(subject),
        config.subject_token_type,
    )
    .map_err(|error| unusable(&entry.name, "host", &error))?
    .for_instances(binding::instances(&entry.config));
    if let Some(handler) = &config.handler {
        tokens = tokens.with_handler(handler);
    }
    if let Some(scope) = &config.scope {
        tokens = tokens.with_scope(scope.clone());
    }
    Ok(Arc::new(tokens))
}

/// The token endpoint of the entry's host, and the credential of this client there.
fn endpoint_and_credential(
    entry: &OrgEntry,
    client_id: &ClientId,
    secret: Option<&SecretSource>,
    assertion: Option<&AssertionConfig>,
) -> Result<(TokenEndpoint, ClientCredential), Failure> {
    let (host, basic) = (host(entry)?, ClientAuthentication::Basic);
    let credential = credential(entry, &host, client_id, secret, assertion, basic)?;
    Ok((host.token_endpoint(), credential))
}

fn sfdx_auth_url(
    http: HttpClient,
    entry: &OrgEntry,
    source: &SecretSource,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let name = &entry.name;
    let url: SfdxAuthUrl = source
        .read(&entry.secret(source, "sfdx-auth-url"))?
        .parse()
        .map_err(|error| unusable(name, "sfdx-auth-url", &error))?;
    let instances = binding::instances(&entry.config);
    let checked = instances.check_login(&url.login_url);
    checked.map_err(|error| binding::other_instance(name, &error))?;
    let endpoint = url.login_url.token_endpoint();
    let client_id = url.client_id.clone();
    // A rotated token can be stored in a file, but not in an environment variable or by a command.
    let store: Arc<dyn RefreshStore> = match source.file() {
        Some(path) => Arc::new(RefreshFile::sfdx(path.to_owned())),
        None => Arc::new(MemoryRefreshStore::new(url.refresh_token)),
    };
    let credential = match url.client_secret {
        Some(secret) => ClientCredential::Secret(secret, ClientAuthentication::Form),
        None => ClientCredential::Public,
    };
    let tokens = RefreshTokens::new(http, endpoint, client_id, credential, store);
    Ok(Arc::new(tokens.for_instances(instances)))
}
