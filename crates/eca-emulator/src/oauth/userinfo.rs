//! `/services/oauth2/userinfo` and the identity URL.

use http::StatusCode;
use serde_json::{Value, json};

use crate::core::Core;
use crate::ids::RecordId;
use crate::server::call::{Call, Reply, json_reply, reply};
use crate::state::OrgConfig;
use crate::state::users::{User, UserKind};

/// Answers `/services/oauth2/userinfo`; a token of the site works there, others at the instance.
pub(crate) fn userinfo(core: &Core, call: &Call, on_site: bool) -> Reply {
    let body = call
        .bearer()
        .and_then(|token| describe(core, token, on_site));
    body.map_or_else(bad_token, |body| json_reply(StatusCode::OK, &body))
}

/// Answers `/id/{organization}/{user}`, the `id` of a token response.
pub(crate) fn identity(core: &Core, call: &Call, organization: &str, user: &str) -> Reply {
    // Old clients send the token in the query.
    let token = call
        .bearer()
        .map(str::to_owned)
        .or_else(|| call.query_value("oauth_token"));
    let body = token
        .and_then(|token| describe(core, &token, false).or_else(|| describe(core, &token, true)))
        .filter(|body| {
            body["organization_id"]
                .as_str()
                .is_some_and(|id| is_id(id, organization))
        })
        .filter(|body| body["user_id"].as_str().is_some_and(|id| is_id(id, user)));
    match body {
        Some(mut body) => {
            if let Some(members) = body.as_object_mut() {
                members.insert("id".into(), members["sub"].clone());
                members.insert("username".into(), members["preferred_username"].clone());
                members.insert("display_name".into(), members["name"].clone());
            }
            json_reply(StatusCode::OK, &body)
        }
        None => bad_token(),
    }
}

fn describe(core: &Core, token: &str, on_site: bool) -> Option<Value> {
    let state = core.read();
    let now = state.now();
    let token = state
        .grants
        .token(token, now)
        .filter(|token| token.is_of_site == on_site)?;
    let user = state.users.get(&token.username)?;
    let base = core.config.issuer(on_site);
    Some(about(&core.config, &state.org_id, user, &base))
}

/// Whether `given` is this record id, in its long or its short form.
fn is_id(id: &str, given: &str) -> bool {
    id == given || given.len() == 15 && id.starts_with(given)
}

/// The URL that identifies a user: `sub`, and `id` of a token response.
pub(crate) fn subject(config: &OrgConfig, org_id: &RecordId, user: &User) -> String {
    format!("{}/id/{org_id}/{}", config.instance_url, user.id)
}

/// The claims about a user; `base` is the URL of the site or of the instance.
pub(crate) fn about(config: &OrgConfig, org_id: &RecordId, user: &User, base: &str) -> Value {
    json!({
        "sub": subject(config, org_id, user),
        "user_id": user.id.as_str(),
        "organization_id": org_id.as_str(),
        "preferred_username": user.username,
        "nickname": user.username.split('@').next(),
        "name": user.display_name(),
        "email": user.email(),
        "email_verified": true,
        "zoneinfo": "GMT",
        "user_type": match user.kind {
            UserKind::Administrator | UserKind::Integration => "STANDARD",
            UserKind::External => "CSP_LITE_PORTAL",
        },
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "active": user.is_active,
        "is_app_installed": true,
        "urls": {
            "metadata": format!("{base}/services/Soap/m/{{version}}/{org_id}"),
            "rest": format!("{base}/services/data/v{{version}}/"),
            "query": format!("{base}/services/data/v{{version}}/query/"),
        },
    })
}

/// The answer of the identity services to an unknown token.
fn bad_token() -> Reply {
    reply(
        StatusCode::FORBIDDEN,
        "text/html;charset=UTF-8",
        "Bad_OAuth_Token",
    )
}
