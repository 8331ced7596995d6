//! Golden files of every format.

use eca_lint::format::{Color, text as text_report};
use eca_lint::{Finding, Format, Profile, RULES, Severity, Sources, lint};
use expect_test::expect_file;
use serde_json::Value;

use crate::fixture;

const PROJECT: &str = "-- externalClientApps/Shop 1.eca
<ExternalClientApplication>
    <description>a % of \"users\" &amp; <!-- x --></description>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <consumerSecret>hunter2hunter2</consumerSecret>
    <externalClientApplication>Shop 1</externalClientApplication>
    <isPkceRequired>false</isPkceRequired>
    <shouldRotateConsumerKey>true</shouldRotateConsumerKey>
</ExtlClntAppGlobalOauthSettings>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <commaSeparatedOauthScopes>Api, Apo, Api</commaSeparatedOauthScopes>
    <externalClientApplication>Shop 1</externalClientApplication>
    <label>a</label><label>b</label>
</ExtlClntAppOauthSettings>
-- extlClntAppPolicies/Broken.ecaPlcy
<ExtlClntAppConfigurablePolicies>
";

fn check(format: Format, text: &str) -> String {
    let (project, _) = fixture::project(text);
    let options = fixture::options().with_profile(Profile::Isv2026);
    let report = lint(&project, &options);
    let findings: Vec<&Finding> = report.findings().iter().collect();
    let paths = findings.iter().map(|finding| finding.path.as_str());
    let rendered = format.render(&findings, &Sources::new(&project, paths), Severity::Error);
    assert!(!rendered.contains("hunter2"), "{rendered}");
    rendered
}

#[test]
fn golden() {
    for format in Format::ALL {
        let mut rendered = check(*format, PROJECT);
        if *format == Format::Sarif {
            // The rules are in docs/rules.md.
            let mut sarif: Value = serde_json::from_str(&rendered).unwrap();
            let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
                .as_array_mut()
                .unwrap();
            rules.truncate(1);
            sarif["runs"][0]["tool"]["driver"]["version"] = "0".into();
            rendered = serde_json::to_string_pretty(&sarif).unwrap();
        }
        expect_file![format!("./golden/report.{format}")].assert_eq(&(rendered + "\n"));
    }
}

/// A file with one long line: the report shows the part around the finding.
#[test]
fn a_long_line() {
    let text = format!(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication><description>{}</description><bogus>ü</bogus><label>{}</label></ExternalClientApplication>",
        "ä".repeat(300),
        "b".repeat(300),
    );
    let (project, _) = fixture::project(&text);
    let report = lint(&project, &fixture::options());
    let findings: Vec<&Finding> = report.findings().iter().collect();
    let sources = Sources::new(&project, ["externalClientApps/Shop.eca"]);
    let plain = text_report(&findings, &sources, Color::Never);
    expect_test::expect![[r#"
        externalClientApps/Shop.eca: 1 finding
        error[ECA1002 unknown-element]: ExternalClientApplication has no element bogus
         --> externalClientApps/Shop.eca:1:403
          |
        1 | …ääääääääääääääääääääääääää</description><bogus>ü</bogus><label>bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
          |                                          ^^^^^^^^^^^^^^^^"#]].assert_eq(&plain);
    let colored = text_report(&findings, &sources, Color::Always);
    assert!(!colored.contains(":::"), "{colored}");
    assert_eq!(colored.lines().count(), plain.lines().count());
}

#[test]
fn nothing_found() {
    for (format, wanted) in [
        (Format::Text, ""),
        (Format::Short, ""),
        (Format::Json, "[]"),
        (Format::Github, ""),
        (Format::Gitlab, "[]"),
    ] {
        assert_eq!(
            check(
                format,
                "-- a/externalClientApps/A.eca\n<ExternalClientApplication/>\n"
            ),
            wanted
        );
    }
}

/// The requirements of SARIF 2.1.0 for the written parts, and one that its schema cannot express:
/// indexes and regions must be valid.
#[test]
fn sarif_is_consistent() {
    let sarif: Value = serde_json::from_str(&check(Format::Sarif, PROJECT)).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    let mut prints: Vec<_> = results
        .iter()
        .map(|r| r["partialFingerprints"]["eca/v1"].to_string())
        .collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), results.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(place["region"]["startColumn"].as_u64().unwrap() >= 1);
        assert!(
            !place["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .contains(' ')
        );
        for fix in result["fixes"].as_array().into_iter().flatten() {
            let region = &fix["artifactChanges"][0]["replacements"][0]["deletedRegion"];
            let place = |line: &str, column: &str| (region[line].as_u64(), region[column].as_u64());
            assert!(place("startLine", "startColumn") <= place("endLine", "endColumn"));
        }
    }
}
