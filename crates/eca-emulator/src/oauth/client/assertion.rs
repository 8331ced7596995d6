//! `client_assertion` instead of a secret (RFC 7523 section 2.2), in the web server and refresh
//! token flows: RS256, `iss` and `sub` the client id, `aud` the token endpoint, at most five
//! minutes.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_attest::{Provider, ValidationPolicy, Verifier};
use serde_json::Value;

use crate::core::Core;
use crate::oauth::client::attestation;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::state::State;
use crate::state::components::App;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_LIFETIME: Duration = Duration::from_mins(5);

/// The client that the assertion claims to come from, for clients that send no `client_id` beside
/// it: RFC 7521 section 4.2 makes it unnecessary there. Nothing is verified yet.
pub(crate) fn subject(form: &Form) -> Option<String> {
    let claims = form.get("client_assertion")?.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    Some(claims["sub"].as_str()?.to_owned())
}

/// Checks the assertion of a form, if it has one; returns whether it does.
pub(crate) fn check(
    core: &Core,
    state: &State,
    app: &App<'_>,
    form: &Form,
    now: SystemTime,
) -> Result<bool, OauthError> {
    let Some(assertion) = form.get("client_assertion") else {
        return Ok(false);
    };
    // Inferred wording: the answer does not distinguish the causes.
    let refused = || OauthError::new("invalid_client", "invalid client assertion");
    if form.get("client_assertion_type") != Some(TYPE) {
        return Err(refused());
    }
    let certificate = app
        .jwt_certificate()
        .and_then(|text| attestation::check_certificate(text).ok())
        .ok_or_else(refused)?;
    let is_right = [
        core.config.instance_url.clone(),
        core.config.site_url(),
    ]
    .into_iter()
    .any(|host| {
        let audience = format!("{host}/services/oauth2/token");
        let (Ok(issuer), Ok(audience)) = (app.consumer.key.parse(), audience.parse()) else {
            return false;
        };
        let checks = ValidationPolicy::new(issuer, audience).max_lifetime(MAX_LIFETIME);
        Verifier::new(Provider::default(), certificate.public_key(), checks)
            .ok()
            .and_then(|verifier| verifier.verify(assertion, now, &state.replays).ok())
            .is_some_and(|verified| {
                matches!(verified.claims().subject(), Ok(Some(subject)) if subject == app.consumer.key)
            })
    });
    if is_right { Ok(true) } else { Err(refused()) }
}
