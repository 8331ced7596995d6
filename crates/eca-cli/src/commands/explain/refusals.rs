//! The refusals of `eca-oauth`, joined with the rules that find their causes in files.

use eca_lint::Rule;
use eca_oauth::explain::{Check, causes_in};
use schemars::JsonSchema;
use serde::Serialize;

/// Likely causes of a refusal, for some flows or for all.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Refusal {
    /// The flows; all when there are none.
    pub(super) flows: Vec<String>,
    /// The most likely first.
    pub(super) causes: Vec<Cause>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Cause {
    pub(super) id: &'static str,
    pub(super) why: &'static str,
    pub(super) fix: &'static str,
    /// The rules that find it beforehand.
    #[serde(serialize_with = "ids")]
    #[schemars(with = "Vec<String>")]
    pub(super) rules: Vec<&'static Rule>,
    /// The command that finds it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check: Option<&'static str>,
}

/// The names of the rules that find a cause in a project, by the id of the cause.
const RULES: &[(&str, &[&str])] = &[
    ("app", &["consumer-key-committed", "packaged-link"]),
    ("app-off", &["plugin-enabled"]),
    ("certificate", &["fp-certificate", "cert-dropped"]),
    ("first-party", &["fp-flow"]),
    ("flow", &["flow-half-on", "tokenexch", "token-handler"]),
    ("key", &["cert-form", "cert-shared"]),
    ("post-only", &["codecred-flow"]),
    (
        "pre-authorisation",
        &["bearer-approval", "preauth-lists", "permset-names"],
    ),
    ("redirect-uri", &["callback-scheme"]),
    ("idle", &["refresh-policy", "ttl-infinite"]),
    ("run-as-user", &["cc-user"]),
    ("scope", &["scopes-known"]),
    ("secret", &["rotate-flags"]),
    ("session-level", &["fp-flow"]),
];

/// The refusals in a pasted text.
pub(super) fn in_text(text: &str) -> Vec<Refusal> {
    causes_in(text)
        .into_iter()
        .map(|(flows, causes)| Refusal {
            flows: flows.iter().map(ToString::to_string).collect(),
            causes: causes.iter().map(joined).collect(),
        })
        .collect()
}

fn joined(cause: &eca_oauth::explain::Cause) -> Cause {
    let names = RULES.iter().find(|(id, _)| *id == cause.id);
    Cause {
        id: cause.id,
        why: cause.why,
        fix: cause.fix,
        rules: names
            .into_iter()
            .flat_map(|(_, names)| *names)
            .filter_map(|name| eca_lint::explain(name))
            .collect(),
        check: command(cause.check),
    }
}

/// The command that makes a check; `None` where only another attempt shows it.
fn command(check: Check) -> Option<&'static str> {
    match check {
        Check::Profile | Check::Site | Check::Gate => Some("eca doctor headless"),
        Check::AppPresent => Some("eca list"),
        Check::Retry => None,
        _ => Some("eca doctor login, or eca doctor headless for a site"),
    }
}

fn ids<S: serde::Serializer>(rules: &[&Rule], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rules.iter().map(|rule| rule.id()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_rules_exist() {
        for (_, names) in super::RULES {
            for name in *names {
                assert!(eca_lint::explain(name).is_some(), "{name}");
            }
        }
    }
}
