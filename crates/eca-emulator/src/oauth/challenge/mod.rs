//! The authorization challenge endpoint: headless login with user name and password.
//!
//! The mechanics are those of the IETF draft "OAuth 2.0 for First-Party Applications". Salesforce
//! adds that each request has a client attestation, that the app must be enabled for it and that
//! users must be pre-approved (Salesforce Help, "OAuth 2.0 for First-Party Applications" pages).
//! What those pages do not document is this org's own choice, set in
//! [`ChallengeProfile`](crate::profile::ChallengeProfile) or listed here:
//!
//! | what | answer | source |
//! |---|---|---|
//! | code granted | 200 `authorization_code` | draft section 5.2.1 |
//! | user name or password missing | 400 or 403 `insufficient_authorization` with `auth_session` | draft section 5.2.2.1, status by vintage |
//! | `auth_session` unknown, used, expired or of another client or challenge | 400 `invalid_session` | draft; that each serves one step is this org's |
//! | attestation missing or refused | 401 `invalid_client`, description names the failed check | RFC 6749 section 5.2; status is this org's |
//! | `client_id` unknown | 400 `invalid_client_id` | Salesforce's token endpoint |
//! | first-party switch of app or site off | 400 `unauthorized_client` | RFC 6749 section 5.2, inferred |
//! | no PKCE although required, or not S256 | 400 `invalid_request` | RFC 7636 section 4.4.1 |
//! | scope not selected on the app | 400 `invalid_scope` | RFC 6749 section 5.2 |
//! | wrong user name or password | 400 `invalid_grant`, with a new `auth_session` until the fifth time | Salesforce's words for password flows; the limit is this org's |
//! | reCAPTCHA asked for by the site, and missing or wrong | 400 `invalid_request` | this org's |
//! | user not pre-approved | 400 `access_denied` | RFC 6749 section 4.1.2.1, inferred |
//!
//! Clients must branch on `error`, never on the status.

mod attest;
mod request;
mod step;

use crate::core::Core;
use crate::oauth::challenge::request::ChallengeRequest;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::server::call::{Call, Reply};

/// Answers one step.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    let answered = Form::read(call).and_then(|form| {
        let request = ChallengeRequest::new(core, call, &form);
        let answered = core.transact(|state, now| request.answer(core, state, now));
        answered.inspect_err(|error| record(core, call, &form, error))
    });
    answered.unwrap_or_else(OauthError::into_reply)
}

/// Writes the true reason of a refusal into the login history of the named user.
fn record(core: &Core, call: &Call, form: &Form, error: &OauthError) {
    if error.error == "insufficient_authorization" {
        return;
    }
    if let Some(username) = form.get(&core.config.profile.username_parameter) {
        core.transact(|state, now| {
            let app = form
                .get("client_id")
                .and_then(|id| Some(state.metadata.app_by_key(id)?.name.to_owned()));
            let source = state.network.source(call);
            let app = app.unwrap_or_default();
            state.record_login(username, &app, error.description.as_str(), source, now);
        });
    }
}
