//! Forgot password: two requests to one path.

use serde_json::{Value, json};

use crate::core::Core;
use crate::oauth::error::OauthError;
use crate::oauth::headless::gate;
use crate::oauth::headless::init::{answer as ok, text};
use crate::oauth::one_time;
use crate::oauth::one_time::{check_name, weak_password};
use crate::server::call::{Call, Reply};
use crate::site::HeadlessApi;
use crate::state::lockouts::Credential;
use crate::state::verifications::{Purpose, Verification};

/// `{username, recaptcha}` sends a one-time password, and the answer is the same whether or not the
/// customer exists; `{username, newpassword, otp}` uses it.
pub(crate) fn answer(core: &Core, call: &Call, body: &Value) -> Result<Reply, OauthError> {
    let username = text(body, "username").ok_or_else(|| OauthError::missing("username"))?;
    check_name("username", username)?;
    let (password, otp) = (text(body, "newpassword"), text(body, "otp"));
    // Hashed before the state is locked, and only if the password is acceptable.
    let hash = password
        .filter(|password| otp.is_some() && one_time::is_acceptable(password))
        .map(|password| core.hash(password));
    core.transact(|state, now| {
        // A later request replaces an earlier one.
        let identifier = username.to_lowercase();
        let api = state.site.forgot_password;
        let begins = password.is_none() && otp.is_none();
        // The one-time password authenticates the second request.
        if begins || api == HeadlessApi::Off {
            gate::check(state, call, body, api, "forgot_password", now)?;
        }
        if begins {
            let sent = one_time::send(state, username, username, None, now);
            if sent.is_received {
                let verification = Verification {
                    purpose: Purpose::PasswordReset,
                    method: "email".to_owned(),
                    pending: sent.pending,
                    attempts: 0,
                };
                state.verifications.add(&identifier, verification, now);
            }
            return Ok(ok(&json!({ "status_code": "otp_sent" })));
        }
        password.ok_or_else(|| OauthError::missing("newpassword"))?;
        let otp = otp.ok_or_else(|| OauthError::missing("otp"))?;
        // Before the one-time password is consumed.
        let hash = hash.ok_or_else(weak_password)?;
        let refused = || OauthError::new("invalid_request", "invalid verification code");
        let purpose = Purpose::PasswordReset;
        let (credential, source) = (Credential::OneTimePassword, state.network.source(call));
        let user = state.users.get(username).map(|user| user.username.clone());
        state
            .attempt(credential, user.as_deref(), source, now, |state| {
                state
                    .verifications
                    .redeem(&identifier, purpose, None, otp, now)
            })
            .ok()
            .filter(|_| state.users.set_password(username, &hash))
            .ok_or_else(refused)?;
        state.forget_attempts(credential, username);
        Ok(ok(&json!({ "status_code": "success" })))
    })
}
