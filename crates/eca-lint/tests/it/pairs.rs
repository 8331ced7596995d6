//! Each rule has a pair of tiny projects: one that breaks it once, at the marked place, and nothing
//! else, and one in which nothing is found. They are in `pairs/`, named after the rule; both have
//! the files of the section `both`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use eca_lint::{RULES, Rule, lint};
use expect_test::expect_file;

use crate::fixture::{self, Mark};

#[test]
fn every_rule_fires_once_where_marked_and_not_otherwise() {
    let mut golden = String::new();
    for rule in RULES {
        check(rule, &mut golden);
    }
    expect_file!["./findings.txt"].assert_eq(&golden);
}

fn check(rule: &Rule, golden: &mut String) {
    let pair = fs::read_to_string(folder().join(file_name(rule)))
        .unwrap_or_else(|error| panic!("{rule} has no pair of projects: {error}"));
    let mut options = fixture::options();
    options.profiles.push(rule.profile());

    let (project, marks) = fixture::project(&section(&pair, "fires"));
    let report = lint(&project, &options);
    let [finding] = report.findings() else {
        panic!("{rule} should be the only finding, once: {report:#?}");
    };
    assert_eq!(finding.rule.id(), rule.id(), "{finding}");
    assert_eq!(finding.severity, rule.severity(), "{finding}");
    assert_eq!(
        marks,
        [Mark {
            path: finding.path.clone(),
            position: finding.position
        }],
        "{finding}"
    );
    writeln!(golden, "{finding:#}").unwrap();

    let (project, marks) = fixture::project(&section(&pair, "quiet"));
    let report = lint(&project, &options);
    assert!(report.is_clean(), "{rule} should not fire: {report:#?}");
    assert_eq!(marks, []);
    assert!(
        !project.components().is_empty(),
        "{rule} needs a project that is not empty"
    );
}

/// The files of `both` and of one more section.
fn section(pair: &str, name: &str) -> String {
    format!("\n{pair}")
        .split("\n== ")
        .filter_map(|section| section.split_once('\n'))
        .filter(|(title, _)| *title == "both" || *title == name)
        .fold(String::new(), |text, (_, files)| text + files + "\n")
}

#[test]
fn every_pair_has_a_rule() {
    let found: BTreeSet<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted: BTreeSet<_> = RULES.iter().map(|rule| file_name(rule)).collect();
    assert_eq!(found, wanted);
}

fn file_name(rule: &Rule) -> String {
    format!("{}-{}.txt", rule.id(), rule.name())
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pairs")
}
