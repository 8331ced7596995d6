//! The JWT bearer flow (RFC 7523; Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server
//! Integration").

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_attest::{Provider, ReplayStore, Seen};
use serde_json::Value;

use crate::core::Core;
use crate::ids::RecordId;
use crate::oauth::client;
use crate::oauth::client::attestation;
use crate::oauth::error::OauthError;
use crate::oauth::issue;
use crate::oauth::issue::id_token::Identity;
use crate::oauth::issue::policies::Flow;
use crate::oauth::issue::{Issue, RefreshToken, approval, scopes};
use crate::oauth::token::request::TokenRequest;
use crate::server::call::Reply;
use crate::state::logins::Login;
use crate::state::users::UserKind;
use crate::state::{OrgConfig, State};

/// How much clocks may differ (the page's "three-minute skew buffer").
const SKEW: Duration = Duration::from_mins(3);
/// Larger numbers are milliseconds. `sf` sends milliseconds in `exp`, and that works.
const FIRST_MILLIS: u64 = 100_000_000_000;

/// The verified content of an assertion.
#[derive(Debug)]
struct Assertion {
    app: String,
    username: String,
}

/// Why an assertion is refused, and whose login failed, if known.
#[derive(Debug)]
struct Refusal {
    error: OauthError,
    /// User and app.
    who: Option<(RecordId, String)>,
}

impl From<OauthError> for Refusal {
    fn from(error: OauthError) -> Self {
        Self { error, who: None }
    }
}

/// Issues a token for the subject of the assertion: no scope may be requested, and there is no
/// refresh token.
pub(super) fn answer(request: &TokenRequest<'_>) -> Result<Reply, OauthError> {
    let core = request.core;
    if request.form.get("scope").is_some() {
        return Err(OauthError::new(
            "invalid_request",
            "scope parameter not supported",
        ));
    }
    let assertion = request.form.required("assertion")?;
    core.transact(|state, now| {
        let source = state.network.source(request.call);
        let assertion = check(core, state, assertion, now).map_err(|refusal| {
            // The login history has the reason that the client does not see.
            if let Some((user, app)) = refusal.who {
                state.push_login(Login {
                    time: now,
                    user,
                    app,
                    status: refusal.error.description.clone(),
                    source,
                });
            }
            refusal.error
        })?;
        let scopes = state
            .metadata
            .app(&assertion.app)
            .into_iter()
            .flat_map(|app| scopes::runtime_names(&app))
            .filter(|scope| !matches!(*scope, "refresh_token" | "offline_access"))
            .map(str::to_owned)
            .collect();
        let is_of_site = state
            .users
            .get(&assertion.username)
            .is_some_and(|user| user.kind == UserKind::External);
        let issue = Issue {
            app: &assertion.app,
            username: &assertion.username,
            scopes,
            is_of_site,
            is_signed: false,
            flow: Flow::JwtBearer,
            source,
            refresh: RefreshToken::None,
            identity: Identity::NoUser,
        };
        issue::issue(core, state, issue, now).map(|issued| issued.reply)
    })
}

/// Checks an assertion. Salesforce answers nearly always with `invalid_grant`; the description
/// distinguishes the causes.
fn check(
    core: &Core,
    state: &State,
    assertion: &str,
    now: SystemTime,
) -> Result<Assertion, Refusal> {
    let grant = |description: &str| OauthError::new("invalid_grant", description);
    let invalid = || grant("invalid assertion");
    let (input, signature) = assertion.rsplit_once('.').ok_or_else(invalid)?;
    let (header, claims) = input.split_once('.').ok_or_else(invalid)?;
    let (header, claims) = (
        json(header).ok_or_else(invalid)?,
        json(claims).ok_or_else(invalid)?,
    );
    if header["alg"] != "RS256" {
        return Err(invalid().into());
    }
    let app = client::find(state, claims["iss"].as_str().unwrap_or_default(), now)?;
    let certificate = app
        .jwt_certificate()
        .and_then(|text| attestation::check_certificate(text).ok())
        .ok_or_else(invalid)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid())?;
    Provider::default()
        .verify(certificate.public_key(), input.as_bytes(), &signature)
        .map_err(|_| invalid())?;

    // From here on the author of the assertion is known.
    let username = claims["sub"]
        .as_str()
        .or_else(|| claims["prn"].as_str())
        .unwrap_or_default();
    let user = state.users.get(username);
    let who = user.map(|user| (user.id.clone(), app.name.to_owned()));
    let refuse = |error| Refusal { error, who };

    let is_audience = |text: &str| is_audience(&core.config, text);
    let is_ours = match &claims["aud"] {
        Value::String(audience) => is_audience(audience),
        Value::Array(several) => several.iter().filter_map(Value::as_str).any(is_audience),
        _ => false,
    };
    if !is_ours {
        return Err(refuse(grant("audience is invalid")));
    }
    let Some(expires) = time(&claims["exp"]) else {
        return Err(refuse(invalid()));
    };
    if expires + SKEW <= now {
        // Salesforce's own wording.
        return Err(refuse(grant("expired authorization code")));
    }
    if let Some(id) = claims["jti"].as_str() {
        let seen = state
            .replays
            .record(&app.consumer.key, id, expires + SKEW, now);
        if !matches!(seen, Ok(Seen::First)) {
            // Inferred wording; it is documented that a `jti` must be new.
            return Err(refuse(invalid()));
        }
    }
    // An unknown user and a user who has not approved the app get the same answer.
    let user = user.ok_or_else(|| grant("user hasn't approved this consumer"))?;
    approval::check(state, &app, user).map_err(refuse)?;
    Ok(Assertion {
        app: app.name.to_owned(),
        username: user.username.clone(),
    })
}

/// The audiences on the Help page: the login host of this kind of org, and the site. In addition
/// this org as its own login host, because `sf` sends the URL of its login.
fn is_audience(config: &OrgConfig, text: &str) -> bool {
    let text = text.trim_end_matches('/');
    text == config.kind.login_url() || text == config.instance_url || text == config.site_url()
}

fn time(value: &Value) -> Option<SystemTime> {
    let number = value.as_u64().or_else(|| {
        let text = value.as_str()?;
        text.parse().ok()
    })?;
    let since = if number >= FIRST_MILLIS {
        Duration::from_millis(number)
    } else {
        Duration::from_secs(number)
    };
    UNIX_EPOCH.checked_add(since)
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
