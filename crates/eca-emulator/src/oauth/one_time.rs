//! One-time passwords: passwordless login and registration through the challenge endpoint.
//!
//! That both exist, and that an address is verified first, is documented (Salesforce Help, "OAuth
//! 2.0 for First-Party Applications" pages). The parameters are this org's own, in
//! [`ChallengeProfile`](crate::ChallengeProfile):
//!
//! 1. `username` and `verification_method` (`email` or `sms`) without a password begin a
//!    passwordless login; `registration=true` with `username` and `password` begins a registration.
//! 2. The answer is `insufficient_authorization` with an `auth_session`, the same whether or not the
//!    user exists. The password goes to the org's outbox instead of to a mailbox.
//! 3. `otp` with that `auth_session` ends it. Who registers gets the permission sets of the app,
//!    as a registration handler would give them.

use std::{sync::Arc, time::SystemTime};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::{
    ids::RecordKind,
    oauth::{error::OauthError, form::Form},
    profile::ChallengeProfile,
    secret::{self, Secret},
    state::{Mail, State, grants::Session, users::UserKind},
};

/// How long a one-time password is.
const LENGTH: usize = 6;

/// What a login waits for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    username: String,
    #[serde(with = "secret::at_rest::shared")]
    otp: Arc<Secret>,
    /// The password of a user who is to be made.
    #[serde(with = "secret::at_rest::optional")]
    registration: Option<Arc<Secret>>,
}

/// Begins, if the form asks for it.
pub(crate) fn begin(
    state: &mut State,
    form: &Form,
    profile: &ChallengeProfile,
    now: SystemTime,
) -> Result<Option<Pending>, OauthError> {
    let username = form.get(&profile.username_parameter);
    let password = form.get(&profile.password_parameter);
    let is_registration = form.get(&profile.registration_parameter) == Some("true");
    let method = form.get(&profile.verification_method_parameter);
    let (Some(username), registration) = (match (is_registration, method, password) {
        (true, _, Some(password)) => (username, Some(Arc::new(Secret::new(password)))),
        (false, Some("email" | "sms"), None) => (username, None),
        (false, Some(other), None) => {
            return Err(OauthError::new(
                "invalid_request",
                format!("unknown verification method: {other}"),
            ));
        }
        _ => return Ok(None),
    }) else {
        return Ok(None);
    };
    let otp = Arc::new(Secret::new(state.random.digits(LENGTH)));
    let is_there = state
        .users
        .get(username)
        .is_some_and(|user| user.kind == UserKind::External);
    // Nobody who is not there gets mail, and nobody registers twice; the caller sees no difference.
    if is_there != registration.is_some() {
        state.outbox.push(Mail {
            time: now,
            to: username.to_owned(),
            otp: Arc::clone(&otp),
        });
    }
    Ok(Some(Pending {
        username: username.to_owned(),
        otp,
        registration,
    }))
}

/// Ends what was begun; the user name, if the one-time password is right.
pub(crate) fn finish(
    state: &mut State,
    session: &Session,
    otp: &str,
    permission_sets: &[String],
) -> Option<String> {
    let pending = session.pending.as_ref()?;
    if !bool::from(pending.otp.expose_secret().as_bytes().ct_eq(otp.as_bytes())) {
        return None;
    }
    let is_there = state.users.get(&pending.username).is_some();
    match (&pending.registration, is_there) {
        (None, true) => {}
        (Some(password), false) => {
            let id = state.ids.next(RecordKind::User);
            state.users.insert(
                id,
                &pending.username,
                UserKind::External,
                Some(password.expose_secret()),
                &mut state.random,
            );
            if let Some(user) = state.users.get_mut(&pending.username) {
                user.permission_sets.extend(permission_sets.iter().cloned());
            }
        }
        _ => return None,
    }
    Some(pending.username.clone())
}
