//! What is sent.

use eca_model::Project;
use eca_plan::{Facts, PackageError, PlanOptions, plan};
use expect_test::expect;

use crate::sides::{GLOBAL, OAUTH, POLICIES, planned, project, snapshot};

#[test]
fn values_of_the_org_are_sent_along() {
    let last =
        format!("{OAUTH} <label>a</label><singleLogoutUrl>https://a.example</singleLogoutUrl>");
    let desired =
        format!("{OAUTH} <label>b</label><singleLogoutUrl>https://a.example</singleLogoutUrl>");
    let actual = format!(
        "{OAUTH} <areAttributesIncludedInAssetToken>true</areAttributesIncludedInAssetToken>\
         <commaSeparatedOauthScopes>Api, Web</commaSeparatedOauthScopes>\
         <customAttributes><formula>f</formula><key>k</key></customAttributes>\
         <label>a</label><oauthLink>00D:0x</oauthLink>"
    );
    let plan = planned(
        &last,
        &desired,
        &actual,
        &Facts::new(),
        &PlanOptions::default(),
    );
    let package = plan.package(&project(&desired)).unwrap();
    expect![[r#"
        <ExtlClntAppOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata"><areAttributesIncludedInAssetToken>true</areAttributesIncludedInAssetToken><commaSeparatedOauthScopes>Api, Web</commaSeparatedOauthScopes><customAttributes>
            <formula>f</formula>
            <key>k</key>
        </customAttributes><label>b</label><externalClientApplication>Shop</externalClientApplication></ExtlClntAppOauthSettings>"#]].assert_eq(package.components()[0].file().text());
    let name = OAUTH.parse().unwrap();
    let alone = plan.component(&project(&desired), &name).unwrap();
    assert_eq!(alone.file().text(), package.components()[0].file().text());
}

#[test]
fn a_version_without_the_member_does_not_send_it() {
    let desired = format!("@66\n{GLOBAL} <label>b</label>");
    let actual = format!("@67\n{GLOBAL} <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>");
    let plan = planned(
        "-",
        &desired,
        &actual,
        &Facts::new(),
        &PlanOptions::default(),
    );
    let package = plan.package(&project(&desired)).unwrap();
    assert!(!package.components()[0].file().text().contains("TTL"));
    assert!(plan.risks.is_empty());
}

#[test]
fn another_project_is_refused() {
    let desired = format!("{POLICIES} <label>b</label>");
    let plan = plan(
        None,
        &snapshot(&desired),
        &snapshot(POLICIES),
        &Facts::new(),
        &PlanOptions::default(),
    );
    let error = plan.package(&Project::default()).unwrap_err();
    assert!(matches!(error, PackageError::NoComponent { .. }));
    assert_eq!(
        error.to_string(),
        format!("the plan deploys {POLICIES}, which the project does not have; plan again")
    );
}
