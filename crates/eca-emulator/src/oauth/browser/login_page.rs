//! The login page: who the user is, and whether the app accepts the login.

use std::time::SystemTime;

use http::StatusCode;

use crate::oauth::browser::page;
use crate::oauth::form::Form;
use crate::oauth::issue::policies::Assurance;
use crate::oauth::issue::{approval, policies};
use crate::oauth::one_time;
use crate::server::call::{Call, Reply};
use crate::state::State;
use crate::state::lockouts::Credential;
use crate::state::users::Proof;
use crate::state::verifications::{Purpose, Verification};

/// A submitted page.
pub(crate) struct Login<'a> {
    pub(crate) call: &'a Call,
    pub(crate) form: &'a Form,
    /// The result of checking its password.
    pub(crate) proof: &'a Proof,
    pub(crate) app: &'a str,
    pub(crate) on_site: bool,
    pub(crate) now: SystemTime,
}

/// Why the login stops.
pub(crate) enum Stop {
    /// Another page is shown.
    Page(Box<Reply>),
    /// A redirect to the app with error and description.
    Back(&'static str, &'static str),
}

impl Stop {
    fn page(reply: Reply) -> Self {
        Self::Page(Box::new(reply))
    }
}

impl Login<'_> {
    /// The user, if the app's policies admit the user, and whether the user proved more than a
    /// password. The parameters of the request go from page to page in `hidden`.
    pub(crate) fn identify(
        &self,
        state: &mut State,
        hidden: &[(&str, String)],
    ) -> Result<(String, bool), Stop> {
        let source = state.network.source(self.call);
        let (username, is_verified) = if let Some(login) = self.form.get("login") {
            (self.verified(state, login)?, true)
        } else {
            let given = self.form.get("username").unwrap_or_default();
            let (call, on_site, now) = (self.call, self.on_site, self.now);
            let user = page::user(state, call, on_site, given, self.proof, self.app, now);
            (user.map_err(Stop::Page)?, false)
        };
        let (Some(app), Some(user)) = (state.metadata.app(self.app), state.users.get(&username))
        else {
            return Err(Stop::Back("server_error", "the user or the app is gone"));
        };
        let assurance = policies::assurance(state, &app, user, source);
        let is_approved =
            !app.is_preauthorized() || approval::is_approved_by_admin(state, &app, user);
        let reason = match assurance {
            Assurance::Raise if !is_verified => {
                return Err(Stop::page(self.second_factor(state, &username, hidden)));
            }
            // Inferred wording.
            Assurance::Block => "the session does not meet the security level of this app",
            Assurance::Enough | Assurance::Raise if !is_approved => {
                "user is not admin approved to access this app"
            }
            Assurance::Enough | Assurance::Raise => return Ok((username, is_verified)),
        };
        state.record_login(&username, self.app, reason, source, self.now);
        Err(Stop::Back("OAUTH_APP_ACCESS_DENIED", reason))
    }

    /// The user of a verification code.
    fn verified(&self, state: &mut State, login: &str) -> Result<String, Stop> {
        let given = self.form.get("verification_code").unwrap_or_default();
        let purpose = Purpose::SecondFactor;
        let source = state.network.source(self.call);
        let user = state.verifications.username(login).map(str::to_owned);
        let credential = Credential::OneTimePassword;
        let pending = state.attempt(credential, user.as_deref(), source, self.now, |state| {
            state
                .verifications
                .redeem(login, purpose, None, given, self.now)
        });
        match pending {
            Ok(pending) => Ok(pending.username().to_owned()),
            Err(_) => Err(Stop::page(page::message(
                StatusCode::UNAUTHORIZED,
                "The verification code is not valid.",
            ))),
        }
    }

    /// The second page. The code goes to the org's outbox instead of to a telephone.
    fn second_factor(&self, state: &mut State, username: &str, hidden: &[(&str, String)]) -> Reply {
        let login = state.random.base62(32);
        let verification = Verification {
            purpose: Purpose::SecondFactor,
            method: "email".to_owned(),
            pending: one_time::send_to_user(state, username, self.now),
            attempts: 0,
        };
        state.verifications.add(&login, verification, self.now);
        let mut hidden: Vec<_> = hidden.iter().map(|(n, v)| (*n, v.as_str())).collect();
        hidden.push(("login", &login));
        let fields = &["verification_code"];
        page::form("Verify your identity", &self.call.path, &hidden, fields)
    }
}
