//! The allowed dependencies between crates. `docs/architecture.md` has the reasons.

use crate::workspace::{ArrowKind, Crate};

use crate::tidy::problem::Problem;

/// The exact dependencies of every crate on other crates of the workspace.
const NORMAL: &[(&str, &[&str])] = &[
    // Reads an org for a plan, and keeps the state of orgs; the transport is that of an object
    // storage.
    (
        "eca-apply",
        &["eca-deploy", "eca-http", "eca-model", "eca-plan"],
    ),
    ("eca-attest", &[]),
    (
        "eca-cli",
        &[
            "eca-apply",
            "eca-attest",
            "eca-deploy",
            "eca-emulator",
            // For transport and timer; the requests come from eca-deploy and eca-oauth.
            "eca-http",
            "eca-lint",
            "eca-model",
            "eca-oauth",
            "eca-plan",
        ],
    ),
    // A package has no private key in it.
    (
        "eca-deploy",
        &["eca-attest", "eca-http", "eca-model", "eca-oauth"],
    ),
    ("eca-emulator", &["eca-attest", "eca-model"]),
    ("eca-http", &[]),
    ("eca-lint", &["eca-attest", "eca-model"]),
    ("eca-model", &["eca-model-derive"]),
    ("eca-model-derive", &[]),
    ("eca-oauth", &["eca-attest", "eca-http"]),
    // No org, no clock, no network: what it knows is handed in.
    ("eca-plan", &["eca-model"]),
    // Runs the built program.
    ("eca-tests", &[]),
    // Compares the reflection table with WSDL files.
    ("xtask", &["eca-model"]),
];

/// Additional dependencies of a crate's tests and examples.
const DEVELOPMENT: &[(&str, &[&str])] = &[
    // Their examples run against the embedded org. The tests of the first turn on its feature
    // `object-store`.
    (
        "eca-apply",
        &["eca-apply", "eca-emulator", "eca-http", "eca-oauth"],
    ),
    ("eca-deploy", &["eca-emulator"]),
    ("eca-oauth", &["eca-emulator"]),
    // Its tests turn on its feature `testing`.
    ("eca-http", &["eca-http"]),
    // The orgs for the program, the causes that its doctor finds, and what reads hostile input.
    (
        "eca-tests",
        &[
            "eca-apply",
            "eca-attest",
            "eca-deploy",
            "eca-emulator",
            "eca-http",
            "eca-lint",
            "eca-model",
            "eca-oauth",
            // With the embedded org as judge.
            "eca-plan",
        ],
    ),
    // The example needs the crate that the macros are for.
    ("eca-model-derive", &["eca-model"]),
];

/// Compares the manifests with the tables, both ways.
pub(crate) fn check(crates: &[Crate]) -> Vec<Problem> {
    compare(crates, NORMAL, DEVELOPMENT)
}

