//! Logins in a browser, and their stored refresh tokens.

use std::path::PathBuf;
use std::sync::Arc;

use eca_http::HttpClient;
use eca_oauth::{
    ClientAuthentication, ClientCredential, ClientId, LoginUrl, RefreshToken, RefreshTokens,
    Scopes, TokenSource,
};

use crate::auth::client;
use crate::auth::entry::entry;
use crate::auth::loopback::Loopback;
use crate::config::{Auth, LoginConfig, OrgEntry};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::state::refresh_token::RefreshFile;
use crate::state::{dirs, refresh_token};

/// An org whose `method` is `login`.
pub(crate) struct Login {
    /// The org's name in `eca.toml`.
    pub(crate) name: String,
    pub(crate) host: LoginUrl,
    pub(crate) client_id: ClientId,
    pub(crate) credential: ClientCredential,
    pub(crate) scope: Option<Scopes>,
    pub(crate) redirect_port: u16,
    path: PathBuf,
}

/// A stored refresh token.
pub(crate) struct Saved {
    pub(crate) token: RefreshToken,
    pub(crate) path: PathBuf,
}

/// The port of `sf org login web`: both programs can use the same callback URL.
const PORT: u16 = 1717;

impl Login {
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
        Ok(Self {
            name: entry.name.clone(),
            host,
            client_id: config.client_id.clone(),
            credential,
            scope: config.scope.clone(),
            redirect_port: config.redirect_port.unwrap_or(PORT),
            path: match &config.token_file {
                Some(path) => entry.resolve(path),
                None => dirs::state_dir()
                    .ok_or_else(|| {
                        let message = "no folder for the refresh token: HOME is not set";
                        Failure::new(Exit::Usage, message)
                            .hint("set `token-file` of the org in eca.toml")
                    })?
                    .join(format!("{}.refresh-token", entry.name)),
            },
        })
    }

    /// The redirect URI.
    pub(crate) fn redirect_uri(port: Option<u16>) -> String {
        Loopback::redirect_uri_at(port.unwrap_or(PORT))
    }

    /// Tokens from the stored refresh token.
    pub(super) fn tokens(self, http: HttpClient) -> Result<Arc<dyn TokenSource>, Failure> {
        if !self.path.exists() {
            let message = format!("not logged in to org `{}`", self.name);
            let hint = format!("log in: eca login --save --org {}", self.name);
            return Err(Failure::new(Exit::Authentication, message).hint(hint));
        }
        Ok(Arc::new(RefreshTokens::new(
            http,
            self.host.token_endpoint(),
            self.client_id,
            self.credential,
            Arc::new(RefreshFile::token(self.path)),
        )))
    }

    /// Stores a refresh token.
    pub(crate) fn save(&self, token: &RefreshToken) -> Result<PathBuf, Failure> {
        refresh_token::write(&self.path, token.expose_secret())
            .map_err(|error| Failure::from_error(Exit::Failed, &error))?;
        Ok(self.path.clone())
    }

    /// The stored refresh token.
    pub(crate) fn saved(&self) -> Result<Option<Saved>, Failure> {
        let Some(text) = input::existing_text(&self.path, input::SMALL)? else {
            return Ok(None);
        };
        let token = RefreshToken::new(text.trim()).map_err(|error| {
            let message = format!("cannot read {}", self.path.display());
            Failure::caused_by(Exit::Usage, message, &error)
        })?;
        let path = self.path.clone();
        Ok(Some(Saved { token, path }))
    }
}
