//! The Authorization Code and Credentials flow: a login without the login page (Salesforce Help,
//! "Headless Identity APIs: Authorization Code and Credentials Flow").
//!
//! The headers select the kind of credentials:
//!
//! | `Auth-Request-Type` | `Authorization: Basic` | |
//! |---|---|---|
//! | `Named-User` | user name and password | |
//! | `passwordless-login` | identifier and one-time password | with `Auth-Verification-Type` as at the start |
//! | `user-registration` | identifier and one-time password | with `Auth-Verification-Type` as at the start |
//!
//! A redirect carries the code. When the platform finds no credentials, or the app requests
//! something that its settings do not allow, users report that the platform returns the login page
//! in HTML; so does this org. Wrong credentials redirect with an error, as Salesforce Help
//! describes for authorization errors in general ("OAuth 2.0 Authorization Errors"); the wording is
//! inferred.

use std::time::SystemTime;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::core::Core;
use crate::oauth::browser::authorize::redirect;
use crate::oauth::browser::page;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::oauth::headless::gate;
use crate::oauth::issue::{approval, id_token, scopes};
use crate::oauth::{client, one_time, pkce};
use crate::server::call::{Call, Reply, json_reply, uncached};
use crate::state::State;
use crate::state::grants::{CODE_LIFETIME, Code};
use crate::state::lockouts::Credential;
use crate::state::users::Proof;
use crate::state::verifications::Purpose;

/// The value of `response_type` for this flow.
pub(crate) const RESPONSE_TYPE: &str = "code_credentials";

/// User name and password, or identifier and one-time password.
struct Credentials {
    name: String,
    secret: Zeroizing<String>,
}

/// Credentials, and the result of checking them as name and password.
struct Proved {
    credentials: Credentials,
    proof: Proof,
}

/// The places for credentials.
struct Candidates {
    in_header: Option<Proved>,
    in_body: Option<Proved>,
}

