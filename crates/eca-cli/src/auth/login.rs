//! Logins in a browser, and their stored refresh tokens.

use std::path::PathBuf;
use std::sync::Arc;

use eca_http::HttpClient;
use eca_oauth::{
    ClientAuthentication, ClientCredential, ClientId, InstanceUrl, Instances, LoginUrl,
    RefreshToken, RefreshTokens, Scopes, TokenSource,
};

use crate::auth::entry::entry;
use crate::auth::loopback::Loopback;
use crate::auth::{binding, client};
use crate::config::{Auth, LoginConfig, OrgEntry};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::secret_file;
use crate::state::dirs;
use crate::state::refresh_token::{LockedFile, RefreshFile, TokenOwner};

/// An org whose `method` is `login`.
pub(crate) struct Login {
    /// The org's name in `eca.toml`.
    pub(crate) name: String,
    pub(crate) host: LoginUrl,
    pub(crate) client_id: ClientId,
    pub(crate) credential: ClientCredential,
    pub(crate) scope: Option<Scopes>,
    pub(crate) redirect_port: u16,
    /// The org that the token may belong to.
    pub(crate) instances: Instances,
    file: RefreshFile,
}

/// The port of `sf org login web`: both programs can use the same callback URL.
const PORT: u16 = 1717;

impl Login {
    /// Whether an `iss` (RFC 9207) is that of the host of the login or of the org.
    pub(crate) fn is_issuer(&self, issuer: &str) -> bool {
        let is_org = |url: InstanceUrl| self.instances.check(&url).is_ok();
        issuer == self.host.as_str() || issuer.parse().is_ok_and(is_org)
    }

    /// The login of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let entry = entry(context)?;
        let Auth::Login(config) = &entry.config.auth else {
            let message = format!("org `{}` of eca.toml has no browser login", entry.name);
            return Err(Failure::new(Exit::Usage, message)
                .hint("set auth = { method = \"login\", client-id = \"3MVG9…\" }"));
        };
        Self::new(&entry, config)
    }

    pub(super) fn new(entry: &OrgEntry, config: &LoginConfig) -> Result<Self, Failure> {
        let host = client::host(entry)?;
        let credential = client::credential(
            entry,
            &host,
            &config.client_id,
            config.client_secret.as_ref(),
            config.client_assertion.as_ref(),
            ClientAuthentication::Form,
        )?;
        let owner = TokenOwner {
            token_endpoint: host.token_endpoint().as_str().to_owned(),
            client_id: config.client_id.as_str().to_owned(),
            instance_url: entry.config.instance_url.as_str().to_owned(),
        };
        let path = match &config.token_file {
            Some(path) => {
                let path = entry.resolve(path);
                secret_file::check(&path)?;
                path
            }
            None => dirs::state_dir()
                .ok_or_else(|| {
                    let message = "no folder for the refresh token: HOME is not set";
                    Failure::new(Exit::Usage, message)
                        .hint("set `token-file` of the org in eca.toml")
                })?
                .join("refresh-tokens")
                .join(owner.file_name()),
        };
        Ok(Self {
            name: entry.name.clone(),
            host,
            client_id: config.client_id.clone(),
            credential,
            scope: config.scope.clone(),
            redirect_port: config.redirect_port.unwrap_or(PORT),
            instances: binding::instances(&entry.config),
            file: RefreshFile::stored(path, owner),
        })
    }

    /// The redirect URI.
    pub(crate) fn redirect_uri(port: Option<u16>) -> String {
        Loopback::redirect_uri_at(port.unwrap_or(PORT))
    }

    /// Tokens from the stored refresh token.
    pub(super) fn tokens(self, http: HttpClient) -> Result<Arc<dyn TokenSource>, Failure> {
        if !self.file.path().exists() {
            let message = format!("not logged in to org `{}`", self.name);
            let hint = format!("log in: eca login --save --org {}", self.name);
            return Err(Failure::new(Exit::Authentication, message).hint(hint));
        }
        let tokens = RefreshTokens::new(
            http,
            self.host.token_endpoint(),
            self.client_id,
            self.credential,
            Arc::new(self.file),
        );
        Ok(Arc::new(tokens.for_instances(self.instances)))
    }

    /// Stores a refresh token.
    pub(crate) fn save(&self, token: &RefreshToken) -> Result<PathBuf, Failure> {
        self.file
            .write(token)
            .map_err(|error| Failure::from_error(Exit::Failed, &error))?;
        Ok(self.file.path().to_owned())
    }

    /// The stored refresh token, locked against other processes.
    pub(crate) async fn saved(&self) -> Result<Option<LockedFile<'_>>, Failure> {
        if !self.file.path().exists() {
            return Ok(None);
        }
        let opened = self.file.open().await;
        opened
            .map(Some)
            .map_err(|error| Failure::from_error(Exit::Authentication, &error))
    }
}
