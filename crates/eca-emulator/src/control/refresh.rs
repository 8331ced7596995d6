//! `POST /_org/refresh`: refreshes a sandbox.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::control::bad;
use crate::core::Core;
use crate::refresh;
use crate::refresh::{Production, RefreshRefused};
use crate::server::call::{Reply, json_reply, not_found, rest_error};

/// Refreshes the sandbox. The answer has the administrator's new token, since the refresh ends the
/// session of the request.
pub(crate) fn answer(core: &Core, method: &Method, body: &Value) -> Reply {
    if method != Method::POST {
        return not_found();
    }
    let production = match body["production"].as_str() {
        None if body["production"].is_null() => Production::default(),
        Some("without-apps") => Production::WithoutApps,
        Some("same-apps") => Production::WithSameApps,
        _ => {
            return bad(
                r#"expected {"production": "without-apps"} or {"production": "same-apps"}"#,
            );
        }
    };
    let refreshed = core.transact(|state, now| {
        let token = refresh::refresh(state, &core.config, production, now)?;
        Ok::<_, RefreshRefused>((state.org_id.clone(), token))
    });
    match refreshed {
        Ok((org_id, token)) => json_reply(
            StatusCode::OK,
            &json!({
                "org_id": org_id.as_str(),
                "username": core.config.admin_username,
                "access_token": token.expose_secret(),
            }),
        ),
        Err(error) => rest_error(
            StatusCode::BAD_REQUEST,
            "INVALID_OPERATION",
            &error.to_string(),
        ),
    }
}
