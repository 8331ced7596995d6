//! `/_org/users`: the users of the org. On Salesforce they are records; this org has no REST API
//! that creates them.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::control::bad;
use crate::core::Core;
use crate::server::call::{Reply, json_reply, not_found};
use crate::setup::SetupError;
use crate::state::users::{User, UserKind};

/// `GET` lists them; `POST` creates one, `{"username", "password", "permission_sets": […]}`: with a
/// password a customer of the site, without one an integration user. An existing user gets
/// `permission_sets` in addition to the previous ones; `{"username", "active": false}` deactivates
/// one.
pub(crate) fn answer(core: &Core, method: &Method, body: &Value) -> Reply {
    match *method {
        Method::GET => {
            let state = core.read();
            let users: Vec<_> = state.users.iter().map(show).collect();
            json_reply(StatusCode::OK, &json!({ "users": users }))
        }
        Method::POST => make(core, body).unwrap_or_else(|message| bad(&message)),
        _ => not_found(),
    }
}

fn make(core: &Core, body: &Value) -> Result<Reply, String> {
    let username = body["username"].as_str().ok_or(
        r#"expected {"username": "ada@example.com", "password": "…", "permission_sets": ["…"]}"#,
    )?;
    let wanted: Vec<&str> = match &body["permission_sets"] {
        Value::Null => Vec::new(),
        Value::Array(names) => names
            .iter()
            .map(|name| name.as_str().ok_or("permission_sets must be names"))
            .collect::<Result<_, _>>()?,
        _ => return Err("permission_sets must be a list of names".to_owned()),
    };
    let given = body["password"].as_str();
    let password = core
        .first_password(given)
        .map_err(|error| error.to_string())?;
    core.transact(|state, _| {
        if let Some(is_active) = body["active"].as_bool() {
            let user = state
                .users
                .get_mut(username)
                .ok_or_else(|| SetupError::NoSuchUser(username.to_owned()).to_string())?;
            user.is_active = is_active;
            return Ok(json_reply(StatusCode::OK, &show(user)));
        }
        // All or nothing: the permission sets are looked up before the user is created.
        for name in &wanted {
            state
                .known_permission_set(name)
                .map_err(|e| e.to_string())?;
        }
        let kind = match given {
            Some(_) => UserKind::External,
            None => UserKind::Integration,
        };
        let is_there = state.users.get(username).is_some() && given.is_none() && !wanted.is_empty();
        if !is_there {
            state
                .make_user(username, kind, password)
                .map_err(|error| error.to_string())?;
        }
        for name in wanted {
            state.assign(username, name).map_err(|e| e.to_string())?;
        }
        let shown = state.users.get(username).map(show);
        let status = if is_there {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        Ok(json_reply(status, &json!(shown)))
    })
}

fn show(user: &User) -> Value {
    json!({
        "id": user.id.as_str(),
        "username": user.username,
        "email": user.email(),
        "kind": match user.kind {
            UserKind::Administrator => "administrator",
            UserKind::Integration => "integration",
            UserKind::External => "external",
        },
        "active": user.is_active,
        "permission_sets": user.permission_sets,
    })
}
