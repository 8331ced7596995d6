//! The first-party profile on apps that lack more than one thing.

use eca_lint::{FIRST_PARTY_CERTIFICATE, Severity, lint};
use expect_test::{Expect, expect};

use crate::fixture;

fn check(files: &str, expected: &Expect) {
    let (project, _) = fixture::project(files);
    let report = lint(&project, &fixture::first_party());
    let lines = report
        .findings()
        .iter()
        .fold(String::new(), |text, finding| {
            text + &format!(
                "{finding}
"
            )
        });
    expected.assert_eq(&lines);
}

#[test]
fn each_wrong_member_is_a_finding_at_its_own_place() {
    check(
        "-- externalClientApps/Shop.eca
<ExternalClientApplication/>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isFirstPartyAppEnabled>false</isFirstPartyAppEnabled>
</ExtlClntAppOauthSettings>
-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isConsumerSecretOptional>true</isConsumerSecretOptional>
</ExtlClntAppGlobalOauthSettings>
-- extlClntAppOauthPolicies/Shop.ecaOauthPlcy
<ExtlClntAppOauthConfigurablePolicies>
    <externalClientApplication>Shop</externalClientApplication>
    <permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>
</ExtlClntAppOauthConfigurablePolicies>
-- extlClntAppPolicies/Shop.ecaPlcy
<ExtlClntAppConfigurablePolicies>
    <externalClientApplication>Shop</externalClientApplication>
    <isEnabled>true</isEnabled>
    <isOauthPluginEnabled>false</isOauthPluginEnabled>
</ExtlClntAppConfigurablePolicies>
",
        &expect![[r#"
            extlClntAppGlobalOauthSets/Shop.ecaGlblOauth:1:1: warning ECA1220 fp-flow: isPkceRequired is missing; first-party flows need true
            extlClntAppGlobalOauthSets/Shop.ecaGlblOauth:3:5: error ECA1220 fp-flow: isConsumerSecretOptional is true; first-party flows need false
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:1:1: error ECA1220 fp-flow: commaSeparatedPermissionSet is empty; first-party flows need the permission sets of the approved users
            extlClntAppOauthPolicies/Shop.ecaOauthPlcy:3:5: error ECA1220 fp-flow: permittedUsersPolicyType is AllSelfAuthorized; first-party flows need AdminApprovedPreAuthorized
            extlClntAppOauthSettings/Shop.ecaOauth:1:1: error ECA1304 fp-certificate: Shop has no clientAssertionCertificate to check client attestations with
            extlClntAppOauthSettings/Shop.ecaOauth:3:5: error ECA1220 fp-flow: isFirstPartyAppEnabled is false; first-party flows need true
            extlClntAppPolicies/Shop.ecaPlcy:4:5: warning ECA1208 plugin-enabled: the OAuth plugin is off, so the OAuth settings of Shop have no effect
            extlClntAppPolicies/Shop.ecaPlcy:4:5: error ECA1220 fp-flow: isOauthPluginEnabled is false; first-party flows need true
        "#]],
    );
}

#[test]
fn missing_files() {
    check(
        "-- externalClientApps/Shop.eca\n<ExternalClientApplication>\n</ExternalClientApplication>",
        &expect![[r#"
            externalClientApps/Shop.eca:1:1: error ECA1220 fp-flow: Shop has no OAuth policies; an org makes them open to all users
            externalClientApps/Shop.eca:1:1: error ECA1220 fp-flow: Shop has no OAuth settings
            externalClientApps/Shop.eca:1:1: warning ECA1220 fp-flow: the project does not hold the global OAuth settings of Shop, so they go unchecked
        "#]],
    );
    check(
        "-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isFirstPartyAppsEnabled>true</isFirstPartyAppsEnabled>
</ExtlClntAppOauthSettings>",
        &expect![[r#"
            extlClntAppOauthSettings/Shop.ecaOauth:1:1: error ECA1220 fp-flow: Shop has no OAuth policies; an org makes them open to all users
            extlClntAppOauthSettings/Shop.ecaOauth:1:1: error ECA1220 fp-flow: isFirstPartyAppEnabled is missing; first-party flows need true
            extlClntAppOauthSettings/Shop.ecaOauth:1:1: warning ECA1220 fp-flow: the project does not hold the global OAuth settings of Shop, so they go unchecked
            extlClntAppOauthSettings/Shop.ecaOauth:1:1: error ECA1304 fp-certificate: Shop has no clientAssertionCertificate to check client attestations with
            extlClntAppOauthSettings/Shop.ecaOauth:2:5: warning ECA1101 app-link: the project has no external client app called "Shop"
            extlClntAppOauthSettings/Shop.ecaOauth:3:5: error ECA1002 unknown-element: ExtlClntAppOauthSettings has no element isFirstPartyAppsEnabled
        "#]],
    );
}

#[test]
fn apps_that_are_not_first_party_are_left_alone() {
    let (project, _) = fixture::project(
        "-- externalClientApps/Robot.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isFirstPartyAppEnabled>true</isFirstPartyAppEnabled>
</ExtlClntAppOauthSettings>",
    );
    let report = lint(&project, &fixture::first_party());
    assert!(!report.is_clean());
    assert!(
        report
            .findings()
            .iter()
            .all(|finding| finding.path.contains("Shop")),
        "{report:#?}"
    );
    let (rest, apart) = report.split(&[FIRST_PARTY_CERTIFICATE]);
    assert_eq!(
        (rest.count(Severity::Error), apart.count(Severity::Error)),
        (1, 1)
    );
}
