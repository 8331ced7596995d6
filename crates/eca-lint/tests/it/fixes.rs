//! Fixes: which lines they change.

use eca_lint::{RULES, fix_all, fix_where, lint};
use expect_test::expect;

use crate::{fixture, pairs};

#[test]
fn every_fix_resolves_its_finding() {
    let mut with_fix = Vec::new();
    for rule in RULES {
        let pair = pairs::text(rule).unwrap();
        let options = pairs::options(rule, &pair);
        let (project, _) = fixture::project(&pairs::section(&pair, "fires"));
        if lint(&project, &options).findings()[0].fix.is_none() {
            continue;
        }
        with_fix.push(rule.name());
        let report = lint(&fix_all(&project, &options).project, &options);
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
            "oauthlink-committed",
            "orgscoped-committed",
            "consumer-key-committed",
        ]
    "#]]
    .assert_debug_eq(&with_fix);
}

#[test]
fn a_fix_changes_only_its_lines() {
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
    assert_eq!(fix_where(&project, &options, |_| false).applied, 0);
    let fixed = fix_all(&project, &options);
    assert_eq!(fixed.applied, 3);
    assert_eq!(fixed.changed().count(), 1);
    let mut changed = fixed.changed();
    let file = changed.find(|component| component.path().ends_with("GlblOauth"));
    expect![[r#"
        <ExtlClntAppGlobalOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
            <!-- of the old org -->
          <externalClientApplication>Shop</externalClientApplication>
            <isPkceRequired>false</isPkceRequired>   <!-- why? -->
            <unknownToAll/>
            <shouldRotateConsumerKey>false</shouldRotateConsumerKey>
            <shouldRotateConsumerSecret>false</shouldRotateConsumerSecret>
        </ExtlClntAppGlobalOauthSettings>"#]]
    .assert_eq(file.unwrap().file().text());
}
