//! Salesforce's device flow: at the token endpoint, with its own response and grant types
//! (Salesforce Help, "OAuth 2.0 Device Flow for Security-Constrained Devices").

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::core::Core;
use crate::oauth::browser::page;
use crate::oauth::error::OauthError;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::{Assurance, Flow};
use crate::oauth::issue::{Issue, RefreshToken, policies, scopes};
use crate::oauth::token::request::TokenRequest;
use crate::oauth::{client, issue};
use crate::server::call::{Call, Reply, json_reply, uncached};
use crate::state::grants::Device;
use crate::state::lockouts::Credential;

/// How long a code can be entered (the page's ten minutes).
const LIFETIME: Duration = Duration::from_mins(10);
/// Seconds between two polls.
const INTERVAL: u64 = 5;

/// `response_type=device_code`: starts the flow.
pub(super) fn start(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    let (core, form) = (request.core, request.form);
    let id = form.get("client_id").unwrap_or_default();
    core.transact(|state, now| {
        let app = client::find(state, id, now)?;
        if !app.is_device_flow_enabled() {
            return Err(OauthError::new(
                "invalid_request",
                "device flow is not enabled for this app",
            ));
        }
        let scopes = scopes::choose(&app, form.get("scope"))?;
        let app = app.name.to_owned();
        let device_code = state.random.token();
        let user_code = state.random.base62(8).to_uppercase();
        let verification = format!("{}/setup/connect", core.config.instance_url);
        let body = json!({
            "device_code": device_code.expose_secret(),
            "user_code": user_code,
            "verification_uri": verification,
            "interval": INTERVAL,
        });
        state.grants.add_device(
            device_code.expose_secret(),
            Device {
                app,
                user_code,
                scopes,
                username: None,
                expires: now + LIFETIME,
            },
            now,
        );
        Ok(uncached(json_reply(StatusCode::OK, &body)))
    })
}

/// `grant_type=device`: polls.
pub(super) fn poll(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    let (core, form) = (request.core, request.form);
    let id = form.get("client_id").unwrap_or_default();
    let device_code = form.get("code").unwrap_or_default();
    core.transact(|state, now| {
        let app = client::find(state, id, now)?.name.to_owned();
        let device = state
            .grants
            .device(device_code)
            .filter(|device| device.app == app && now < device.expires)
            .cloned()
            .ok_or_else(|| OauthError::new("invalid_grant", "invalid device code"))?;
        let Some(username) = device.username else {
            return Err(OauthError::new(
                "authorization_pending",
                "user has not authorized yet",
            ));
        };
        state.grants.take_device(device_code);
        let issue = Issue {
            app: &app,
            username: &username,
            refresh: RefreshToken::for_scopes(&device.scopes),
            scopes: device.scopes,
            is_of_site: false,
            is_signed: true,
            flow: Flow::Other,
            source: state.network.source(request.call),
            // Inferred: a user took part.
            identity: Identity::User { nonce: None },
        };
        issue::issue(core, state, issue, now).map(|issued| issued.reply)
    })
}

/// `/setup/connect`: where the user enters the code.
pub(crate) fn connect(core: &Core, call: &Call) -> Reply {
    let Some(form) = page::submitted(call) else {
        return page::form(
            "Connect a device",
            "/setup/connect",
            &[],
            &["user_code", "username", "password"],
        );
    };
    let given = |name: &str| form.get(name).unwrap_or_default();
    let proof = core.prove(given("username"), given("password"));
    core.transact(|state, now| {
        let username = match page::user(state, call, false, given("username"), &proof, "", now) {
            Ok(username) => username,
            Err(page) => return *page,
        };
        state.forget_attempts(Credential::Password, &username);
        let source = state.network.source(call);
        let Some(device) = state.grants.device_by_user_code(given("user_code"), now) else {
            return page::message(StatusCode::BAD_REQUEST, "The code is not valid.");
        };
        let (app, scopes) = (device.app.clone(), device.scopes.clone());
        let assurance = match (state.metadata.app(&app), state.users.get(&username)) {
            (Some(app), Some(user)) => policies::assurance(state, &app, user, source),
            _ => Assurance::Block,
        };
        if assurance != Assurance::Enough {
            // Inferred: this page has no second factor.
            return page::message(
                StatusCode::FORBIDDEN,
                "The app needs a session with a higher security level.",
            );
        }
        if let Some(device) = state.grants.device_by_user_code(given("user_code"), now) {
            device.username = Some(username.clone());
        }
        state.grants.approve(&username, &app, &scopes);
        page::message(StatusCode::OK, "You are connected.")
    })
}
