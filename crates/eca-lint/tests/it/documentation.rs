//! `docs/rules.md` is generated from the rules and their pairs: `UPDATE_EXPECT=1 cargo test -p
//! eca-lint`.

use std::fmt::Write as _;

use eca_lint::{Profile, RULES, Rule, lint};
use expect_test::expect_file;

use crate::{fixture, pairs};

const AREAS: &[(u16, &str)] = &[
    (10, "Files and schema"),
    (11, "Files that belong together"),
    (12, "OAuth settings and policies"),
    (13, "Certificates"),
    (14, "Secrets"),
    (15, "Portability between orgs"),
    (16, "Outbound credentials"),
    (17, "What security reviews ask for"),
    (18, "Packages"),
    (19, "Plugins"),
];

const CONFIGURATION: &str = r#"
```toml
# eca.toml
[lint]
profiles = ["first-party", "hardening"]
deny = "warning"                # what fails the run; error when left out
within = "45d"                  # how long before its end a certificate is reported

[lint.rules]                    # info, warning, error or off
element-order = "off"
ECA1203 = "error"

[[lint.exclude]]
path = "force-app/legacy"       # a folder or a file; * stands for any part of a name
rules = ["ECA1503"]             # every rule when left out
reason = "goes away with the old org"
```
"#;

#[test]
fn rules() {
    let mut text = String::from(
        "# Rules of `eca lint`\n\nGenerated from the rules and from the project pairs that test them; do not edit.\n\
        `eca explain ECA1203` prints one of them.\n\nThe profile `default` always runs; `--profile`, or `profiles` in `eca.toml`, \
        adds others. A comment\n`<!-- eca-ignore ECA1203: reason -->` suppresses a rule on its line and on the element after it;\n\
        one that suppresses nothing is reported. Misspelt rules and excludes without a reason are refused.\n",
    );
    text.push_str(CONFIGURATION);
    text.push_str("\n| Profile | Rules |\n|---|---:|\n");
    for profile in Profile::ALL {
        let count = RULES
            .iter()
            .filter(|rule| rule.profiles().contains(profile))
            .count();
        writeln!(text, "| {profile} | {count} |").unwrap();
    }
    for (number, area) in AREAS {
        writeln!(text, "\n## {area}").unwrap();
        for rule in RULES
            .iter()
            .filter(|rule| rule.id().number() / 100 == *number)
        {
            describe(rule, &mut text);
        }
    }
    assert!(
        RULES
            .iter()
            .all(|rule| AREAS.iter().any(|area| area.0 == rule.id().number() / 100))
    );
    expect_file!["../../../../docs/rules.md"].assert_eq(&text);
}

fn describe(rule: &Rule, text: &mut String) {
    let pair = pairs::text(rule).unwrap();
    let (project, _) = fixture::project(&pairs::section(&pair, "fires"));
    let report = lint(&project, &pairs::options(rule, &pair));
    let fix = if report.findings()[0].fix.is_some() {
        ", with a fix"
    } else {
        ""
    };
    let profiles: Vec<_> = rule.profiles().iter().map(ToString::to_string).collect();
    let profiles = profiles.join(", ");
    let severity = rule.severity();
    writeln!(
        text,
        "\n### {rule}\n\n{severity}, profile {profiles}{fix}: {}.\n",
        rule.summary()
    )
    .unwrap();
    writeln!(
        text,
        "{}\n\nSource: {}.\n",
        rule.explanation(),
        rule.source()
    )
    .unwrap();
    let example = rule.example();
    let before = &example.before;
    text.push_str("```xml\n");
    writeln!(text, "<!-- Incorrect: {} -->\n{}", before.path, before.text).unwrap();
    if let Some(after) = example.after {
        writeln!(text, "<!-- Correct: {} -->\n{}", after.path, after.text).unwrap();
    }
    text.push_str("```\n");
}
