//! Reports for machines, validated by the schemas that their readers publish.

use boon::{Compiler, Schemas};
use eca_lint::{Finding, Format, Profile, RULES, Severity, Sources, lint};
use serde_json::{Value, json};

use crate::{fixture, pairs};

/// Every finding of the pairs of all rules, as one report each.
fn reports(format: Format, deny: Severity) -> Vec<String> {
    let mut texts = Vec::new();
    for rule in RULES {
        let pair = pairs::text(rule).unwrap();
        for section in ["fires", "quiet"] {
            let (project, _) = fixture::project(&pairs::section(&pair, section));
            let mut options = pairs::options(rule, &pair);
            options.profiles = Profile::ALL.to_vec();
            let report = lint(&project, &options);
            let findings: Vec<&Finding> = report.findings().iter().collect();
            let paths = findings.iter().map(|finding| finding.path.as_str());
            texts.push(format.render(&findings, &Sources::new(&project, paths), deny));
        }
    }
    texts
}

fn check(schema: Value, reports: &[String]) {
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("schema:/it.json", schema).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("schema:/it.json", &mut schemas).unwrap();
    assert!(!reports.is_empty());
    for report in reports {
        let report: Value = serde_json::from_str(report).unwrap();
        let judged = schemas.validate(&report, index);
        assert!(judged.is_ok(), "{judged:#?}\n{report:#}");
    }
    // A schema that accepts everything would prove nothing.
    for wrong in [json!({ "version": "2.0.0", "runs": [] }), json!([{}])] {
        assert!(schemas.validate(&wrong, index).is_err(), "{wrong}");
    }
}

#[test]
fn sarif_is_valid() {
    let schema = include_str!("schemas/sarif-schema-2.1.0.json");
    check(
        serde_json::from_str(schema).unwrap(),
        &reports(Format::Sarif, Severity::Error),
    );
}

/// Source: GitLab Docs, "Code Quality report format" (the table of required fields).
#[test]
fn gitlab_is_valid() {
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "location", "severity"],
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "minLength": 1 },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        // Relative, without `./` in front.
                        "path": { "type": "string", "pattern": "^[^./]" },
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": { "begin": { "type": "integer", "minimum": 1 } },
                        },
                    },
                },
            },
        },
    });
    check(schema, &reports(Format::Gitlab, Severity::Error));
}

/// JUnit XML has no official schema; all of them require well-formed XML with correct counts. A
/// failure is what fails the run.
#[test]
fn junit_has_correct_counts() {
    for deny in [Severity::Info, Severity::Warning, Severity::Error] {
        let mut totals = [0; 3];
        for report in reports(Format::Junit, deny) {
            let document = eca_model::Document::parse(report).unwrap();
            let suites = document.root();
            assert_eq!(suites.name(), "testsuites");
            let mut total = [0; 3];
            for suite in suites.children() {
                assert_eq!(suite.name(), "testsuite");
                let cases: Vec<_> = suite.children().collect();
                assert!(cases.iter().all(|case| case.name() == "testcase"));
                let results = |name: &str| {
                    let all = cases.iter().flat_map(|case| case.children());
                    all.filter(|result| result.name() == name).count()
                };
                let counts = [cases.len(), results("failure"), results("skipped")];
                assert_eq!(COUNTS.map(|name| attribute(suite, name)), counts);
                total = [0, 1, 2].map(|index| total[index] + counts[index]);
            }
            assert_eq!(COUNTS.map(|name| attribute(suites, name)), total);
            totals = [0, 1, 2].map(|index| totals[index] + total[index]);
        }
        assert!(totals[1] > 0, "{deny}: {totals:?}");
        assert_eq!(totals[2] == 0, deny == Severity::Info, "{deny}: {totals:?}");
    }
}

const COUNTS: [&str; 3] = ["tests", "failures", "skipped"];

fn attribute(element: eca_model::Element<'_>, name: &str) -> usize {
    let tag = &element.document().text()[element.offset()..];
    let (_, value) = tag.split_once(&format!(" {name}=\"")).unwrap();
    value.split('"').next().unwrap().parse().unwrap()
}

/// Source: GitHub Docs, "Workflow commands for GitHub Actions", and the escapes of the toolkit that
/// reads them.
#[test]
fn github_commands_are_one_line_each() {
    for report in reports(Format::Github, Severity::Error) {
        for line in report.lines() {
            let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (name, properties) = command.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&name), "{line}");
            let names: Vec<_> = properties
                .split(',')
                .map(|property| property.split_once('=').unwrap().0)
                .collect();
            assert_eq!(names, ["file", "line", "col", "title"], "{line}");
            assert!(!message.is_empty());
            for text in [properties, message] {
                let escapes = text.split('%').skip(1).map(|rest| rest.get(..2).unwrap());
                assert!(
                    escapes
                        .into_iter()
                        .all(|code| ["25", "0A", "0D", "2C", "3A"].contains(&code)),
                    "{line}"
                );
            }
        }
    }
}
