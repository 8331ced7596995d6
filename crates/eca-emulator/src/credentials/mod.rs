//! `apps/oauth/…`: reading, staging and rotating the credentials of an app (Salesforce Help,
//! "Stage, Rotate, and Delete OAuth Credentials for an External Client App").
//!
//! | request | what |
//! |---|---|
//! | `GET apps/oauth/usage` | the apps with their ids, in pages |
//! | `GET apps/oauth/usage/{app}/users` | the users who have tokens of an app, in pages |
//! | `GET apps/oauth/credentials/{app}` | the consumers of an app |
//! | `GET …/{app}/{consumer}?part=keyandsecret` | key and secret |
//! | `GET`, `POST …/{app}/{consumer}/staged` | the staged pair; one at a time |
//! | `PATCH …/staged/{id}` with `{"command":"rotate"}` | the staged pair becomes the pair; the old
//! one works for 30 days |
//! | `DELETE …/staged/{id}`, `DELETE …/{app}/{consumer}` of a rotated pair | ends it |
//!
//! The paths and commands are those that public tools use; the members of the answers are inferred.
//! Secrets are returned only if the org's switch for it is on, and to users with the permissions
//! that the Help page names, External Client App Developer and View Client Secret.

mod usage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_model::MetadataType;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::core::Core;
use crate::ids::RecordKind;
use crate::oauth::session;
use crate::server::call::{Call, Reply, json_reply, not_found, reply, rest_error};
use crate::state::State;
use crate::state::components::{Consumer, Rotated};
use crate::state::permissions::UserPermission;
use crate::testing::clock::timestamp;

/// How long a rotated pair keeps working.
const OVERLAP: Duration = Duration::from_hours(30 * 24);

/// Answers a request; `path` is the part after `apps/oauth/`. The caller has checked the session.
pub(crate) fn answer(core: &Core, call: &Call, path: &[&str]) -> Reply {
    if !session::may(core, call.bearer(), required_permissions(call)) {
        return session::insufficient();
    }
    if call.method == Method::GET {
        return show(&core.read(), call, path);
    }
    core.transact(|state, now| change(state, call, path, now))
}

fn show(state: &State, call: &Call, path: &[&str]) -> Reply {
    match path {
        ["usage"] => usage::page(call, "apps", apps(state)),
        ["usage", app, "users"] => app_name(state, app).map_or_else(not_found, |app| {
            usage::page(call, "users", users(state, &app))
        }),
        ["credentials", app] => app_name(state, app).map_or_else(not_found, |app| {
            json_reply(
                StatusCode::OK,
                &json!({ "consumers": consumers(state, &app) }),
            )
        }),
        ["credentials", app, id] => {
            let Some(app) = app_name(state, app) else {
                return not_found();
            };
            let asks_for_secret = asks_for_secret(call);
            if asks_for_secret && !shows_secrets(state) {
                return secrets_disabled();
            }
            state
                .metadata
                .consumers
                .get(&app)
                .filter(|consumer| consumer.id.matches(id))
                .map_or_else(not_found, |consumer| {
                    json_reply(StatusCode::OK, &pair_json(consumer, asks_for_secret))
                })
        }
        ["credentials", app, _, "staged"] => app_name(state, app)
            .and_then(|app| state.metadata.staged.get(&app))
            .map_or_else(not_found, |consumer| {
                json_reply(StatusCode::OK, &pair_json(consumer, false))
            }),
        _ => not_found(),
    }
}

fn change(state: &mut State, call: &Call, path: &[&str], now: SystemTime) -> Reply {
    match (&call.method, path) {
        (&Method::POST, ["credentials", app, _, "staged"]) => {
            let Some(app) = app_name(state, app) else {
                return not_found();
            };
            stage(state, &app)
        }
        (&Method::PATCH, ["credentials", app, _, "staged", id]) => {
            let body: Value = serde_json::from_slice(call.body()).unwrap_or_default();
            if body["command"] != "rotate" {
                return rest_error(
                    StatusCode::BAD_REQUEST,
                    "JSON_PARSER_ERROR",
                    r#"expected {"command":"rotate"}"#,
                );
            }
            let Some(app) = app_name(state, app) else {
                return not_found();
            };
            let is_known = state
                .metadata
                .staged
                .get(&app)
                .is_some_and(|staged| staged.id.matches(id));
            if !is_known {
                return not_found();
            }
            rotate(state, &app, now)
        }
        (&Method::DELETE, ["credentials", app, .., id]) => {
            let Some(app) = app_name(state, app) else {
                return not_found();
            };
            let metadata = &mut state.metadata;
            let before = metadata.staged.len() + metadata.rotated.len();
            metadata
                .staged
                .retain(|name, staged| *name != app || !staged.id.matches(id));
            metadata
                .rotated
                .retain(|rotated| rotated.app != app || !rotated.consumer.id.matches(id));
            if metadata.staged.len() + metadata.rotated.len() == before {
                return not_found();
            }
            metadata.revision += 1;
            reply(StatusCode::NO_CONTENT, "application/json", "")
        }
        _ => not_found(),
    }
}

