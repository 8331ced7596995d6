//! The protection of a Headless Identity API: reCAPTCHA, or a token.

use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::oauth::error::OauthError;
use crate::server::call::Call;
use crate::site::{HeadlessApi, SiteSettings};
use crate::state::State;
use crate::state::users::UserKind;

/// Checks that the API is enabled and that the request may use it.
pub(crate) fn check(
    state: &State,
    call: &Call,
    body: &Value,
    api: HeadlessApi,
    scope: &str,
    now: std::time::SystemTime,
) -> Result<(), OauthError> {
    match api {
        HeadlessApi::Off => Err(OauthError::new(
            "access_denied",
            "this headless identity API is not enabled on this site",
        )),
        HeadlessApi::Recaptcha => {
            // reCAPTCHA Enterprise is an object, the other kinds are strings.
            let response = body["recaptcha"]
                .as_str()
                .or_else(|| body["recaptchaevent"]["token"].as_str());
            solved(&state.site, response)
        }
        HeadlessApi::Authentication => authenticated(state, call, scope, now),
    }
}

/// Whether a reCAPTCHA response is accepted.
pub(crate) fn solved(site: &SiteSettings, response: Option<&str>) -> Result<(), OauthError> {
    let response = response
        .filter(|text| !text.is_empty())
        .ok_or_else(|| OauthError::new("invalid_request", "missing required recaptcha"))?;
    let is_right = site
        .recaptcha_response
        .as_deref()
        .is_none_or(|right| bool::from(right.as_bytes().ct_eq(response.as_bytes())));
    if is_right {
        Ok(())
    } else {
        Err(OauthError::new(
            "invalid_request",
            "recaptcha validation failed",
        ))
    }
}

/// The token must belong to an internal user and have the scope of the API.
fn authenticated(
    state: &State,
    call: &Call,
    scope: &str,
    now: std::time::SystemTime,
) -> Result<(), OauthError> {
    let token = call
        .bearer()
        .and_then(|text| state.grants.token(text, now))
        .filter(|token| {
            state
                .users
                .get(&token.username)
                .is_some_and(|user| user.kind != UserKind::External)
        })
        .ok_or_else(|| OauthError::new("invalid_token", "the access token is invalid"))?;
    if token.scopes.iter().any(|granted| granted == scope) {
        Ok(())
    } else {
        Err(OauthError::new(
            "insufficient_scope",
            format!("the access token lacks the scope {scope}"),
        ))
    }
}
