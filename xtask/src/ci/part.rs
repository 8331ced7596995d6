//! The parts of CI and their steps.

use std::fmt;

use clap::ValueEnum;

use crate::invocation::Invocation;
use crate::workspace::Crate;

use crate::ci::step::Step;
use crate::ci::tool;

/// One part of CI, by the name it has on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting
    Fmt,
    /// Clippy on every target, warnings as errors
    Clippy,
    /// The rules of the repository that the compiler does not check
    Tidy,
    /// The README's test command
    Test,
    /// The example programs of the crates
    Examples,
    /// The documentation, warnings as errors; the generated pages of the book and its spelling
    Doc,
    /// Each library alone, with every meaningful set of its features
    NoDefaultFeatures,
    /// The workspace with the oldest dependencies that its manifests allow
    MinimalVersions,
    /// Licences, sources, forbidden crates and advisories, by cargo-deny
    Deny,
    /// The public API against the last release, by cargo-semver-checks
    Semver,
    /// The README's first command: the end-to-end walkthrough on the embedded org
    Demo,
    /// Third-party clients against the embedded org
    Interop,
    /// Every benchmark, with the ratios in one table; only when named
    Bench,
}

/// Formats the sources. Stable rustfmt takes these options on the command line only.
pub(crate) const FORMAT: &str = "fmt --all -- --config wrap_comments=true,comment_width=100";

/// The README's test command. With all features, since keys in a PKCS#11 token are off by default.
const TEST: &str = "test --workspace --all-features";

/// Examples that need arguments; other commands run them.
const NOT_ALONE: [(&str, &str); 1] = [("eca-oauth", "interop")];

impl Part {
    /// Every part that runs when none is named, in CI's order: the quick and common failures first.
    /// `interop` takes about four minutes with its clients installed, and is skipped without
    /// Node.js or the registry. `bench` needs an idle machine.
    pub(crate) const ALL: [Self; 12] = [
        Self::Fmt,
        Self::Clippy,
        Self::Tidy,
        Self::Test,
        Self::Examples,
        Self::Doc,
        Self::NoDefaultFeatures,
        Self::MinimalVersions,
        Self::Deny,
        Self::Semver,
        Self::Demo,
        Self::Interop,
    ];

