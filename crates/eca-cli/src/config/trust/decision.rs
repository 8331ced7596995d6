//! Decides whether a file is trusted. No file, terminal or environment is read here.

use crate::config::trust::members::{Digest, Members};

/// `--trust-config`, or `ECA_TRUST_CONFIG`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrustConfig {
    /// `1`: the whole checkout belongs to the user.
    Checkout,
    /// The file with this digest, and no other.
    Digest(Digest),
}

/// What is known about a file.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) members: &'a Members,
    pub(super) given: Option<&'a TrustConfig>,
    /// The digest and lines that `eca trust` recorded for this path.
    pub(super) recorded: Option<(&'a str, &'a [String])>,
    pub(super) is_terminal: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Trusted,
    /// Ask the user, after showing this.
    Ask(Difference),
    Refused(Refusal),
}

/// What the user has not yet agreed to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// The whole file.
    New(Vec<String>),
    /// These lines: `-` before, `+` now.
    Changed(Vec<String>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It was never trusted.
    Unknown,
    /// It has changed since.
    Changed,
    /// It has another digest than the one that was given.
    OtherDigest { given: Digest, actual: Digest },
}

pub(super) fn decide(facts: &Facts<'_>) -> Decision {
    if facts.members.is_empty() {
        return Decision::Trusted;
    }
    let actual = facts.members.digest();
    match facts.given {
        Some(TrustConfig::Checkout) => return Decision::Trusted,
        Some(TrustConfig::Digest(given)) if *given == actual => return Decision::Trusted,
        // A pinned digest is the only one, whatever was trusted before.
        Some(TrustConfig::Digest(given)) => {
            let given = given.clone();
            return Decision::Refused(Refusal::OtherDigest { given, actual });
        }
        None => {}
    }
    match (facts.recorded, facts.is_terminal) {
        (Some((digest, _)), _) if digest == actual.to_string() => Decision::Trusted,
        (Some((_, lines)), true) => {
            Decision::Ask(Difference::Changed(facts.members.difference(lines)))
        }
        (None, true) => Decision::Ask(Difference::New(facts.members.shown())),
        (Some(_), false) => Decision::Refused(Refusal::Changed),
        (None, false) => Decision::Refused(Refusal::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn members(text: &str) -> Members {
        Members::of(text, DeTable::parse(text).unwrap().get_ref())
    }

    #[test]
    fn decisions() {
        let (file, lint) = (members("orgs.a.host = 'x'"), members("lint.deny = 'error'"));
        let digest = file.digest().to_string();
        let (same, other) = (digest.as_str(), "0".repeat(64));
        let lines = file.canonical_lines();
        let pinned = |digest: &str| Some(TrustConfig::Digest(digest.parse().unwrap()));
        let refused = |refusal| Decision::Refused(refusal);
        let ask_new = || Decision::Ask(Difference::New(file.shown()));
        let ask_changed = || Decision::Ask(Difference::Changed(file.difference(&[])));
        let other_digest = || {
            refused(Refusal::OtherDigest {
                given: other.parse().unwrap(),
                actual: file.digest(),
            })
        };
        let none = None::<(&str, &[String])>;
        let checkout = Some(TrustConfig::Checkout);
        for (given, recorded, is_terminal, expected) in [
            (None, none, false, refused(Refusal::Unknown)),
            (None, none, true, ask_new()),
            (None, Some((same, &lines[..])), false, Decision::Trusted),
            (None, Some((same, &lines[..])), true, Decision::Trusted),
            (None, Some((&other, &[])), false, refused(Refusal::Changed)),
            (None, Some((&other, &[])), true, ask_changed()),
            (checkout.clone(), none, false, Decision::Trusted),
            (checkout, Some((&other, &[])), true, Decision::Trusted),
            (pinned(same), none, false, Decision::Trusted),
            (pinned(same), Some((&other, &[])), true, Decision::Trusted),
            (pinned(&other), none, true, other_digest()),
            (
                pinned(&other),
                Some((same, &lines[..])),
                true,
                other_digest(),
            ),
        ] {
            let given = given.as_ref();
            let facts = |members| Facts {
                members,
                given,
                recorded,
                is_terminal,
            };
            assert_eq!(decide(&facts(&file)), expected, "{:?}", facts(&file));
            // A file that can send nothing needs no trust.
            assert_eq!(decide(&facts(&lint)), Decision::Trusted);
        }
    }
}
