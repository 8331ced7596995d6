//! The start of a registration and of a passwordless login.

use std::time::SystemTime;

use http::StatusCode;
use serde_json::{Value, json};

use crate::core::Core;
use crate::oauth::error::OauthError;
use crate::oauth::headless::gate;
use crate::oauth::one_time;
use crate::oauth::one_time::{Sent, check_name, weak_password};
use crate::server::call::{Call, Reply, json_reply, uncached};
use crate::state::State;
use crate::state::verifications::{Purpose, Verification};

/// `{userdata: {email, username, …}, password, verificationmethod, recaptcha | recaptchaevent}`.
///
/// `customdata` and other members have no effect: they are for an Apex registration
/// handler, which this org does not have.
pub(crate) fn registration(core: &Core, call: &Call, body: &Value) -> Result<Reply, OauthError> {
    // Hashed before the state is locked, and only if the password is acceptable.
    let hash = text(body, "password")
        .filter(|password| one_time::is_acceptable(password))
        .map(|password| core.hash(password));
    core.transact(|state, now| {
        let api = state.site.registration;
        gate::check(state, call, body, api, "user_registration_api", now)?;
        let user = &body["userdata"];
        let email = text(user, "email").ok_or_else(|| OauthError::missing("userdata.email"))?;
        // Without a user name, the address is the user name.
        let username = text(user, "username").unwrap_or(email);
        check_name("userdata.email", email)?;
        check_name("userdata.username", username)?;
        text(body, "password").ok_or_else(|| OauthError::missing("password"))?;
        let hash = hash.ok_or_else(weak_password)?;
        let method = method(body)?;
        let sent = one_time::send(state, username, email, Some(hash), now);
        let identifier = remember(state, Purpose::Registration, method, sent, now);
        Ok(answer(&json!({ "email": email, "identifier": identifier })))
    })
}

/// `{username, verificationmethod, recaptcha | recaptchaevent}`.
pub(crate) fn passwordless(core: &Core, call: &Call, body: &Value) -> Result<Reply, OauthError> {
    core.transact(|state, now| {
        let api = state.site.passwordless_login;
        gate::check(state, call, body, api, "pwdless_login_api", now)?;
        let username = text(body, "username").ok_or_else(|| OauthError::missing("username"))?;
        check_name("username", username)?;
        let method = method(body)?;
        let sent = one_time::send(state, username, username, None, now);
        let identifier = remember(state, Purpose::Login, method, sent, now);
        Ok(answer(&json!({ "identifier": identifier })))
    })
}

/// The identifier of a request. Only one-time passwords that somebody got are remembered: no other
/// could be redeemed.
fn remember(
    state: &mut State,
    purpose: Purpose,
    method: &str,
    sent: Sent,
    now: SystemTime,
) -> String {
    // It only identifies the request; the one-time password authenticates.
    let identifier = state.random.base62(32);
    if sent.is_received {
        let verification = Verification {
            purpose,
            method: method.to_owned(),
            pending: sent.pending,
            attempts: 0,
        };
        state.verifications.add(&identifier, verification, now);
    }
    identifier
}

fn method(body: &Value) -> Result<&str, OauthError> {
    match text(body, "verificationmethod")
        .ok_or_else(|| OauthError::missing("verificationmethod"))?
    {
        known @ ("email" | "sms") => Ok(known),
        other => Err(OauthError::new(
            "invalid_request",
            format!("unknown verificationmethod: {other}"),
        )),
    }
}

/// A member with a text that is not empty.
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body[name].as_str().filter(|text| !text.is_empty())
}

pub(crate) fn answer(body: &Value) -> Reply {
    uncached(json_reply(StatusCode::OK, body))
}
