//! The beginning of every grant: the client, its address, and its transaction.

use std::net::IpAddr;
use std::time::SystemTime;

use crate::core::Core;
use crate::oauth::client::Credentials;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::server::call::{Call, Reply};
use crate::state::State;
use crate::state::components::App;

/// A request to the token endpoint.
pub(super) struct TokenRequest<'a> {
    pub(super) core: &'a Core,
    pub(super) call: &'a Call,
    pub(super) form: &'a Form,
    pub(super) on_site: bool,
}

/// How a client authenticates.
pub(super) struct Proof {
    pub(super) is_secret_needed: fn(&App<'_>) -> bool,
    /// Whether a `client_assertion` can replace the secret.
    pub(super) takes_assertion: bool,
}

/// The client of a request, authenticated.
pub(super) struct Client {
    /// The name of its app.
    pub(super) name: String,
    /// The address of the client.
    pub(super) source: IpAddr,
    pub(super) now: SystemTime,
}

impl TokenRequest<'_> {
    /// Authenticates the client, and runs `grant` for it in a transaction.
    pub(super) fn authenticate(
        &self,
        proof: &Proof,
        grant: impl FnOnce(&mut State, &Client) -> Result<Reply, OauthError>,
    ) -> Result<Reply, OauthError> {
        let (core, form) = (self.core, self.form);
        let credentials = Credentials::read(self.call, form)?;
        core.transact(|state, now| {
            let is_needed = proof.is_secret_needed;
            let app = if proof.takes_assertion {
                credentials.authenticate_or_assert(core, state, form, now, is_needed)
            } else {
                credentials.authenticate(state, now, is_needed)
            };
            let name = match app.map(|app| app.name.to_owned()) {
                Ok(name) => name,
                Err(error) => {
                    // A code that somebody sends with a wrong secret has leaked.
                    if error.error == "invalid_client"
                        && let Some(code) = form.get("code")
                        && let Some(code) = state.grants.code_mut(code)
                    {
                        code.spend();
                    }
                    return Err(error);
                }
            };
            let client = Client {
                name,
                source: state.network.source(self.call),
                now,
            };
            grant(state, &client)
        })
    }
}

impl Client {
    /// Its app.
    pub(super) fn app<'a>(&self, state: &'a State) -> Result<App<'a>, OauthError> {
        let gone = || OauthError::new("invalid_client_id", "client identifier invalid");
        state.metadata.app(&self.name).ok_or_else(gone)
    }

    /// Writes a refusal into the login history.
    pub(super) fn record_refusal(&self, state: &mut State, username: &str, reason: &str) {
        state.record_login(username, &self.name, reason, self.source, self.now);
    }
}
