//! `/services/oauth2/revoke` and `/services/oauth2/introspect`.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::core::Core;
use crate::oauth::client::Credentials;
use crate::oauth::error::OauthError;
use crate::oauth::form::Form;
use crate::server::call::{Call, Reply, json_reply, reply, uncached};

/// Revokes a token; revoking a refresh token revokes its access tokens too (Salesforce Help,
/// "Revoke OAuth Tokens").
pub(crate) fn revoke(core: &Core, call: &Call) -> Reply {
    let token = if call.method == Method::GET {
        let token = call.query_value("token");
        token.ok_or_else(|| OauthError::missing("token"))
    } else {
        Form::read(call).and_then(|form| form.required("token").map(str::to_owned))
    };
    let token = match token {
        Ok(token) => token,
        Err(error) => return error.into_reply(),
    };
    let mut transaction = core.begin();
    if let Some(family) = transaction
        .grants
        .refresh(&token)
        .map(|refresh| refresh.family)
    {
        transaction.grants.revoke_family(family);
    } else if transaction
        .grants
        .token(&token, transaction.now())
        .is_some()
    {
        transaction.grants.revoke_text(&token);
    } else {
        return OauthError::new("invalid_token", "invalid token").into_reply();
    }
    transaction.commit();
    uncached(reply(StatusCode::OK, "text/plain", ""))
}

/// Describes a token (RFC 7662) to the app that it was issued to, or to an app that may introspect
/// all.
pub(crate) fn introspect(core: &Core, call: &Call) -> Reply {
    inspect(core, call).map_or_else(OauthError::into_reply, |body| {
        uncached(json_reply(StatusCode::OK, &body))
    })
}

fn inspect(core: &Core, call: &Call) -> Result<Value, OauthError> {
    let form = Form::read(call)?;
    let credentials = Credentials::read(call, &form)?;
    let text = form.required("token")?;
    let state = core.read();
    let now = state.now();
    let app = credentials.authenticate(&state, now, |_| true)?;
    let (name, sees_all) = (app.name.to_owned(), app.introspects_all());
    let inactive = Ok(json!({ "active": false }));
    let refresh = state.grants.refresh(text).cloned();
    let (owner, username, scopes, issued, expires) = if let Some(token) = refresh {
        if token.is_spent {
            return inactive;
        }
        (token.app, token.username, token.scopes, token.issued, None)
    } else if let Some(token) = state.grants.token(text, now).cloned() {
        let owner = token.app.unwrap_or_default();
        (
            owner,
            token.username,
            token.scopes,
            token.issued,
            Some(token.expires),
        )
    } else {
        return inactive;
    };
    if owner != name && !sees_all {
        return inactive;
    }
    let (Some(user), Some(consumer)) = (
        state.users.get(&username),
        state.metadata.consumers.get(&owner),
    ) else {
        return inactive;
    };
    let config = &core.config;
    let mut body = json!({
        "active": true,
        "client_id": consumer.key,
        "iat": seconds(issued),
        "nbf": seconds(issued),
        "scope": scopes.join(" "),
        "sub": format!("{}/id/{}/{}", config.instance_url, state.org_id, user.id),
        "token_type": if expires.is_some() { "access_token" } else { "refresh_token" },
        "username": user.username,
    });
    if let Some(expires) = expires {
        body["exp"] = json!(seconds(expires));
    }
    Ok(body)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
