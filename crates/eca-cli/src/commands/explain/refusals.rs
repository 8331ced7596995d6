//! The refusals of `eca-oauth`, joined with the rules that find their causes in files.

use eca_lint::Rule;
use eca_oauth::explain::causes_in;
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
}

/// The names of the rules that find a cause in a project, by the id of the cause.
const RULES: &[(&str, &[&str])] = &[
    ("app", &["consumer-key-committed", "packaged-link"]),
    ("certificate", &["fp-certificate", "cert-dropped"]),
    ("first-party", &["fp-flow"]),
    ("flow", &["flow-half-on", "tokenexch", "token-handler"]),
    ("key", &["cert-form", "cert-shared"]),
    ("post-only", &["codecred-flow"]),
    ("pre-authorisation", &["preauth-lists", "permset-names"]),
    ("redirect-uri", &["callback-scheme"]),
    ("refresh-token", &["refresh-policy", "ttl-infinite"]),
    ("run-as-user", &["cc-user"]),
    ("scope", &["scopes-known"]),
    ("secret", &["rotate-flags"]),
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
