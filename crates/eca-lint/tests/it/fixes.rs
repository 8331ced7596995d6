//! Fixes: what they change, and what they leave.

use std::collections::BTreeMap;

use eca_lint::{Fix, Options, RULES, fix, lint};
use eca_model::Project;
use expect_test::expect;

use crate::{fixture, pairs};

/// The project after its fixes, over and over until none is left.
fn fixed(mut project: Project, options: &Options) -> Project {
    for _ in 0..10 {
        let report = lint(&project, options);
        let mut texts: BTreeMap<String, String> = project
            .components()
            .iter()
            .map(|component| {
                (
                    component.path().to_owned(),
                    component.file().text().to_owned(),
                )
            })
            .collect();
        let mut applied = 0;
        let fixes = report.findings().iter().filter_map(|f| f.fix.as_ref());
        for (path, fixes) in fix::by_file(fixes) {
            let (text, count) = fix::apply(&texts[path], fixes);
            texts.insert(path.to_owned(), text);
            applied += count;
        }
        if applied == 0 {
            return project;
        }
        let entries = texts
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes()));
        project = Project::from_entries(entries);
    }
    unreachable!("the fixes have no end")
}

#[test]
fn every_fix_puts_its_finding_right() {
    let mut with_fix = Vec::new();
    for rule in RULES {
        let pair = pairs::text(rule).unwrap();
        let options = pairs::options(rule, &pair);
        let (project, _) = fixture::project(&pairs::section(&pair, "fires"));
        if lint(&project, &options).findings()[0].fix.is_none() {
            continue;
        }
        with_fix.push(rule.name());
        let report = lint(&fixed(project, &options), &options);
        let left = report
            .findings()
            .iter()
            .filter(|finding| finding.rule == *rule);
        assert_eq!(left.count(), 0, "{rule}: {report:#?}");
    }
    expect![[r#"
        [
            "unknown-element",
            "rotate-flags",
            "scopes-dup",
            "fp-flow",
            "codecred-flow",
            "public-client",
            "oauthlink-committed",
            "orgscoped-committed",
            "consumer-key-committed",
            "pkce",
            "refresh-rotation",
            "packaged-state",
        ]
    "#]]
    .assert_debug_eq(&with_fix);
}

#[test]
fn only_what_is_wrong_changes() {
    let (project, _) = fixture::project(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <!-- of the old org -->
    <consumerKey>3MVG9</consumerKey>
  <externalClientApplication>Shop</externalClientApplication>
    <isPkceRequired>false</isPkceRequired>   <!-- why? -->
    <unknownToAll/>
    <shouldRotateConsumerKey>true</shouldRotateConsumerKey>
    <shouldRotateConsumerSecret> true </shouldRotateConsumerSecret>
</ExtlClntAppGlobalOauthSettings>",
    );
    let mut options = fixture::options();
    options.profiles = eca_lint::Profile::ALL.to_vec();
    let project = fixed(project, &options);
    let file = project
        .components()
        .iter()
        .find(|component| component.path().ends_with("GlblOauth"));
    expect![[r#"
        <ExtlClntAppGlobalOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
            <!-- of the old org -->
          <externalClientApplication>Shop</externalClientApplication>
          <isConsumerSecretOptional>false</isConsumerSecretOptional>
            <isPkceRequired>true</isPkceRequired>   <!-- why? -->
            <unknownToAll/>
            <shouldRotateConsumerKey>false</shouldRotateConsumerKey>
            <shouldRotateConsumerSecret>false</shouldRotateConsumerSecret>
        </ExtlClntAppGlobalOauthSettings>"#]]
    .assert_eq(file.unwrap().file().text());
}

/// Byte ranges of a text that is not the one that was linted must not panic.
#[test]
fn a_text_that_changed_is_left_alone() {
    let (project, _) = fixture::project(&pairs::section(&pairs::text(RULES[0]).unwrap(), "quiet"));
    assert!(lint(&project, &fixture::options()).is_clean());
    let pair = pairs::text(eca_lint::explain("rotate-flags").unwrap()).unwrap();
    let (project, _) = fixture::project(&pairs::section(&pair, "fires"));
    let report = lint(&project, &fixture::options());
    let fixes: Vec<&Fix> = report
        .findings()
        .iter()
        .filter_map(|f| f.fix.as_ref())
        .collect();
    assert_eq!(fix::apply("ü", fixes), ("ü".to_owned(), 0));
}
