//! The authorization challenge endpoint: headless login with user name and password.
//!
//! The mechanics are those of the IETF draft "OAuth 2.0 for First-Party Applications"; that each
//! request carries a client attestation, that the app must be switched on for it and that users
//! must be pre-approved is Salesforce's (Salesforce Help, "OAuth 2.0 for First-Party Applications"
//! pages). What those pages do not show is this org's own choice, settable in
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

use std::time::SystemTime;

use http::StatusCode;
use serde_json::json;

use crate::core::Core;
use crate::oauth::client::attestation;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::headless::gate;
use crate::oauth::issue::scopes;
use crate::oauth::{client, one_time};
use crate::profile::{AttestationCarrier, ChallengeProfile, DraftVintage};
use crate::server::call::{Call, Reply, json_reply, uncached};
use crate::state::State;
use crate::state::components::App;
use crate::state::grants::{CODE_LIFETIME, Code, MAX_ATTEMPTS, SESSION_LIFETIME, Session};
use crate::state::users::{NewPassword, Proof};

/// What one step brings: its parameters, and what became of the password among them.
struct Step<'a> {
    form: &'a Form,
    proof: &'a Proof,
    /// The password of somebody who registers.
    registration: Option<NewPassword>,
}

/// Answers one step.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    step(core, call).unwrap_or_else(|error| {
        remember(core, call, &error);
        error.into_reply()
    })
}

