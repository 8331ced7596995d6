//! Which crate may depend on which. `docs/architecture.md` says why.

use crate::workspace::{ArrowKind, Crate};

use crate::tidy::problem::Problem;

/// Every crate with the crates it depends on; no others, and none of these missing.
const NORMAL: &[(&str, &[&str])] = &[
    ("eca-attest", &[]),
    (
        "eca-cli",
        &[
            "eca-attest",
            "eca-deploy",
            "eca-emulator",
            // To pick transport and timer; what is sent is made by deploy and oauth.
            "eca-http",
            "eca-lint",
            "eca-model",
            "eca-oauth",
        ],
    ),
    ("eca-deploy", &["eca-http", "eca-model", "eca-oauth"]),
    ("eca-emulator", &["eca-attest", "eca-model"]),
    ("eca-http", &[]),
    ("eca-lint", &["eca-attest", "eca-model"]),
    ("eca-model", &["eca-model-derive"]),
    ("eca-model-derive", &[]),
    ("eca-oauth", &["eca-attest", "eca-http"]),
    // Drives the built program.
    ("eca-tests", &[]),
    // Compares the reflection table with the outside.
    ("xtask", &["eca-model"]),
];

/// What tests and examples of a crate may use beyond its normal arrows.
const DEVELOPMENT: &[(&str, &[&str])] = &[
    // Their examples run against the embedded org.
    ("eca-deploy", &["eca-emulator"]),
    ("eca-oauth", &["eca-emulator"]),
    // Its tests turn on its feature `testing`.
    ("eca-http", &["eca-http"]),
    // The orgs that the built program talks to, and the causes that its doctor tells apart.
    ("eca-tests", &["eca-emulator", "eca-oauth"]),
    // Macros cannot be shown without the crate that they are for.
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
                format!("crate {} has no row in the table of arrows", krate.name),
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
                    "{} no longer depends on {to}: take it out of the table",
                    krate.name
                ),
            )
        }));
    }
    for (name, _) in normal.iter().chain(development) {
        if !crates.iter().any(|krate| krate.name == *name) {
            problems.push(Problem::of_file(
                "Cargo.toml",
                format!("the table of arrows names {name}, which is no member"),
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
    fn the_drawn_arrows_pass() {
        let crates = [
            krate("cli", &["core"], &["core"]),
            krate("core", &[], &["fake"]),
        ];
        assert_eq!(check(&crates), [""; 0]);
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_refused() {
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
    fn what_tests_may_use_users_must_not_get() {
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
    fn a_drawn_arrow_that_is_gone_is_named() {
        let crates = [krate("cli", &[], &["core"]), krate("core", &[], &[])];
        assert_eq!(
            check(&crates),
            [
                "crates/cli/Cargo.toml: cli no longer depends on core: take it out of the table",
                "crates/core/Cargo.toml: core no longer depends on fake: take it out of the table",
            ]
        );
    }

    #[test]
    fn crates_and_rows_match_one_to_one() {
        let crates = [krate("core", &[], &["fake"]), krate("stray", &[], &[])];
        assert_eq!(
            check(&crates),
            [
                "crates/stray/Cargo.toml: crate stray has no row in the table of arrows",
                "Cargo.toml: the table of arrows names cli, which is no member",
            ]
        );
    }

    #[test]
    fn the_drawn_arrows_have_no_circle() {
        // Walks away from every crate; a walk longer than the table has gone round.
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