type Table = [(&'static str, &'static [&'static str])];

fn compare(crates: &[Crate], normal: &Table, development: &Table) -> Vec<Problem> {
    let mut problems = Vec::new();
    for krate in crates {
        let Some(allowed) = row(normal, &krate.name) else {
            problems.push(Problem::of_file(
                &krate.manifest,
                format!(
                    "crate {} has no row in xtask/src/tidy/arrows.rs",
                    krate.name
                ),
            ));
            continue;
        };
        for arrow in &krate.arrows {
            let to = arrow.to.as_str();
            let also = match arrow.kind {
                ArrowKind::Normal => &[],
                ArrowKind::Development | ArrowKind::DevelopmentHere => {
                    row(development, &krate.name).unwrap_or_default()
                }
            };
            if !allowed.contains(&to) && !also.contains(&to) {
                problems.push(Problem::of_file(
                    &krate.manifest,
                    format!("{} must not depend on {to}", krate.name),
                ));
            }
        }
        let has = |to: &str, normal: bool| {
            krate
                .arrows
                .iter()
                .any(|arrow| arrow.to == to && (arrow.kind == ArrowKind::Normal) == normal)
        };
        let unused = allowed.iter().filter(|&&to| !has(to, true)).chain(
            row(development, &krate.name)
                .unwrap_or_default()
                .iter()
                .filter(|&&to| !has(to, false)),
        );
        problems.extend(unused.map(|to| {
            Problem::of_file(
                &krate.manifest,
                format!(
                    "{} no longer depends on {to}: remove it from xtask/src/tidy/arrows.rs",
                    krate.name
                ),
            )
        }));
    }
    for (name, _) in normal.iter().chain(development) {
        if !crates.iter().any(|krate| krate.name == *name) {
            problems.push(Problem::of_file(
                "Cargo.toml",
                format!("xtask/src/tidy/arrows.rs names {name}, which is not a member"),
            ));
        }
    }
    problems
}

fn row(table: &Table, name: &str) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(from, _)| *from == name)
        .map(|(_, to)| *to)
}

#[cfg(test)]
mod tests {
    use crate::workspace::Arrow;

    use super::super::problem::lines;
    use super::*;

    fn krate(name: &str, normal: &[&str], development: &[&str]) -> Crate {
        let arrow = |kind| {
            move |to: &&str| Arrow {
                to: (*to).to_owned(),
                kind,
            }
        };
        let arrows = normal
            .iter()
            .map(arrow(ArrowKind::Normal))
            .chain(development.iter().map(arrow(ArrowKind::Development)))
            .collect();
        Crate {
            arrows,
            ..Crate::named(name)
        }
    }

    fn check(crates: &[Crate]) -> Vec<String> {
        let normal: &Table = &[("cli", &["core"]), ("core", &[])];
        let development: &Table = &[("core", &["fake"])];
        lines(&compare(crates, normal, development))
    }

    #[test]
    fn listed_dependencies_pass() {
        let crates = [
            krate("cli", &["core"], &["core"]),
            krate("core", &[], &["fake"]),
        ];
        assert_eq!(check(&crates), [""; 0]);
    }

    #[test]
    fn a_dependency_that_is_not_listed_is_refused() {
        let crates = [
            krate("cli", &["core"], &[]),
            krate("core", &["cli"], &["fake"]),
        ];
        assert_eq!(
            check(&crates),
            ["crates/core/Cargo.toml: core must not depend on cli"]
        );
    }

    #[test]
    fn a_development_dependency_is_no_normal_dependency() {
        let crates = [
            krate("cli", &["core"], &[]),
            krate("core", &["fake"], &["fake"]),
        ];
        assert_eq!(
            check(&crates),
            ["crates/core/Cargo.toml: core must not depend on fake"]
        );
    }

    #[test]
    fn a_listed_dependency_that_is_gone_is_reported() {
        let crates = [krate("cli", &[], &["core"]), krate("core", &[], &[])];
        assert_eq!(
            check(&crates),
            [
                "crates/cli/Cargo.toml: cli no longer depends on core: remove it from xtask/src/tidy/arrows.rs",
                "crates/core/Cargo.toml: core no longer depends on fake: remove it from xtask/src/tidy/arrows.rs",
            ]
        );
    }

    #[test]
    fn crates_and_rows_match_one_to_one() {
        let crates = [krate("core", &[], &["fake"]), krate("stray", &[], &[])];
        assert_eq!(
            check(&crates),
            [
                "crates/stray/Cargo.toml: crate stray has no row in xtask/src/tidy/arrows.rs",
                "Cargo.toml: xtask/src/tidy/arrows.rs names cli, which is not a member",
            ]
        );
    }

    #[test]
    fn the_table_has_no_circle() {
        // A path that is longer than the table has a circle.
        fn depth(name: &str, left: usize) {
            assert!(left > 0, "a circle through {name}");
            for to in row(NORMAL, name).unwrap_or_default() {
                depth(to, left - 1);
            }
        }
        for (name, _) in NORMAL {
            depth(name, NORMAL.len() + 1);
        }
    }
}
