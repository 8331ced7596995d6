//! Whether a user may use an app.

use crate::oauth::error::OauthError;
use crate::state::State;
use crate::state::components::App;
use crate::state::users::User;

/// Checks the app's permitted users policy: either an administrator has approved the user, by
/// profile or permission set, or the user has, on the approval page, and gave the app a refresh
/// token: users report that an approval without one does not count (Salesforce Help, "Manage
/// OAuth Access Policies for an External Client App").
pub(crate) fn check(state: &State, app: &App<'_>, user: &User) -> Result<(), OauthError> {
    if app.is_preauthorized() {
        return if is_approved_by_admin(app, user) {
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

/// Whether one of the user's permission sets, or the profile, is selected in the app's policies.
pub(crate) fn is_approved_by_admin(app: &App<'_>, user: &User) -> bool {
    app.permission_sets()
        .any(|name| user.permission_sets.contains(name))
        || app
            .profiles()
            .any(|name| user.profile_names().contains(&name))
}
