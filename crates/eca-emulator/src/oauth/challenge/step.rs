//! One step of a login: a password, a one-time password, or the start of a verification.

use std::net::IpAddr;
use std::time::SystemTime;

use http::StatusCode;
use serde_json::json;

use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::headless::gate;
use crate::oauth::one_time;
use crate::profile::ChallengeProfile;
use crate::server::call::{Reply, json_reply, uncached};
use crate::state::State;
use crate::state::grants::{CODE_LIFETIME, Code, MAX_ATTEMPTS, SESSION_LIFETIME, Session};
use crate::state::lockouts::{Credential, Failed};
use crate::state::users::{NewPassword, Proof};

/// A step with a known client and a verified attestation.
pub(super) struct ChallengeStep<'a> {
    pub(super) state: &'a mut State,
    /// The address of the client.
    pub(super) source: IpAddr,
    pub(super) profile: &'a ChallengeProfile,
    pub(super) form: &'a Form,
    pub(super) proof: &'a Proof,
    pub(super) session: Session,
    /// Whether an administrator approves the users of the app.
    pub(super) is_preauthorized: bool,
    /// The permission sets that approve a user.
    pub(super) permission_sets: Vec<String>,
    pub(super) now: SystemTime,
}

impl ChallengeStep<'_> {
    /// Logs in with the credentials in the form. `registration` is the hash of a new password.
    pub(super) fn log_in(mut self, registration: Option<NewPassword>) -> Result<Reply, OauthError> {
        let (form, profile) = (self.form, self.profile);
        if self.session.pending.is_some() {
            let Some(otp) = form.get(&profile.otp_parameter) else {
                let error = self.insufficient(format!("send {}", profile.otp_parameter));
                return Err(self.retry(error));
            };
            return match self.redeem_otp(otp) {
                Some(username) => self.issue_code(username),
                None => Err(self.count_attempt("invalid verification code")),
            };
        }
        if let Some(pending) = one_time::start(self.state, form, profile, registration, self.now)? {
            self.session.pending = Some(pending);
            let error = self.insufficient("verification code sent");
            return Err(self.retry(error));
        }
        let (Some(username), Some(_)) = (
            form.get(&profile.username_parameter),
            form.get(&profile.password_parameter),
        ) else {
            let error = self.insufficient(format!(
                "send {} and {}",
                profile.username_parameter, profile.password_parameter
            ));
            return Err(self.retry(error));
        };
        if self.state.site.password_login_needs_recaptcha {
            gate::solved(&self.state.site, form.get(&profile.recaptcha_parameter))?;
        }
        let user = self.state.users.get(username);
        let user = user.map(|user| user.username.clone());
        let proof = self.proof;
        let found = self.attempt(Credential::Password, user.as_deref(), |state| {
            let user = state.users.authenticate(username, proof);
            user.map(|user| user.username.clone())
        });
        match found {
            Some(username) => self.issue_code(username),
            None => Err(self.count_attempt("authentication failure")),
        }
    }

    /// Compares a password or one-time password, unless user or address is locked.
    fn attempt(
        &mut self,
        credential: Credential,
        username: Option<&str>,
        check: impl FnOnce(&mut State) -> Option<String>,
    ) -> Option<String> {
        let (state, now) = (&mut *self.state, self.now);
        let outcome = state.attempt(credential, username, self.source, now, check);
        if let (Err(failed @ Failed::Locked), Some(username)) = (&outcome, username) {
            // The client does not see that this is the reason.
            let app = &self.session.app;
            state.record_login(username, app, failed.status(), self.source, now);
        }
        let username = outcome.ok()?;
        state.forget_attempts(credential, &username);
        Some(username)
    }

    /// The user of the one-time password.
    fn redeem_otp(&mut self, otp: &str) -> Option<String> {
        let pending = self.session.pending.clone()?;
        let name = pending.username();
        // What nobody has and nobody asks for is not remembered.
        let is_there = self.state.users.get(name).is_some() || pending.registration.is_some();
        let (now, permission_sets) = (self.now, self.permission_sets.clone());
        let credential = Credential::OneTimePassword;
        self.attempt(credential, is_there.then_some(name), |state| {
            pending
                .matches(otp, now)
                .then(|| one_time::complete(state, &pending, &permission_sets))
                .flatten()
        })
    }

    /// Issues the code to an authenticated user.
    fn issue_code(self, username: String) -> Result<Reply, OauthError> {
        let denied = |text| Err(OauthError::new("access_denied", text));
        // A headless login has no page on which a user could approve the app.
        if !self.is_preauthorized {
            return denied("user hasn't approved this consumer");
        }
        let is_approved = self.state.users.get(&username).is_some_and(|user| {
            let mut sets = self.permission_sets.iter();
            sets.any(|name| user.permission_sets.contains(name))
        });
        if !is_approved {
            return denied("user is not admin approved to access this app");
        }
        let app = self.state.metadata.app(&self.session.app);
        if app.is_some_and(|app| app.needs_high_assurance()) {
            // First-party applications draft, section 5.2.2.1: what this endpoint cannot do happens
            // in a browser.
            let text = "the session does not meet the security level of this app";
            return Err(OauthError::new("redirect_to_web", text).status(self.status()));
        }
        let (session, now) = (self.session, self.now);
        let code = self.state.random.token();
        self.state.grants.add_code(
            code.expose_secret(),
            Code {
                app: session.app,
                username,
                challenge: session.code_challenge,
                nonce: session.nonce,
                scopes: session.scopes,
                is_of_site: true,
                redirect_uri: None,
                is_verified: false,
                expires: now + CODE_LIFETIME,
                spent_on: None,
            },
            now,
        );
        let body = json!({ "authorization_code": code.expose_secret() });
        Ok(uncached(json_reply(StatusCode::OK, &body)))
    }

    /// The status of answers that require another step.
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.profile.insufficient_authorization_status())
            .unwrap_or(StatusCode::BAD_REQUEST)
    }

    fn insufficient(&self, text: impl Into<String>) -> OauthError {
        OauthError::new("insufficient_authorization", text).status(self.status())
    }

    /// Refuses a wrong password, and allows the login another attempt while it has attempts left.
    fn count_attempt(mut self, text: &str) -> OauthError {
        self.session.attempts += 1;
        let error = OauthError::new("invalid_grant", text);
        if self.session.attempts < MAX_ATTEMPTS {
            self.retry(error)
        } else {
            error
        }
    }

    /// Allows the login another step, under a new `auth_session`.
    fn retry(self, mut error: OauthError) -> OauthError {
        let mut session = self.session;
        session.expires = self.now + SESSION_LIFETIME;
        let text = self.state.random.token();
        let grants = &mut self.state.grants;
        grants.add_session(text.expose_secret(), session, self.now);
        error.session = Some(text);
        error
    }
}