/// A refusal.
enum Refusal {
    /// Redirects to the app.
    Error(&'static str, String),
    /// The login page.
    Page,
}

/// The request, and the settings of its app.
struct Request {
    app: String,
    challenge: Option<String>,
    nonce: Option<String>,
    scopes: Vec<String>,
    permission_sets: Vec<String>,
    is_post_only: bool,
}

/// Answers an authorization request with `response_type=code_credentials`.
pub(crate) fn answer(core: &Core, call: &Call, form: &Form) -> Reply {
    // The app decides which of them count; a password is compared before the state is locked.
    let proved = |credentials: Credentials| Proved {
        proof: core.prove(&credentials.name, &credentials.secret),
        credentials,
    };
    let credentials = Candidates {
        in_header: in_header(call).map(proved),
        in_body: in_body(form).map(proved),
    };
    core.transact(|state, now| {
        // Errors about client and redirect URI are not sent to that URI (RFC 6749 section 4.1.2.1).
        let given = form.get("redirect_uri").unwrap_or_default();
        let app = match client::find(state, form.get("client_id").unwrap_or_default(), now) {
            Ok(app) => app,
            Err(error) => return error.into_reply(),
        };
        let Some(mut target) = app
            .callback_urls()
            .find(|url| *url == given)
            .and_then(|url| url::Url::parse(url).ok())
        else {
            return OauthError::new(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration",
            )
            .into_reply();
        };
        let outcome = request(state, form, &app).and_then(|request| {
            let user = log_in(state, call, form, &request, credentials, now)?;
            Ok((request, user))
        });
        let mut pairs = target.query_pairs_mut();
        match outcome {
            Ok((request, username)) => {
                let granted = state.random.token();
                pairs
                    .append_pair("code", granted.expose_secret())
                    .append_pair("sfdc_community_url", &core.config.site_url())
                    .append_pair("sfdc_community_id", core.config.site_id.as_str());
                state.grants.add_code(
                    granted.expose_secret(),
                    Code {
                        app: request.app,
                        username,
                        challenge: request.challenge,
                        nonce: request.nonce,
                        scopes: request.scopes,
                        is_of_site: true,
                        redirect_uri: Some(given.to_owned()),
                        is_verified: false,
                        expires: now + CODE_LIFETIME,
                        spent_on: None,
                    },
                    now,
                );
            }
            Err(Refusal::Error(error, description)) => {
                pairs
                    .append_pair("error", error)
                    .append_pair("error_description", &description);
            }
            Err(Refusal::Page) => {
                return page::form("Log in", &call.path, &[], &["username", "password"]);
            }
        }
        if let Some(client_state) = form.get("state") {
            pairs.append_pair("state", client_state);
        }
        drop(pairs);
        redirect(target.as_str())
    })
}

/// The request, if app and org allow the flow.
fn request(
    state: &State,
    form: &Form,
    app: &crate::state::components::App<'_>,
) -> Result<Request, Refusal> {
    let error = |error, text: &str| Refusal::Error(error, text.to_owned());
    if !state.site.code_and_credentials || !app.is_code_and_credentials_enabled() {
        return Err(error(
            "unsupported_response_type",
            "response type not supported",
        ));
    }
    let challenge = form.get("code_challenge").map(str::to_owned);
    // The Mobile SDK sends no method.
    let method = form.get("code_challenge_method");
    pkce::check_challenge(challenge.as_deref(), method, app.is_pkce_required())
        .map_err(|error| Refusal::Error(error.error, error.description))?;
    let nonce = id_token::check_nonce(form.get("nonce"))
        .map_err(|error| Refusal::Error(error.error, error.description))?;
    let scopes = scopes::choose(app, form.get("scope")).map_err(|_| Refusal::Page)?;
    Ok(Request {
        app: app.name.to_owned(),
        challenge,
        nonce: nonce.map(str::to_owned),
        scopes,
        permission_sets: app.permission_sets().map(str::to_owned).collect(),
        is_post_only: app.takes_credentials_in_body_only(),
    })
}

/// The user of the credentials.
fn log_in(
    state: &mut State,
    call: &Call,
    form: &Form,
    request: &Request,
    given: Candidates,
    now: SystemTime,
) -> Result<String, Refusal> {
    let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
    // The header counts unless the app requires the body. That the body is enough elsewhere is
    // inferred.
    let given = match given.in_header.filter(|_| !request.is_post_only) {
        Some(in_header) => Some(in_header),
        None => given.in_body,
    };
    let Proved { credentials, proof } = given.ok_or(Refusal::Page)?;
    let source = state.network.source(call);
    let method = header("auth-verification-type");
    let (credential, outcome) = match header("auth-request-type") {
        Some("Named-User") => {
            if state.site.password_login_needs_recaptcha {
                gate::solved(&state.site, form.get("recaptcha"))
                    .map_err(|error| Refusal::Error(error.error, error.description))?;
            }
            let credential = Credential::Password;
            let user = state.users.get(&credentials.name);
            let user = user.map(|user| user.username.clone());
            let outcome = state.attempt(credential, user.as_deref(), source, now, |state| {
                let user = state.users.authenticate(&credentials.name, &proof);
                user.map(|user| user.username.clone())
            });
            (credential, outcome)
        }
        Some(kind @ ("passwordless-login" | "user-registration")) => {
            let purpose = match kind {
                "passwordless-login" => Purpose::Login,
                _ => Purpose::Registration,
            };
            let user = state.verifications.username(&credentials.name);
            let user = user.map(str::to_owned);
            let credential = Credential::OneTimePassword;
            let outcome = state.attempt(credential, user.as_deref(), source, now, |state| {
                verify(state, &credentials, purpose, method, request, now)
            });
            (credential, outcome)
        }
        _ => return Err(Refusal::Page),
    };
    let username = outcome.map_err(|failed| {
        let (name, app) = (&credentials.name, &request.app);
        state.record_login(name, app, failed.status(), source, now);
        Refusal::Error("invalid_grant", "authentication failure".to_owned())
    })?;
    state.forget_attempts(credential, &username);
    let (Some(user), Some(app)) = (state.users.get(&username), state.metadata.app(&request.app))
    else {
        return Err(Refusal::Page);
    };
    if app.needs_high_assurance() {
        // Multi-factor authentication cannot be completed headless (reported by users).
        return Err(Refusal::Page);
    }
    if app.is_preauthorized() {
        if !approval::is_approved_by_admin(state, &app, user) {
            return Err(Refusal::Error(
                "OAUTH_APP_ACCESS_DENIED",
                "user is not admin approved to access this app".to_owned(),
            ));
        }
    } else if !state.grants.has_approved(&username, &request.app) {
        // The approval page, which a headless client cannot show.
        return Err(Refusal::Page);
    }
    Ok(username)
}

fn verify(
    state: &mut State,
    credentials: &Credentials,
    purpose: Purpose,
    method: Option<&str>,
    request: &Request,
    now: SystemTime,
) -> Option<String> {
    let pending = state.verifications.redeem(
        &credentials.name,
        purpose,
        // The header is required and must match.
        Some(method.unwrap_or_default()),
        &credentials.secret,
        now,
    )?;
    one_time::complete(state, &pending, &request.permission_sets)
}

/// `Authorization: Basic`: ordinary Base64 as in the guide, or URL-safe without padding as the
/// Mobile SDK sends it.
fn in_header(call: &Call) -> Option<Credentials> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let value = call.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .into_iter()
        .find_map(|alphabet| {
            GeneralPurpose::new(alphabet, LENIENT)
                .decode(encoded.trim())
                .ok()
        })
        .map(Zeroizing::new)?;
    let (name, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(Credentials {
        name: name.to_owned(),
        secret: Zeroizing::new(secret.to_owned()),
    })
}

/// With "Require user credentials in the POST body for Authorization Code and Credentials Flow" the
/// header is ignored. The names of the parameters are inferred.
fn in_body(form: &Form) -> Option<Credentials> {
    Some(Credentials {
        name: form.get("username")?.to_owned(),
        secret: Zeroizing::new(form.get("password")?.to_owned()),
    })
}

/// `/services/oauth2/echo`, a redirect URI for clients that cannot receive redirects: it returns
/// the query as JSON.
pub(crate) fn echo(call: &Call) -> Reply {
    let members: Map<String, Value> = url::form_urlencoded::parse(call.query.as_bytes())
        .map(|(name, value)| (name.into_owned(), json!(value)))
        .collect();
    let status = if members.contains_key("error") {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    uncached(json_reply(status, &Value::Object(members)))
}
