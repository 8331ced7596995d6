//! The app of a token request.

pub(crate) mod assertion;
pub(crate) mod attestation;
pub(crate) mod replays;

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::core::Core;
use crate::server::call::Call;

use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::state::State;
use crate::state::components::App;

/// `client_id` and `client_secret` of a request. The body has precedence over the `Authorization`
/// header, as at Salesforce's token endpoint.
pub(crate) struct Credentials {
    pub(crate) id: String,
    secret: Option<Zeroizing<String>>,
}

impl Credentials {
    pub(crate) fn read(call: &Call, form: &Form) -> Result<Self, OauthError> {
        if let Some(id) = form.get("client_id") {
            let secret = form
                .get("client_secret")
                .map(|secret| Zeroizing::new(secret.to_owned()));
            if secret.is_some() {
                return Ok(Self {
                    id: id.to_owned(),
                    secret,
                });
            }
            // The body may contain the id alone beside a Basic header.
            let basic = basic(call).filter(|basic| basic.id == id);
            return Ok(basic.unwrap_or(Self {
                id: id.to_owned(),
                secret: None,
            }));
        }
        let asserted = || {
            let id = assertion::subject(form)?;
            Some(Self { id, secret: None })
        };
        basic(call)
            .or_else(asserted)
            .ok_or_else(|| OauthError::missing("client_id"))
    }

    /// The app of these credentials, if the secret is right or not required.
    pub(crate) fn authenticate<'a>(
        &self,
        state: &'a State,
        now: SystemTime,
        is_secret_needed: impl FnOnce(&App<'a>) -> bool,
    ) -> Result<App<'a>, OauthError> {
        let app = find(state, &self.id, now)?;
        match &self.secret {
            Some(secret) => {
                let expected = app.consumer.secret.expose_secret().as_bytes();
                // A secret that is sent must be right even if it is not required.
                if bool::from(expected.ct_eq(secret.as_bytes())) {
                    Ok(app)
                } else {
                    Err(OauthError::new(
                        "invalid_client",
                        "invalid client credentials",
                    ))
                }
            }
            None if is_secret_needed(&app) => Err(OauthError::new(
                "invalid_client",
                "invalid client credentials",
            )),
            None => Ok(app),
        }
    }
}

impl Credentials {
    /// The same where a `client_assertion` may replace the secret. It is read only when no secret
    /// is sent.
    pub(crate) fn authenticate_or_assert<'a>(
        &self,
        core: &Core,
        state: &'a State,
        form: &Form,
        now: SystemTime,
        is_secret_needed: impl FnOnce(&App<'a>) -> bool,
    ) -> Result<App<'a>, OauthError> {
        if self.secret.is_none() {
            let app = find(state, &self.id, now)?;
            if assertion::check(core, state, &app, form, now)? {
                return Ok(app);
            }
        }
        self.authenticate(state, now, is_secret_needed)
    }
}

/// The app with this consumer key, if it is enabled.
pub(crate) fn find<'a>(state: &'a State, id: &str, now: SystemTime) -> Result<App<'a>, OauthError> {
    let app = state
        .metadata
        .app_by_key(id)
        .filter(|app| state.has_propagated(app.consumer, now));
    let app = match app {
        Some(app) => app,
        // Reported by users of apps that another org has; the code is that of the authorization
        // page, and inferred for the token endpoint.
        None if state.metadata.former_keys.contains(id) => {
            return Err(OauthError::new(
                "OAUTH_EC_APP_NOT_FOUND",
                "External client app is not installed in this org",
            ));
        }
        None => {
            return Err(OauthError::new(
                "invalid_client_id",
                "client identifier invalid",
            ));
        }
    };
    if !app.is_enabled() {
        // Inferred: an org's wording for an app whose plugin is off is not documented.
        return Err(OauthError::new(
            "invalid_client",
            "this external client app is disabled",
        ));
    }
    Ok(app)
}

/// `Authorization: Basic` with form-encoded id and secret (RFC 6749 section 2.3.1).
fn basic(call: &Call) -> Option<Credentials> {
    let value = call.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(Credentials {
        id: form_decode(id).as_str().to_owned(),
        secret: Some(form_decode(secret)),
    })
}

fn form_decode(text: &str) -> Zeroizing<String> {
    // Parsing `text` as a single name decodes it. Clients that follow the RFC encode `&` and `=`;
    // the text of other clients has none.
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    match (pairs.next(), pairs.next()) {
        (Some((name, value)), None) if value.is_empty() => Zeroizing::new(name.into_owned()),
        _ => Zeroizing::new(text.to_owned()),
    }
}
