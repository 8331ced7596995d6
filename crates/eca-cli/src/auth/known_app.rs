//! What `eca.toml` says about the app that an org's tokens are got with.

use eca_oauth::{InvalidName, LoginUrl, Scopes};

use crate::auth::client;
use crate::auth::entry::{configured, unusable};
use crate::config::Auth;
use crate::context::Context;
use crate::failure::Failure;

/// The app and the way, to be compared with the project's metadata.
pub(crate) struct KnownApp {
    /// As `eca.toml` calls it.
    pub(crate) method: &'static str,
    pub(crate) host: LoginUrl,
    /// `None` where the way knows no app, such as a given token.
    pub(crate) client_id: Option<String>,
    pub(crate) scope: Option<Scopes>,
    pub(crate) redirect_port: Option<u16>,
}

impl KnownApp {
    /// That of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let (config, name) = configured(context, &context.project_root(&[])?)?;
        let org = config.org(&name)?;
        let (client_id, scope, redirect_port) = match &org.auth {
            Auth::ClientCredentials { client_id, .. } => (Some(client_id), None, None),
            Auth::Jwt(jwt) => (Some(&jwt.client_id), None, None),
            Auth::TokenExchange(exchange) => {
                (Some(&exchange.client_id), exchange.scope.as_deref(), None)
            }
            Auth::Login(login) => (
                Some(&login.client_id),
                login.scope.as_deref(),
                login.redirect_port,
            ),
            Auth::AccessToken { .. } | Auth::SfdxAuthUrl { .. } | Auth::Sf { .. } => {
                (None, None, None)
            }
        };
        let scope = scope.map(str::parse).transpose();
        Ok(Self {
            method: org.auth.method(),
            host: client::host(&name, org)?,
            client_id: client_id.cloned(),
            scope: scope.map_err(|error: InvalidName| unusable(&name, "scope", &error))?,
            redirect_port,
        })
    }
}
