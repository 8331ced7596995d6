//! One-time passwords: sending them to the org's outbox, and checking them.
//!
//! Passwordless login and registration, and the verification of the address, are documented
//! (Salesforce Help, "OAuth 2.0 for First-Party Applications" pages). The parameters at the
//! challenge endpoint are this org's own, in
//! [`ChallengeProfile`](crate::profile::ChallengeProfile):
//!
//! 1. `username` and `verification_method` (`email` or `sms`) without a password begin a
//!    passwordless login; `registration=true` with `username` and `password` begins a registration.
//! 2. The answer is `insufficient_authorization` with an `auth_session`, the same whether or not
//!    the user exists. The password goes to the org's outbox instead of to a mailbox.
//! 3. `otp` with that `auth_session` completes it. A user who registers gets the permission sets of
//!    the app, as a registration handler would assign them.
//!
//! A one-time password works once and for ten minutes by the org's clock, and five wrong ones end
//! the login or registration; these limits are this org's own.

use std::sync::Arc;
use std::time::SystemTime;

use crate::ids::RecordKind;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::profile::ChallengeProfile;
use crate::secret::Secret;
use crate::state::pending::{LIFETIME, Pending};
use crate::state::users::{NewPassword, User, UserKind};
use crate::state::{Mail, State};

/// The length of a one-time password.
const LENGTH: usize = 6;
/// The shortest password that the default policy accepts.
const SHORTEST: usize = 8;

/// The longest user name and address, in characters. Salesforce's own limits are shorter (Object
/// Reference, "User").
const LONGEST_NAME: usize = 255;
/// The largest number of messages in the outbox; more of them push out the oldest.
const MAX_OUTBOX: usize = 1_000;

/// Refuses a user name or an address that is too long to be remembered.
pub(crate) fn check_name(parameter: &str, name: &str) -> Result<(), OauthError> {
    if name.chars().nth(LONGEST_NAME).is_some() {
        return Err(OauthError::new(
            "invalid_request",
            format!("{parameter} is longer than {LONGEST_NAME} characters"),
        ));
    }
    Ok(())
}

/// Whether a new password satisfies the default policy of an org (Salesforce Help, "Set Password
/// Policies"): eight characters, letters and digits.
pub(crate) fn is_acceptable(password: &str) -> bool {
    password.chars().count() >= SHORTEST
        && password.chars().any(char::is_alphabetic)
        && password.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a step of the challenge endpoint begins a registration, and with which password.
pub(crate) fn registration_password<'a>(
    form: &'a Form,
    profile: &ChallengeProfile,
) -> Option<&'a str> {
    let is_registration = form.get(&profile.registration_parameter) == Some("true");
    is_registration
        .then(|| form.get(&profile.password_parameter))
        .flatten()
}

/// The error of a password that is not acceptable. The wording is inferred.
pub(crate) fn weak_password() -> OauthError {
    OauthError::new(
        "invalid_request",
        "the password must have at least 8 characters, letters and digits among them",
    )
}

/// Starts a verification at the challenge endpoint, if the form requests one. `registration` is the
/// hash of the [`registration_password`], unless it is too weak.
pub(crate) fn start(
    state: &mut State,
    form: &Form,
    profile: &ChallengeProfile,
    registration: Option<NewPassword>,
    now: SystemTime,
) -> Result<Option<Pending>, OauthError> {
    let username = form.get(&profile.username_parameter);
    if registration.is_none() && registration_password(form, profile).is_some() {
        return Err(weak_password());
    }
    let has_password = form.get(&profile.password_parameter).is_some();
    let method = form.get(&profile.verification_method_parameter);
    let Some(username) = username else {
        return Ok(None);
    };
    match (&registration, method, has_password) {
        (Some(_), ..) | (None, Some("email" | "sms"), false) => {}
        (None, Some(other), false) => {
            return Err(OauthError::new(
                "invalid_request",
                format!("unknown verification method: {other}"),
            ));
        }
        _ => return Ok(None),
    }
    check_name(&profile.username_parameter, username)?;
    let sent = send(state, username, username, registration, now);
    Ok(Some(sent.pending))
}

/// A one-time password, sent or not.
pub(crate) struct Sent {
    pub(crate) pending: Pending,
    /// Whether somebody got it. The caller of an API sees no difference.
    pub(crate) is_received: bool,
}

/// Sends a one-time password to a customer, or to a new one with the password `registration`.
///
/// An unknown customer gets no mail, and a user name can be registered once; the caller sees no
/// difference. `address` is the address of a new customer.
pub(crate) fn send(
    state: &mut State,
    username: &str,
    address: &str,
    registration: Option<NewPassword>,
    now: SystemTime,
) -> Sent {
    let user = state.users.get(username);
    let is_there = user.is_some_and(|user| user.kind == UserKind::External && user.is_active);
    let is_received = match &registration {
        None => is_there,
        Some(_) => user.is_none(),
    };
    let address = user.map_or(address, User::email).to_owned();
    let mut pending = pending(state, username, &address, now);
    pending.registration = registration;
    if is_received {
        mail(state, &address, &pending, now);
    }
    Sent {
        pending,
        is_received,
    }
}

/// Sends a one-time password to a user.
pub(crate) fn send_to_user(state: &mut State, username: &str, now: SystemTime) -> Pending {
    let address = state.users.get(username).map_or(username, User::email);
    let address = address.to_owned();
    let pending = pending(state, username, &address, now);
    mail(state, &address, &pending, now);
    pending
}

fn pending(state: &mut State, username: &str, address: &str, now: SystemTime) -> Pending {
    Pending {
        username: username.to_owned(),
        address: (address != username).then(|| address.to_owned()),
        otp: Arc::new(Secret::new(state.random.digits(LENGTH))),
        expires: now + LIFETIME,
        registration: None,
    }
}

fn mail(state: &mut State, address: &str, pending: &Pending, now: SystemTime) {
    if state.outbox.len() >= MAX_OUTBOX {
        state.outbox.drain(..MAX_OUTBOX / 10);
    }
    state.outbox.push(Mail {
        time: now,
        to: address.to_owned(),
        otp: Arc::clone(&pending.otp),
    });
}

/// Completes the login or registration after the one-time password was checked; returns the user
/// name, or `None` when the user is gone or the name is taken.
pub(crate) fn complete(
    state: &mut State,
    pending: &Pending,
    permission_sets: &[String],
) -> Option<String> {
    let user = state.users.get(&pending.username);
    match (&pending.registration, user) {
        (None, Some(user)) if user.kind == UserKind::External => {}
        (Some(password), None) => {
            let id = state.ids.next(RecordKind::User);
            state.users.insert(
                id,
                &pending.username,
                UserKind::External,
                Some(password.clone()),
            );
            if let Some(user) = state.users.get_mut(&pending.username) {
                user.email.clone_from(&pending.address);
                user.permission_sets.extend(permission_sets.iter().cloned());
            }
        }
        _ => return None,
    }
    Some(pending.username.clone())
}
