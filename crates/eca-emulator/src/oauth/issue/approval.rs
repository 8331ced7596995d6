//! Whether a user may use an app.

use crate::oauth::error::OauthError;
use crate::state::State;
use crate::state::components::App;
use crate::state::users::User;

/// Checks the app's permitted users policy. Either an administrator has approved the user, by
/// profile or permission set. Or the user has approved the app on the approval page and the app has
/// a refresh token: users report that an approval without one does not count (Salesforce Help,
/// "Manage OAuth Access Policies for an External Client App").
pub(crate) fn check(state: &State, app: &App<'_>, user: &User) -> Result<(), OauthError> {
    if app.is_preauthorized() {
        return if is_approved_by_admin(state, app, user) {
            Ok(())
        } else {
            Err(OauthError::new(
                "invalid_app_access",
                "user is not admin approved to access this app",
            ))
        };
    }
    if state.grants.has_approved(&user.username, app.name) {
        return Ok(());
    }
    Err(OauthError::new(
        "invalid_grant",
        "user hasn't approved this consumer",
    ))
}

/// Whether the app's policies list the user's profile or one of the user's permission sets.
pub(crate) fn is_approved_by_admin(state: &State, app: &App<'_>, user: &User) -> bool {
    let mut sets = app.permission_sets();
    let name_of = |listed| {
        state
            .metadata
            .permission_set_by_id(listed)
            .unwrap_or(listed)
    };
    sets.any(|listed| user.permission_sets.contains(name_of(listed)))
        || app
            .profiles()
            .any(|name| user.profile_names().contains(&name))
}