    /// The steps of this part for a workspace of these crates.
    pub(crate) fn steps(self, crates: &[Crate]) -> Vec<Step> {
        let one = |arguments: &str| vec![Step::Cargo(Invocation::cargo(arguments))];
        match self {
            Self::Fmt => one(&FORMAT.replace(" --all", " --all --check")),
            // With all features, as the tests are built: the dependencies are checked once.
            Self::Clippy => one("clippy --workspace --all-features --all-targets -- -D warnings"),
            Self::Tidy => vec![Step::Tidy],
            Self::Test => vec![Step::Test(Invocation::cargo(TEST))],
            // As the tests have built them: with `--package`, cargo would choose other features of
            // the dependencies, and build these again.
            Self::Examples => one("build --workspace --all-features --examples")
                .into_iter()
                .chain(crates.iter().flat_map(example_steps))
                .collect(),
            Self::Doc => vec![
                Step::Cargo(
                    Invocation::cargo("doc --workspace --all-features --no-deps")
                        .with("RUSTDOCFLAGS", "-D warnings"),
                ),
                Step::Docs,
            ],
            Self::NoDefaultFeatures => crates.iter().flat_map(feature_steps).collect(),
            Self::MinimalVersions => vec![Step::MinimalVersions],
            Self::Deny => vec![
                Step::Tool(
                    tool::DENY,
                    Invocation::cargo(
                        "deny --locked check --hide-inclusion-graph licenses bans sources",
                    ),
                ),
                Step::Online {
                    tool: tool::DENY,
                    fetch: Invocation::cargo("deny fetch db"),
                    check: Invocation::cargo("deny --offline check advisories"),
                },
            ],
            Self::Semver => vec![Step::Semver],
            Self::Demo => one("run --release -- demo"),
            Self::Interop => vec![Step::Interop],
            Self::Bench => vec![Step::Bench],
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every part has a value on the command line.
        match self.to_possible_value() {
            Some(value) => f.write_str(value.get_name()),
            None => Ok(()),
        }
    }
}

fn example_steps(krate: &Crate) -> Vec<Step> {
    let alone = |name: &&String| !NOT_ALONE.contains(&(krate.name.as_str(), name.as_str()));
    let names = krate.examples.iter().filter(alone);
    names.cloned().map(Step::Example).collect()
}

/// Checks of one library alone. In a workspace build cargo unifies features, so a library compiles
/// with a feature that only another crate turns on. For its users it would not. A program with
/// features is checked without them here; the other parts build it with them.
fn feature_steps(krate: &Crate) -> Vec<Step> {
    if !krate.library {
        // The whole workspace, so that cargo does not choose other features of the dependencies.
        let plain = "clippy --workspace --all-targets -- -D warnings";
        let has_features = !krate.features.is_empty();
        return has_features
            .then(|| Step::Cargo(Invocation::cargo(plain)))
            .into_iter()
            .collect();
    }
    let sets: Vec<String> = match krate.features.as_slice() {
        [] => vec![String::new()],
        [_] => vec![" --no-default-features".into(), " --all-features".into()],
        several => std::iter::once(" --no-default-features".into())
            .chain(
                several
                    .iter()
                    .map(|one| format!(" --no-default-features --features {one}")),
            )
            .chain(std::iter::once(" --all-features".into()))
            .collect(),
    };
    sets.into_iter()
        .map(|set| format!("clippy --package {}{set} -- -D warnings", krate.name))
        .map(|arguments| Step::Cargo(Invocation::cargo(&arguments)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn krate(name: &str, library: bool, features: &[&str]) -> Crate {
        let features = features.iter().map(|&one| one.to_owned()).collect();
        Crate {
            library,
            features,
            ..Crate::named(name)
        }
    }

    fn lines(part: Part, crates: &[Crate]) -> Vec<String> {
        part.steps(crates).iter().map(Step::to_string).collect()
    }

    #[test]
    fn display_is_the_name_on_the_command_line() {
        for part in Part::value_variants() {
            assert_eq!(Part::from_str(&part.to_string(), false), Ok(*part));
        }
        let unnamed = Part::value_variants()
            .iter()
            .filter(|part| !Part::ALL.contains(part));
        let unnamed: Vec<_> = unnamed.copied().collect();
        assert_eq!(unnamed, [Part::Bench]);
    }

    #[test]
    fn the_commands_of_the_readme_are_run() {
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(&format!("    {} ", lines(Part::Test, &[])[0])));
        assert_eq!(lines(Part::Demo, &[]), ["cargo run --release -- demo"]);
    }

    #[test]
    fn the_format_command_is_in_the_contributing_guide() {
        let guide = include_str!("../../../CONTRIBUTING.md");
        assert!(guide.contains(&format!("cargo {FORMAT}")));
        assert_eq!(
            lines(Part::Fmt, &[]),
            ["cargo fmt --all --check -- --config wrap_comments=true,comment_width=100"]
        );
    }

    #[test]
    fn each_library_is_checked_alone_with_its_features() {
        let crates = [
            krate("plain", true, &[]),
            krate("one", true, &["net"]),
            krate("two", true, &["pure", "native"]),
            krate("program", false, &[]),
            krate("choosy", false, &["rare", "rarer"]),
        ];
        assert_eq!(
            lines(Part::NoDefaultFeatures, &crates),
            [
                "cargo clippy --package plain -- -D warnings",
                "cargo clippy --package one --no-default-features -- -D warnings",
                "cargo clippy --package one --all-features -- -D warnings",
                "cargo clippy --package two --no-default-features -- -D warnings",
                "cargo clippy --package two --no-default-features --features pure -- -D warnings",
                "cargo clippy --package two --no-default-features --features native -- -D warnings",
                "cargo clippy --package two --all-features -- -D warnings",
                "cargo clippy --workspace --all-targets -- -D warnings",
            ]
        );
    }

    #[test]
    fn examples_without_arguments_are_run() {
        let mut krate = krate("eca-oauth", true, &[]);
        krate.examples = vec!["headless".to_owned(), "interop".to_owned()];
        assert_eq!(
            lines(Part::Examples, &[krate]),
            [
                "cargo build --workspace --all-features --examples",
                "target/debug/examples/headless"
            ]
        );
    }
}
