//! From a refusal to its cause: the table names the candidates and the check of each; the checks
//! that were made say which of them are left.

use eca_oauth::{Error, explain};

use crate::commands::doctor::{Finding, State};
use crate::failure;

/// A refusal, with the org's own words and its likely causes.
pub(super) fn refused(check: &'static str, error: &Error, made: &[Finding]) -> Finding {
    let mut finding = Finding::failed(check, failure::chain(error), "see the org's error");
    let passed = |check| {
        let made = made.iter().find(|made| made.asked == Some(check))?;
        (made.state == State::Ok).then_some(made.check)
    };
    let causes = explain::rank(explain::causes(error), |check| passed(check).is_some());
    if let Some(first) = causes.first() {
        finding.cause = Some(first.id);
        finding.fixes = causes
            .iter()
            .map(|cause| {
                let text = format!("{}: {}; {}", cause.id, cause.why, cause.fix);
                match passed(cause.check) {
                    Some(check) => format!("{text} (less likely: {check} is ok)"),
                    None => text,
                }
            })
            .collect();
    }
    finding
}