/// The permissions that the user needs. Both permissions are documented for staging, rotating and
/// deleting; which of them the other requests need is inferred.
fn required_permissions(call: &Call) -> &'static [UserPermission] {
    use UserPermission::{ExternalClientAppDeveloper, ExternalClientAppViewer, ViewClientSecret};
    match call.method {
        Method::GET if asks_for_secret(call) => &[ExternalClientAppViewer, ViewClientSecret],
        Method::GET => &[ExternalClientAppViewer],
        _ => &[ExternalClientAppDeveloper, ViewClientSecret],
    }
}

fn asks_for_secret(call: &Call) -> bool {
    call.query_value("part").as_deref() == Some("keyandsecret")
}

/// Whether the org returns secrets: `enableClientSecretInRestApiAccess` of its settings.
fn shows_secrets(state: &State) -> bool {
    state.shows_secrets
        || "ExternalClientAppSettings"
            .parse::<MetadataType>()
            .is_ok_and(|kind| {
                state.metadata.of_type(kind).any(|(_, settings)| {
                    settings.record.flag("enableClientSecretInRestApiAccess") == Some(true)
                })
            })
}

fn secrets_disabled() -> Reply {
    // Inferred wording.
    rest_error(
        StatusCode::FORBIDDEN,
        "FUNCTIONALITY_NOT_ENABLED",
        "Access to client secrets through the REST API is not enabled for this org",
    )
}

fn apps(state: &State) -> Vec<Value> {
    state
        .metadata
        .consumers
        .keys()
        .filter_map(|name| {
            let app = state
                .metadata
                .get(MetadataType::ExternalClientApplication, name)?;
            Some(json!({ "identifier": app.id.as_str(), "developerName": name }))
        })
        .collect()
}

/// The users whose refresh tokens of an app still work.
fn users(state: &State, app: &str) -> Vec<Value> {
    let tokens = state.grants.refreshes();
    let names: BTreeSet<&str> = tokens
        .filter(|token| token.app == app)
        .map(|token| token.username.as_str())
        .collect();
    let users = names.into_iter().filter_map(|name| state.users.get(name));
    users
        .map(|user| json!({ "userIdentifier": user.id.as_str(), "username": user.username }))
        .collect()
}

/// The app with this id or name.
fn app_name(state: &State, id: &str) -> Option<String> {
    state
        .metadata
        .of_type(MetadataType::ExternalClientApplication)
        .find(|(app, component)| app.name == id || component.id.matches(id))
        .map(|(app, _)| app.name.clone())
        .filter(|name| state.metadata.consumers.contains_key(name))
}

fn consumers(state: &State, app: &str) -> Vec<Value> {
    let metadata = &state.metadata;
    let describe = |consumer: &Consumer, status: &str| {
        let mut value = pair_json(consumer, false);
        value["status"] = json!(status);
        value
    };
    let mut all = Vec::new();
    all.extend(
        metadata
            .consumers
            .get(app)
            .map(|consumer| describe(consumer, "active")),
    );
    all.extend(
        metadata
            .staged
            .get(app)
            .map(|consumer| describe(consumer, "staged")),
    );
    for rotated in metadata.rotated.iter().filter(|rotated| rotated.app == app) {
        let mut value = describe(&rotated.consumer, "rotated");
        value["expires"] = json!(timestamp(rotated.until));
        all.push(value);
    }
    all
}

fn pair_json(consumer: &Consumer, with_secret: bool) -> Value {
    let mut value = json!({ "id": consumer.id.as_str(), "key": consumer.key });
    if with_secret {
        value["secret"] = json!(consumer.secret.expose_secret());
    }
    value
}

fn stage(state: &mut State, app: &str) -> Reply {
    if state.metadata.staged.contains_key(app) {
        return rest_error(
            StatusCode::BAD_REQUEST,
            "DUPLICATE_VALUE",
            "Credentials are already staged for this app",
        );
    }
    let staged = Consumer {
        id: state.ids.next(RecordKind::Consumer),
        key: state.random.consumer_key(),
        secret: state.random.consumer_secret(),
    };
    let body = pair_json(&staged, shows_secrets(state));
    state
        .metadata
        .staged
        .insert(app.to_owned(), Arc::new(staged));
    state.metadata.revision += 1;
    json_reply(StatusCode::CREATED, &body)
}

/// Replaces the old pair with the staged one. Tokens stay valid.
fn rotate(state: &mut State, app: &str, now: SystemTime) -> Reply {
    let metadata = &mut state.metadata;
    let (Some(new), Some(old)) = (metadata.staged.remove(app), metadata.consumers.remove(app))
    else {
        return not_found();
    };
    let body = pair_json(&new, false);
    let global = metadata
        .of_app(MetadataType::ExtlClntAppGlobalOauthSettings, app)
        .map(|(id, _)| id.clone());
    if let Some(component) = global.and_then(|id| metadata.components.get_mut(&id)) {
        component.record.set("consumerKey", new.key.as_str());
    }
    metadata.key_births.insert(new.key.clone(), now);
    metadata.consumers.insert(app.to_owned(), new);
    metadata.rotated.push(Rotated {
        app: app.to_owned(),
        consumer: old,
        until: now + OVERLAP,
    });
    metadata.revision += 1;
    json_reply(StatusCode::OK, &body)
}
