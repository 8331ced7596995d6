//! The app of an org in `eca.toml`.

use eca_oauth::{ClientId, LoginUrl, Scopes};

use crate::auth::client;
use crate::auth::entry::entry;
use crate::config::Auth;
use crate::context::Context;
use crate::failure::Failure;

/// The app and the flow, for a comparison with the project's metadata.
pub(crate) struct ConfiguredApp {
    /// The `method` of the org's entry.
    pub(crate) method: &'static str,
    pub(crate) host: LoginUrl,
    /// `None` for a method without an app, such as a given token.
    pub(crate) client_id: Option<ClientId>,
    pub(crate) scope: Option<Scopes>,
    pub(crate) redirect_port: Option<u16>,
}

impl ConfiguredApp {
    /// The app of the org that `--org` or `eca.toml` names.
    pub(crate) fn find(context: &Context) -> Result<Self, Failure> {
        let entry = entry(context)?;
        let mut app = Self {
            method: entry.config.auth.method(),
            host: client::host(&entry)?,
            client_id: None,
            scope: None,
            redirect_port: None,
        };
        match entry.config.auth {
            Auth::ClientCredentials(client) => app.client_id = Some(client.client_id),
            Auth::Jwt(jwt) => app.client_id = Some(jwt.client_id),
            Auth::TokenExchange(exchange) => {
                (app.client_id, app.scope) = (Some(exchange.client_id), exchange.scope);
            }
            Auth::Login(login) => {
                (app.client_id, app.scope) = (Some(login.client_id), login.scope);
                app.redirect_port = login.redirect_port;
            }
            Auth::AccessToken(_) | Auth::SfdxAuthUrl(_) | Auth::Sf(_) => {}
        }
        Ok(app)
    }
}
