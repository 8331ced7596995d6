//! Files with a missing line, or truncated ones: findings, no panic.

use std::fs;
use std::path::{Path, PathBuf};

use eca_lint::{Format, Profile, Severity, Sources, lint};
use eca_model::Project;
use expect_test::expect;

use crate::fixture;

#[test]
fn any_line_may_be_missing() {
    let mut files = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront/force-app"),
        &mut files,
    );
    let entries: Vec<(String, String)> = files
        .iter()
        .map(|path| {
            (
                path.to_str().unwrap().to_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    assert_eq!(entries.len(), 9);
    let mut options = fixture::options();
    options.profiles = Profile::ALL.to_vec();
    for index in 0..entries.len() {
        let lines: Vec<_> = entries[index].1.lines().collect();
        for line in 0..lines.len() {
            let without = [&lines[..line], &lines[line + 1..]].concat().join("\n");
            for text in [without, lines[..line].join("\n")] {
                let project =
                    Project::from_entries(entries.iter().enumerate().map(|(other, entry)| {
                        let text = if other == index { &text } else { &entry.1 };
                        (entry.0.clone(), text.clone().into_bytes())
                    }));
                let report = lint(&project, &options);
                let findings: Vec<_> = report.findings().iter().collect();
                let paths = findings.iter().map(|finding| finding.path.as_str());
                Format::Text.render(&findings, &Sources::new(&project, paths), Severity::Error);
                assert!(
                    report
                        .findings()
                        .is_sorted_by_key(|finding| (&finding.path, finding.position))
                );
            }
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn a_secret_is_named_but_never_shown() {
    let (project, _) = fixture::project(
        "-- namedCredentials/Old.namedCredential
<NamedCredential>
    <label>Old</label>
    <password>hunter2</password>
</NamedCredential>",
    );
    let report = lint(&project, &fixture::options());
    expect![[r#"
        {
          "findings": [
            {
              "rule": "ECA1401",
              "name": "secret-in-source",
              "severity": "error",
              "path": "namedCredentials/Old.namedCredential",
              "line": 3,
              "column": 5,
              "message": "password holds a secret",
              "help": "remove the value and rotate the secret: it has been on disk"
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&report).unwrap());
    assert!(!format!("{report:?}").contains("hunter2"));
}

#[test]
fn a_file_with_very_many_faults_has_a_bounded_report() {
    let text = format!(
        "<ExtlClntAppOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">{}\
         </ExtlClntAppOauthSettings>",
        "<a/>\n".repeat(5_000)
    );
    let path = "extlClntAppOauthSettings/Shop_oauth.ecaOauth".to_owned();
    let project = Project::from_entries([(path, text.into_bytes())]);
    let report = lint(&project, &fixture::options());
    let of_rule = |finding: &&eca_lint::Finding| finding.rule.id().to_string() == "ECA1002";
    let listed: Vec<_> = report.findings().iter().filter(of_rule).collect();
    assert_eq!(listed.len(), 1_001, "{:?}", report.findings()[0]);
    let message = &listed[1_000].message;
    assert_eq!(
        message,
        "there are more findings of this rule; the first 1000 are listed"
    );
}
