//! The user of an access token.

use std::time::SystemTime;

use http::StatusCode;

use crate::core::Core;
use crate::oauth::issue::approval;
use crate::server::call::{Call, Reply, rest_error};
use crate::state::State;
use crate::state::permissions::UserPermission;
use crate::state::users::{User, UserKind};

/// The access of a token to the Metadata API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Granted,
    /// The token is valid, but its user or its scopes do not allow it.
    Insufficient,
    /// The token is unknown or has expired.
    Unknown,
}

/// Deploying needs a user of the org, not a customer of the site, and a token with a scope for
/// APIs.
pub(crate) fn access(core: &Core, token: &str) -> Access {
    let mut state = core.begin();
    let now = state.now();
    if let Some(expires) = state.grants.prolonged(token, now) {
        state.grants.prolong(token, expires);
    }
    let access = access_of(&state, token, now);
    state.commit();
    access
}

fn access_of(state: &State, token: &str, now: SystemTime) -> Access {
    let Some(token) = state.grants.token(token, now) else {
        return Access::Unknown;
    };
    if let Some(app) = &token.app
        && !is_welcome(state, app, &token.username)
    {
        return Access::Unknown;
    }
    let is_internal = state
        .users
        .get(&token.username)
        .is_some_and(|user| user.kind != UserKind::External);
    let reaches_apis = token.app.is_none()
        || token
            .scopes
            .iter()
            .any(|scope| matches!(scope.as_str(), "api" | "full"));
    if is_internal && reaches_apis {
        Access::Granted
    } else {
        Access::Insufficient
    }
}

/// Whether the user is active and may still use the app: restricting the policy to users whom an
/// administrator approved logs out all others (Salesforce Help, "Manage OAuth Access Policies for
/// an External Client App").
pub(crate) fn is_welcome(state: &State, app: &str, username: &str) -> bool {
    let (Some(app), Some(user)) = (state.metadata.app(app), state.users.get(username)) else {
        return false;
    };
    user.is_active && (!app.is_preauthorized() || approval::is_approved_by_admin(state, &app, user))
}

/// Whether the user of a token has all of these permissions.
pub(crate) fn may(core: &Core, token: Option<&str>, all: &[UserPermission]) -> bool {
    let state = core.read();
    let now = state.now();
    token
        .and_then(|token| state.grants.token(token, now))
        .and_then(|token| state.users.get(&token.username))
        .is_some_and(|user| all.iter().all(|permission| state.may(user, *permission)))
}

/// The user of the token of a call.
pub(crate) fn user<'a>(state: &'a State, call: &Call, now: SystemTime) -> Option<&'a User> {
    call.bearer()
        .and_then(|token| state.grants.token(token, now))
        .and_then(|token| state.users.get(&token.username))
}

/// Whether the token of a call is an administrator's.
pub(crate) fn is_administrator(core: &Core, call: &Call) -> bool {
    let state = core.read();
    let now = state.now();
    user(&state, call, now).is_some_and(|user| user.kind == UserKind::Administrator)
}

/// The answer to a REST call whose user lacks the permission.
pub(crate) fn insufficient() -> Reply {
    rest_error(
        StatusCode::FORBIDDEN,
        "INSUFFICIENT_ACCESS",
        "insufficient access rights",
    )
}

/// The answer to a REST call without a session that may use the API.
pub(crate) fn refuse(core: &Core, token: Option<&str>) -> Option<Reply> {
    match token.map_or(Access::Unknown, |token| access(core, token)) {
        Access::Granted => None,
        Access::Insufficient => Some(insufficient()),
        Access::Unknown => Some(rest_error(
            StatusCode::UNAUTHORIZED,
            "INVALID_SESSION_ID",
            "Session expired or invalid",
        )),
    }
}
