//! `/services/oauth2/token`.
//!
//! Codes and descriptions are those that Salesforce's token endpoint is reported to send; what is
//! inferred says so. Beyond RFC 6749: the answer has no `expires_in` and its `issued_at` is a
//! string of milliseconds.

use std::time::SystemTime;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac as _};
use http::StatusCode;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    call::{Call, Reply, json_reply, uncached},
    clock::unix_millis,
    oauth::{client::Credentials, error::OauthError, form::Form},
    secret::Secret,
    state::{
        Core, Facts, State,
        components::App,
        grants::{AccessToken, Fingerprint, TOKEN_LIFETIME},
    },
};

/// Answers a token request, on the instance's host or below the path of the site.
pub(crate) fn answer(core: &Core, call: &Call, on_site: bool) -> Reply {
    grant(core, call, on_site).unwrap_or_else(OauthError::into_reply)
}

fn grant(core: &Core, call: &Call, on_site: bool) -> Result<Reply, OauthError> {
    let form = Form::read(call)?;
    match form.get("grant_type") {
        Some("client_credentials") => client_credentials(core, call, &form, on_site),
        Some("authorization_code") => authorization_code(core, call, &form, on_site),
        Some(_) => Err(OauthError::new(
            "unsupported_grant_type",
            "grant type not supported",
        )),
        None => Err(OauthError::new(
            "invalid_request",
            "missing required parameter: grant_type",
        )),
    }
}

/// The client credentials flow: always with the secret, as the run-as user, without a refresh
/// token, and not on a site (Salesforce Help, "OAuth 2.0 Client Credentials Flow for Server-to-
/// Server Integration").
fn client_credentials(
    core: &Core,
    call: &Call,
    form: &Form,
    on_site: bool,
) -> Result<Reply, OauthError> {
    if on_site {
        return Err(OauthError::new(
            "invalid_grant",
            "request not supported on this domain",
        ));
    }
    let credentials = Credentials::read(call, form)?;
    let (mut guard, now) = core.state();
    let state = &mut *guard;
    let app = credentials.authenticate(&state.metadata, |_| true)?;
    let username = app
        .client_credentials_user()
        .and_then(|name| state.users.get(name))
        .map(|user| user.username.clone())
        .ok_or_else(|| OauthError::new("invalid_grant", "no client credentials user enabled"))?;
    // Scopes that make no sense without a user in front are ignored (Metadata API Developer Guide).
    let scopes = runtime_scopes(&app)
        .filter(|scope| !matches!(*scope, "full" | "web" | "refresh_token" | "offline_access"))
        .map(str::to_owned)
        .collect();
    let app = app.name.to_owned();
    issue(state, &core.facts, &app, &username, scopes, false, now)
}

/// Redeems a code that the authorization challenge endpoint gave. No `redirect_uri` was sent there,
/// so none is asked for here.
fn authorization_code(
    core: &Core,
    call: &Call,
    form: &Form,
    on_site: bool,
) -> Result<Reply, OauthError> {
    let credentials = Credentials::read(call, form)?;
    let (mut guard, now) = core.state();
    let state = &mut *guard;
    let app = credentials
        .authenticate(&state.metadata, |app| !app.is_secret_optional())?
        .name
        .to_owned();
    let text = form
        .get("code")
        .ok_or_else(|| OauthError::new("invalid_request", "missing required parameter: code"))?;
    let unknown = || OauthError::new("invalid_grant", "invalid authorization code");
    let granted = state
        .grants
        .code_mut(text)
        .filter(|code| code.app == app && on_site)
        .ok_or_else(unknown)?;
    if let Some(token) = granted.spent_on {
        // RFC 6749 section 4.1.2: a code that comes twice has leaked, and so may have its token.
        state.grants.revoke(token);
        return Err(unknown());
    }
    if granted.expires <= now {
        return Err(OauthError::new(
            "invalid_grant",
            "expired authorization code",
        ));
    }
    match (&granted.challenge, form.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) => {
            if !is_verifier(verifier) || !verifies(challenge, verifier) {
                // A wrong verifier uses the code up, so that nobody can try others.
                granted.spent_on = Some(Fingerprint::of(""));
                return Err(OauthError::new("invalid_grant", "invalid code verifier"));
            }
        }
        (Some(_), None) => {
            return Err(OauthError::new(
                "invalid_request",
                "missing required code verifier",
            ));
        }
        // RFC 9700 section 4.8.2: a verifier without a challenge is a downgrade attempt.
        (None, Some(_)) => {
            return Err(OauthError::new("invalid_grant", "invalid code verifier"));
        }
    }
    let (username, scopes) = (granted.username.clone(), granted.scopes.clone());
    let token = access_token(state, &core.facts);
    if let Some(granted) = state.grants.code_mut(text) {
        granted.spent_on = Some(Fingerprint::of(token.expose_secret()));
    }
    respond(
        state,
        &core.facts,
        &app,
        &username,
        scopes,
        true,
        &token,
        now,
    )
}

