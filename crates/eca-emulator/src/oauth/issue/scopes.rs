//! The scopes of an app, and those of a request.

use crate::oauth::error::OauthError;
use crate::state::components::App;

/// The run-time names of an app's scopes, in the order of the enumeration.
pub(crate) fn runtime_names<'a>(app: &App<'a>) -> impl Iterator<Item = &'static str> + use<'a> {
    app.scopes()
        .filter_map(|token| eca_model::scope::lookup(token)?.runtime)
}

/// The scopes that a client gets: all that are selected on the app, or those that it requests.
pub(crate) fn choose(app: &App<'_>, requested: Option<&str>) -> Result<Vec<String>, OauthError> {
    let selected: Vec<_> = runtime_names(app).collect();
    let Some(requested) = requested else {
        return Ok(selected.into_iter().map(str::to_owned).collect());
    };
    requested
        .split_ascii_whitespace()
        .map(|scope| {
            if selected.contains(&scope) {
                Ok(scope.to_owned())
            } else {
                Err(OauthError::new(
                    "invalid_scope",
                    format!("the requested scope is not allowed: {scope}"),
                ))
            }
        })
        .collect()
}
