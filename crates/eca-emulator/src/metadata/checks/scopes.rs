//! OAuth scopes.

use eca_model::scope;

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;

/// Every token of `commaSeparatedOauthScopes` must be one that the org's validator lists.
pub(super) fn check(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "commaSeparatedOauthScopes";
    let unknown = context
        .record
        .list(ELEMENT)
        .find(|token| scope::lookup(token).is_none())?;
    let valid: Vec<_> = scope::ALL.iter().map(|scope| scope.token).collect();
    Some(context.refuse(
        ELEMENT,
        format!(
            "There's a problem with your scope(s): {unknown}. Valid scopes are: {}",
            valid.join(", ")
        ),
    ))
}