/// Puts the true reason of a refusal into the history of the user whom it names.
fn remember(core: &Core, call: &Call, error: &OauthError) {
    let Ok(form) = Form::read(call) else { return };
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

fn step(core: &Core, call: &Call) -> Result<Reply, OauthError> {
    let profile = &core.config.profile;
    let form = Form::read(call)?;
    let given = |name: &str| form.get(name).unwrap_or_default();
    // Passwords are hashed and compared before the state is locked.
    let registration = one_time::registers(&form, profile);
    let proof = match registration {
        Some(_) => Proof::NONE,
        None => core.prove(
            given(&profile.username_parameter),
            given(&profile.password_parameter),
        ),
    };
    let registration = registration
        .filter(|password| one_time::is_acceptable(password))
        .map(|password| core.hash(password));
    core.transact(|state, now| {
        let begun = match form.get("auth_session") {
            Some(text) => {
                let session = state.grants.session(text, now).cloned();
                Some(session.ok_or_else(invalid_session)?)
            }
            None => None,
        };
        let app = match (form.get("client_id"), &begun) {
            (Some(id), _) => client::find(state, id, now)?,
            // A live session identifies the client (draft section 5.1).
            (None, Some(session)) => state
                .metadata
                .app(&session.app)
                .ok_or_else(invalid_session)?,
            (None, None) => return Err(missing("client_id")),
        };
        if !state.site.first_party_apps {
            return Err(OauthError::new(
                "unauthorized_client",
                "this site does not allow apps to access the authorization challenge endpoint",
            ));
        }
        if !app.is_first_party() {
            return Err(OauthError::new(
                "unauthorized_client",
                "this external client app is not enabled for the authorization challenge endpoint",
            ));
        }
        attest(
            call,
            &form,
            profile,
            &app,
            &core.config.site_url(),
            state,
            now,
        )?;
        if profile.draft == DraftVintage::Draft04 && form.get("response_type") != Some("code") {
            return Err(OauthError::new(
                "invalid_request",
                "response_type must be code",
            ));
        }

        let session = match (begun, form.get("auth_session")) {
            (Some(session), Some(_)) => {
                let same_challenge = form
                    .get("code_challenge")
                    .is_none_or(|given| session.code_challenge.as_deref() == Some(given));
                if session.app != app.name || !same_challenge {
                    return Err(invalid_session());
                }
                session
            }
            _ => begin(&form, &app, now)?,
        };
        let (is_preauthorized, permission_sets): (_, Vec<_>) = (
            app.is_preauthorized(),
            app.permission_sets().map(str::to_owned).collect(),
        );
        if let Some(text) = form.get("auth_session") {
            state.grants.take_session(text);
        }
        log_in(
            core,
            state,
            Step {
                form: &form,
                proof: &proof,
                registration,
            },
            session,
            is_preauthorized,
            &permission_sets,
            now,
        )
    })
}

/// The first step: remembers what later ones are bound to.
fn begin(form: &Form, app: &App<'_>, now: SystemTime) -> Result<Session, OauthError> {
    let code_challenge = form.get("code_challenge");
    match (code_challenge, form.get("code_challenge_method")) {
        (None, _) if app.is_pkce_required() => {
            return Err(OauthError::new(
                "invalid_request",
                "missing required code challenge",
            ));
        }
        // Salesforce knows S256 only, and takes a challenge without a method as such.
        (Some(challenge), None | Some("S256")) if is_challenge(challenge) => {}
        (Some(_), None | Some("S256")) => {
            return Err(OauthError::new("invalid_request", "invalid code challenge"));
        }
        (Some(_), Some(_)) => {
            return Err(OauthError::new(
                "invalid_request",
                "code_challenge_method must be S256",
            ));
        }
        (None, _) => {}
    }
    let selected: Vec<_> = scopes::of(app).collect();
    let scopes = match form.get("scope") {
        None => selected.iter().map(|scope| (*scope).to_owned()).collect(),
        Some(asked) => asked
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .map(|scope| {
                if selected.contains(&scope) {
                    Ok(scope.to_owned())
                } else {
                    Err(OauthError::new(
                        "invalid_scope",
                        format!("the requested scope is not allowed: {scope}"),
                    ))
                }
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(Session {
        app: app.name.to_owned(),
        code_challenge: code_challenge.map(str::to_owned),
        nonce: form.get("nonce").map(str::to_owned),
        scopes,
        pending: None,
        attempts: 0,
        expires: now + SESSION_LIFETIME,
    })
}

fn log_in(
    core: &Core,
    state: &mut State,
    Step {
        form,
        proof,
        registration,
    }: Step<'_>,
    mut session: Session,
    is_preauthorized: bool,
    permission_sets: &[String],
    now: SystemTime,
) -> Result<Reply, OauthError> {
    let profile = &core.config.profile;
    let more = StatusCode::from_u16(profile.insufficient_authorization_status())
        .unwrap_or(StatusCode::BAD_REQUEST);
    if session.pending.is_some() {
        let Some(otp) = form.get(&profile.otp_parameter) else {
            let text = format!("send {}", profile.otp_parameter);
            let error = OauthError::new("insufficient_authorization", text).status(more);
            return Err(again(state, session, error, now));
        };
        let Some(username) = finish(state, &session, otp, permission_sets, now) else {
            session.attempts += 1;
            let failure = OauthError::new("invalid_grant", "invalid verification code");
            return Err(if session.attempts < MAX_ATTEMPTS {
                again(state, session, failure, now)
            } else {
                failure
            });
        };
        return grant(
            state,
            session,
            &username,
            is_preauthorized,
            permission_sets,
            more,
            now,
        );
    }
    if let Some(pending) = one_time::begin(state, form, profile, registration, now)? {
        session.pending = Some(pending);
        let text = "verification code sent";
        let error = OauthError::new("insufficient_authorization", text).status(more);
        return Err(again(state, session, error, now));
    }
    let (Some(username), Some(_)) = (
        form.get(&profile.username_parameter),
        form.get(&profile.password_parameter),
    ) else {
        return Err(again(
            state,
            session,
            OauthError::new(
                "insufficient_authorization",
                format!(
                    "send {} and {}",
                    profile.username_parameter, profile.password_parameter
                ),
            )
            .status(more),
            now,
        ));
    };
    if state.site.password_login_needs_recaptcha {
        gate::solved(&state.site, form.get(&profile.recaptcha_parameter))?;
    }
    let Some(user) = state.users.authenticate(username, proof) else {
        session.attempts += 1;
        let failure = OauthError::new("invalid_grant", "authentication failure");
        return Err(if session.attempts < MAX_ATTEMPTS {
            again(state, session, failure, now)
        } else {
            failure
        });
    };
    let username = user.username.clone();
    grant(
        state,
        session,
        &username,
        is_preauthorized,
        permission_sets,
        more,
        now,
    )
}

/// The user whom the one-time password lets in.
fn finish(
    state: &mut State,
    session: &Session,
    otp: &str,
    permission_sets: &[String],
    now: SystemTime,
) -> Option<String> {
    let pending = session.pending.as_ref().filter(|own| own.is(otp, now))?;
    one_time::complete(state, pending, permission_sets)
}

/// Gives the code to a user who has proved who it is.
fn grant(
    state: &mut State,
    session: Session,
    username: &str,
    is_preauthorized: bool,
    permission_sets: &[String],
    more: StatusCode,
    now: SystemTime,
) -> Result<Reply, OauthError> {
    // A headless login has no page on which a user could approve the app.
    if !is_preauthorized {
        return Err(OauthError::new(
            "access_denied",
            "user hasn't approved this consumer",
        ));
    }
    let is_approved = state.users.get(username).is_some_and(|user| {
        permission_sets
            .iter()
            .any(|name| user.permission_sets.contains(name))
    });
    if !is_approved {
        return Err(OauthError::new(
            "access_denied",
            "user is not admin approved to access this app",
        ));
    }
    let needs_more = state
        .metadata
        .app(&session.app)
        .is_some_and(|app| app.needs_high_assurance());
    if needs_more {
        // First-party applications draft, section 5.2.2.1: what cannot be done here is done in a
        // browser.
        return Err(OauthError::new(
            "redirect_to_web",
            "the session does not meet the security level of this app",
        )
        .status(more));
    }
    let granted = state.random.token();
    state.grants.add_code(
        granted.expose_secret(),
        Code {
            app: session.app,
            username: username.to_owned(),
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
    Ok(uncached(json_reply(
        StatusCode::OK,
        &json!({ "authorization_code": granted.expose_secret() }),
    )))
}

/// Gives the login another step, under a new `auth_session`.
fn again(
    state: &mut State,
    mut session: Session,
    mut error: OauthError,
    now: SystemTime,
) -> OauthError {
    session.expires = now + SESSION_LIFETIME;
    let text = state.random.token();
    state.grants.add_session(text.expose_secret(), session, now);
    error.session = Some(text);
    error
}

fn attest(
    call: &Call,
    form: &Form,
    profile: &ChallengeProfile,
    app: &App<'_>,
    site_url: &str,
    state: &State,
    now: SystemTime,
) -> Result<(), OauthError> {
    let refused =
        |text: String| OauthError::new("invalid_client", text).status(StatusCode::UNAUTHORIZED);
    let jwt = match &profile.attestation {
        AttestationCarrier::Header { name } => {
            let mut values = call.headers.get_all(name.as_str()).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().ok(),
                (Some(_), Some(_)) => {
                    return Err(refused(format!("more than one {name} header")));
                }
                (None, _) => None,
            }
        }
        AttestationCarrier::Form {
            assertion,
            assertion_type,
            assertion_type_value,
        } => {
            if form.get(assertion).is_some()
                && form.get(assertion_type) != Some(assertion_type_value)
            {
                return Err(refused(format!(
                    "{assertion_type} must be {assertion_type_value}"
                )));
            }
            form.get(assertion)
        }
    }
    .ok_or_else(|| refused("the client attestation is missing".to_owned()))?;
    attestation::verify(
        jwt.trim(),
        app.attestation_certificate(),
        &app.consumer.key,
        site_url,
        &state.replays,
        now,
    )
    .map_err(|refusal| {
        tracing::debug!(
            app = app.name,
            check = attestation::failed_check(&refusal),
            "client attestation refused"
        );
        refused(attestation::explain(&refusal))
    })
}

fn invalid_session() -> OauthError {
    OauthError::new("invalid_session", "the auth_session is not valid")
}

fn missing(parameter: &str) -> OauthError {
    OauthError::new(
        "invalid_request",
        format!("missing required parameter: {parameter}"),
    )
}

/// The base64url of a SHA-256 (RFC 7636 section 4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
