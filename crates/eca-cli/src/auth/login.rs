//! Logins in a browser, and where their refresh tokens are kept.

use std::path::PathBuf;
use std::sync::Arc;

use eca_http::HttpClient;
use eca_oauth::{
    ClientAuthentication, ClientCredential, ClientId, InvalidName, LoginUrl, RefreshToken,
    RefreshTokens, Scopes, TokenSource,
};

use crate::auth::client;
use crate::auth::entry::{configured, unusable};
use crate::auth::loopback::Loopback;
use crate::config::{Auth, Config};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
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

/// A refresh token that was kept.
pub(crate) struct Saved {
    pub(crate) token: RefreshToken,
    pub(crate) path: PathBuf,
}

/// What `sf org login web` listens at too, so that one callback URL serves both.
const PORT: u16 = 1717;

impl Login {
    /// The login of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        Self::of(&config, &name)
    }

    pub(super) fn of(config: &Config, name: &str) -> Result<Self, Failure> {
        let org = config.org(name)?;
        let Auth::Login(login) = &org.auth else {
            let message = format!("org `{name}` of eca.toml does not log in in a browser");
            return Err(Failure::new(Exit::Usage, message)
                .hint("set auth = { method = \"login\", client-id = \"3MVG9…\" }"));
        };
        let scope = login.scope.as_deref().map(str::parse).transpose();
        let host = client::host(name, org)?;
        let proof = (
            login.client_secret.as_ref(),
            login.client_assertion.as_ref(),
        );
        let how = ClientAuthentication::Form;
        Ok(Self {
            name: name.to_owned(),
            credential: client::credential(config, name, &host, &login.client_id, proof, how)?,
            host,
            client_id: login
                .client_id
                .parse()
                .map_err(|error: InvalidName| unusable(name, "client-id", &error))?,
            scope: scope.map_err(|error: InvalidName| unusable(name, "scope", &error))?,
            redirect_port: login.redirect_port.unwrap_or(PORT),
            path: match &login.token_file {
                Some(path) => config.beside(path),
                None => dirs::state_dir()
                    .ok_or_else(|| {
                        let message = "no place to keep a refresh token: HOME is not set";
                        Failure::new(Exit::Usage, message)
                            .hint("set `token-file` of the org in eca.toml")
                    })?
                    .join(format!("{name}.refresh-token")),
            },
        })
    }

    /// Where a browser is sent back to.
    pub(crate) fn redirect_uri(port: Option<u16>) -> String {
        Loopback::redirect_uri_at(port.unwrap_or(PORT))
    }

    /// Tokens from the refresh token that was kept.
    pub(super) fn tokens(self, http: HttpClient) -> Result<Arc<dyn TokenSource>, Failure> {
        if !self.path.exists() {
            let message = format!("nobody is logged in to org `{}`", self.name);
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

    /// Keeps a refresh token.
    pub(crate) fn save(&self, token: &RefreshToken) -> Result<PathBuf, Failure> {
        refresh_token::write(&self.path, token.expose_secret())
            .map_err(|error| Failure::from_error(Exit::Failed, &error))?;
        Ok(self.path.clone())
    }

    /// The refresh token that was kept.
    pub(crate) fn saved(&self) -> Result<Option<Saved>, Failure> {
        let failed = |error: &(dyn std::error::Error + 'static)| {
            let message = format!("cannot read {}", self.path.display());
            Failure::caused_by(Exit::Usage, message, error)
        };
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let token = RefreshToken::new(text.trim()).map_err(|error| failed(&error))?;
        let path = self.path.clone();
        Ok(Some(Saved { token, path }))
    }
}
