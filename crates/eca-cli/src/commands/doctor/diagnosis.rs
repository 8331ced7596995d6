//! From a refusal to its cause: the table names the candidates and the check of each; the checks
//! that were made say which of them are left.

use eca_oauth::{Error, explain};

use crate::commands::doctor::{Finding, State};

/// A refusal, with the org's own words and its likely causes. A cause whose check holds is less
/// likely than one whose check could not be made, and is told after it; it is never left out, since
/// a check here sees the project and not the org.
pub(super) fn refused(check: &'static str, error: &Error, made: &[Finding]) -> Finding {
    let mut detail = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        detail = format!("{detail}: {error}");
        cause = error.source();
    }
    let mut finding = Finding::failed(check, detail, "see the org's error");
    let passed = |cause: &explain::Cause| {
        let made = made.iter().find(|made| made.asked == Some(cause.check))?;
        (made.state == State::Ok).then_some(made.check)
    };
    let (less, more): (Vec<_>, Vec<_>) = explain::causes(error)
        .iter()
        .partition(|cause| passed(cause).is_some());
    let causes: Vec<_> = more.into_iter().chain(less).collect();
    if let Some(first) = causes.first() {
        finding.cause = Some(first.id);
        finding.fixes = causes
            .iter()
            .map(|cause| {
                let text = format!("{}: {}; {}", cause.id, cause.why, cause.fix);
                match passed(cause) {
                    Some(check) => format!("{text} (less likely: {check} is ok)"),
                    None => text,
                }
            })
            .collect();
    }
    finding
}
