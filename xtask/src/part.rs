//! The parts of CI, and what each of them runs.

use std::fmt;

use clap::ValueEnum;

use crate::invocation::Invocation;
use crate::workspace::Crate;

/// One part of CI, by the name it has on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting
    Fmt,
    /// Clippy on every target, warnings as errors
    Clippy,
    /// The rules of the repository that no compiler knows
    Tidy,
    /// The README's test command
    Test,
    /// Each library alone, with every meaningful set of its features
    Features,
    /// The documentation, warnings as errors
    Doc,
    /// The README's first command: the whole road on the embedded org
    Demo,
    /// Foreign clients against the embedded org; skipped, loudly, without Node.js
    Interop,
}

/// One step of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A call of cargo.
    Cargo(Invocation),
    /// The tidy checks, in this process.
    Tidy,
    /// The foreign clients, from this process.
    Interop,
}

impl Part {
    /// Every part, in CI's order: the quick and common failures first.
    /// `interop` installs clients from their registry, so it runs when it is named.
    pub(crate) const ALL: [Self; 7] = [
        Self::Fmt,
        Self::Clippy,
        Self::Tidy,
        Self::Test,
        Self::Features,
        Self::Doc,
        Self::Demo,
    ];

    /// The steps of this part for a workspace of these crates.
    pub(crate) fn steps(self, crates: &[Crate]) -> Vec<Step> {
        let one = |arguments| vec![Step::Cargo(Invocation::cargo(arguments))];
        match self {
            Self::Fmt => one("fmt --all --check"),
            // The program turns every feature of every library on, so this sees all of the code.
            Self::Clippy => one("clippy --workspace --all-targets -- -D warnings"),
            Self::Tidy => vec![Step::Tidy],
            Self::Test => one("test --workspace"),
            Self::Features => crates.iter().flat_map(feature_steps).collect(),
            Self::Doc => vec![Step::Cargo(
                Invocation::cargo("doc --workspace --no-deps").with("RUSTDOCFLAGS", "-D warnings"),
            )],
            Self::Demo => one("run --release -- demo"),
            Self::Interop => vec![Step::Interop],
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Tidy => "tidy",
            Self::Test => "test",
            Self::Features => "features",
            Self::Doc => "doc",
            Self::Demo => "demo",
            Self::Interop => "interop",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo(invocation) => invocation.fmt(f),
            Self::Tidy => f.write_str("cargo xtask tidy"),
            Self::Interop => f.write_str("cargo xtask interop clients --check"),
        }
    }
}

/// Checks of one library alone. In a workspace build cargo unifies features, so a library can
/// lean on a feature that only another crate turned on; its users would find out.
fn feature_steps(krate: &Crate) -> Vec<Step> {
    if !krate.library {
        // What a program leaves off by default is compiled nowhere else. Its tests say how to run.
        let off = krate.features.iter().take(1);
        return off
            .map(|_| {
                format!(
                    "clippy --package {} --all-features --all-targets -- -D warnings",
                    krate.name
                )
            })
            .map(|arguments| Step::Cargo(Invocation::cargo(&arguments)))
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
    fn names_are_those_of_the_command_line() {
        for part in Part::value_variants() {
            assert_eq!(Part::from_str(&part.to_string(), false), Ok(*part));
        }
        let unnamed = Part::value_variants()
            .iter()
            .filter(|part| !Part::ALL.contains(part));
        assert_eq!(unnamed.copied().collect::<Vec<_>>(), [Part::Interop]);
    }

    #[test]
    fn the_readme_commands_are_run_as_they_stand() {
        assert_eq!(lines(Part::Test, &[]), ["cargo test --workspace"]);
        assert_eq!(lines(Part::Demo, &[]), ["cargo run --release -- demo"]);
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
            lines(Part::Features, &crates),
            [
                "cargo clippy --package plain -- -D warnings",
                "cargo clippy --package one --no-default-features -- -D warnings",
                "cargo clippy --package one --all-features -- -D warnings",
                "cargo clippy --package two --no-default-features -- -D warnings",
                "cargo clippy --package two --no-default-features --features pure -- -D warnings",
                "cargo clippy --package two --no-default-features --features native -- -D warnings",
                "cargo clippy --package two --all-features -- -D warnings",
                "cargo clippy --package choosy --all-features --all-targets -- -D warnings",
            ]
        );
    }
}