/// The run-time names of an app's scopes, in the order of the enumeration.
pub(crate) fn runtime_scopes<'a>(app: &App<'a>) -> impl Iterator<Item = &'static str> + use<'a> {
    app.scopes()
        .filter_map(|token| eca_model::scope::lookup(token)?.runtime)
}

/// RFC 7636 section 4.6, method S256.
fn verifies(challenge: &str, verifier: &str) -> bool {
    let expected = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    bool::from(expected.as_bytes().ct_eq(challenge.as_bytes()))
}

/// RFC 7636 section 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// `00D…!…`, the shape of an opaque access token.
pub(crate) fn access_token(state: &mut State, facts: &Facts) -> Secret {
    Secret::new(format!(
        "{}!{}",
        facts.org_id.short(),
        state.random.base62(96)
    ))
}

fn issue(
    state: &mut State,
    facts: &Facts,
    app: &str,
    username: &str,
    scopes: Vec<String>,
    is_of_site: bool,
    now: SystemTime,
) -> Result<Reply, OauthError> {
    let token = access_token(state, facts);
    respond(state, facts, app, username, scopes, is_of_site, &token, now)
}

#[expect(
    clippy::too_many_arguments,
    reason = "everything that a token response is made of"
)]
fn respond(
    state: &mut State,
    facts: &Facts,
    app: &str,
    username: &str,
    scopes: Vec<String>,
    is_of_site: bool,
    token: &Secret,
    now: SystemTime,
) -> Result<Reply, OauthError> {
    let gone = || OauthError::new("invalid_grant", "inactive user").status(StatusCode::BAD_REQUEST);
    let user = state.users.get(username).ok_or_else(gone)?;
    let consumer = state.metadata.consumers.get(app).ok_or_else(gone)?;
    let id = format!("{}/id/{}/{}", facts.instance_url, facts.org_id, user.id);
    let issued_at = unix_millis(now).to_string();
    let mut body = json!({
        "access_token": token.expose_secret(),
        "id": id,
        "instance_url": facts.instance_url,
        "issued_at": issued_at,
        "scope": scopes.join(" "),
        "signature": signature(consumer.secret.expose_secret(), &id, &issued_at),
        "token_type": "Bearer",
    });
    if is_of_site && let Some(members) = body.as_object_mut() {
        members.insert("sfdc_site_url".into(), json!(facts.site_url()));
        members.insert("sfdc_site_id".into(), json!(facts.site_id.as_str()));
    }
    state.grants.add_token(
        token.expose_secret(),
        AccessToken {
            username: username.to_owned(),
            app: Some(app.to_owned()),
            scopes,
            is_of_site,
            expires: now + TOKEN_LIFETIME,
        },
        now,
    );
    Ok(uncached(json_reply(StatusCode::OK, &body)))
}

/// Base64 of HMAC-SHA-256 over `id` and `issued_at` with the consumer secret.
fn signature(secret: &str, id: &str, issued_at: &str) -> String {
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of any length (RFC 2104 section 2)"
    )]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(id.as_bytes());
    mac.update(issued_at.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(is_verifier(verifier));
        assert!(verifies(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            verifier
        ));
        assert!(!verifies(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
            verifier
        ));
        assert!(!is_verifier("short") && !is_verifier(&"a".repeat(129)));
    }
}
