//! Errors that orgs return to deploys, and their meaning. `eca-oauth` has the refusals of logins,
//! except for the one that a missing deploy causes.

mod calls;
mod components;
mod files;
mod orgs;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Serialize;

use crate::rule_id::RuleId;

/// The operation that an error belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Occasion {
    /// A deploy, or saving in Setup.
    Deploy,
    /// A request for a token, or with one.
    Login,
}

/// An error of an org with a known cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KnownError {
    /// The message, with `…` for the variable parts.
    pub message: &'static str,
    /// The operation that returns it.
    pub occasion: Occasion,
    /// The cause.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// The rules that find it before the deploy.
    pub rules: &'static [RuleId],
    /// The source.
    pub source: &'static str,
    /// Lower-case words that all occur in the message, in this order.
    #[serde(skip)]
    words: &'static [&'static str],
}

/// The known errors in a pasted text, the most specific first.
pub fn explain_error(text: &str) -> Vec<&'static KnownError> {
    let squeezed: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let text = squeezed.join(" ").replace(['\u{2018}', '\u{2019}'], "'");
    let mut found: Vec<_> = KNOWN_ERRORS
        .iter()
        .filter(|known| {
            let mut rest = text.as_str();
            known.words.iter().all(|words| {
                let at = rest.find(words);
                rest = at.map_or("", |at| &rest[at + words.len()..]);
                at.is_some()
            })
        })
        .collect();
    found
        .sort_by_key(|known| std::cmp::Reverse(known.words.iter().map(|w| w.len()).sum::<usize>()));
    found
}

/// The known error that shares most words with a text, if it shares at least half of its own. For a
/// text that contains no known error, so that the reader can compare.
pub fn nearest_error(text: &str) -> Option<&'static KnownError> {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let long = words.filter(|word| word.len() > 2);
        long.map(str::to_lowercase).collect()
    };
    let given = words(text);
    let share = |known: &&KnownError| {
        let words = words(known.message);
        (words.intersection(&given).count() * 100)
            .checked_div(words.len())
            .unwrap_or_default()
    };
    KNOWN_ERRORS
        .iter()
        .max_by_key(share)
        .filter(|known| share(known) >= 50)
}

const DEPLOY: &str = "message of a failed deploy";
const HELP: &str =
    "Salesforce Help, \"OAuth 2.0 Authorization Errors\"; reports of users of the Salesforce CLI";

pub(super) const fn deploy(
    message: &'static str,
    words: &'static [&'static str],
    cause: &'static str,
    fix: &'static str,
    rules: &'static [RuleId],
) -> KnownError {
    KnownError {
        message,
        occasion: Occasion::Deploy,
        cause,
        fix,
        rules,
        source: DEPLOY,
        words,
    }
}

pub(super) const fn login(
    message: &'static str,
    words: &'static [&'static str],
    cause: &'static str,
    fix: &'static str,
    rules: &'static [RuleId],
) -> KnownError {
    KnownError {
        message,
        occasion: Occasion::Login,
        cause,
        fix,
        rules,
        source: HELP,
        words,
    }
}

/// Every known error: those of deploys, then those of logins and calls.
pub static KNOWN_ERRORS: LazyLock<Vec<KnownError>> =
    LazyLock::new(|| [components::ALL, files::ALL, orgs::ALL, calls::ALL].concat());

#[cfg(test)]
mod tests {
    use super::{KNOWN_ERRORS, explain_error};
    use crate::rules::RULES;

    #[test]
    fn each_error_is_found_by_its_own_message() {
        for known in KNOWN_ERRORS.iter() {
            let exact = known
                .words
                .iter()
                .all(|word| known.message.to_lowercase().contains(word));
            let pasted = if exact {
                known.message.to_owned()
            } else {
                known.words.join(" … ")
            };
            let found = explain_error(&format!(
                "ERROR  running deploy:\n  {}",
                pasted.to_uppercase()
            ));
            assert!(found.contains(&known), "{}", known.message);
            assert!(
                known
                    .rules
                    .iter()
                    .all(|id| RULES.iter().any(|rule| rule.id() == *id))
            );
        }
        assert!(explain_error("Nothing of the kind").is_empty());
        let best = explain_error("oauth_ec_app_not_found: External client app is not installed");
        assert!(best[0].message.ends_with("is not installed in this org"));
    }
}
