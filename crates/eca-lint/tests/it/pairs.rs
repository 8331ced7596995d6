//! Each rule has a pair of tiny projects: one that breaks it once, at the marked place, and nothing
//! else, and one in which nothing is found. They are in the crate's folder `pairs/`, named after
//! the rule; both have the files of the section `both`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use eca_lint::{Options, PreviousState, RULES, Report, Rule, lint};
use expect_test::expect_file;

use crate::fixture::{self, Mark};

#[test]
fn every_rule_fires_once_where_marked_and_not_otherwise() {
    let mut golden = String::new();
    let mut failures = String::new();
    for rule in RULES {
        match check(rule) {
            Ok(finding) => writeln!(golden, "{finding}").unwrap(),
            Err(failure) => writeln!(failures, "{rule}: {failure}").unwrap(),
        }
    }
    assert!(failures.is_empty(), "{failures}");
    expect_file!["./findings.txt"].assert_eq(&golden);
}

/// The finding of the rule in the one project, after none in the other.
fn check(rule: &Rule) -> Result<String, String> {
    let pair = text(rule).map_err(|error| format!("has no pair of projects: {error}"))?;
    let options = options(rule, &pair);

    let (project, marks) = fixture::project(&section(&pair, "fires"));
    let report = lint(&project, &options);
    let [finding] = report.findings() else {
        return Err(format!(
            "should be the only finding, once:\n{}",
            lines(&report)
        ));
    };
    let found = Mark {
        path: finding.path.clone(),
        position: finding.position,
    };
    if finding.rule != rule || finding.severity != rule.severity() || marks != [found] {
        return Err(format!("not as marked ({marks:?}): {finding}"));
    }

    let (project, marks) = fixture::project(&section(&pair, "quiet"));
    let report = lint(&project, &options);
    if !report.is_clean() || !marks.is_empty() || project.components().is_empty() {
        return Err(format!("should not fire:\n{}", lines(&report)));
    }
    Ok(format!("{finding:#}"))
}

/// The pair of a rule.
pub(crate) fn text(rule: &Rule) -> std::io::Result<String> {
    fs::read_to_string(folder().join(file_name(rule)))
}

/// The options for a rule's pair.
pub(crate) fn options(rule: &Rule, pair: &str) -> Options {
    let mut options = fixture::options();
    options.profiles.extend(rule.profiles().first());
    let tracked: BTreeSet<_> = section(pair, "options")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("tracked = ")?.to_owned()))
        .collect();
    let lines = section(pair, "options");
    let outside = lines
        .lines()
        .filter_map(|line| line.strip_prefix("outside = "));
    options.outside = outside.map(str::to_owned).collect();
    options.tracked = (!tracked.is_empty()).then_some(tracked);
    options.bump = section(pair, "options")
        .lines()
        .find_map(|line| Some(line.strip_prefix("bump = ")?.parse().unwrap()));
    if format!("\n{pair}").contains("\n== before\n") {
        let (before, _) = fixture::project(&section(pair, "before"));
        options.previous = Some(PreviousState::new(&before, "origin/main"));
    }
    options
}

fn lines(report: &Report) -> String {
    let lines: Vec<_> = report.findings().iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The files of `both` and of one more section.
pub(crate) fn section(pair: &str, name: &str) -> String {
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
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pairs")
}
