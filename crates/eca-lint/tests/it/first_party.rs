//! The first-party profile on apps that lack more than one thing.

use eca_lint::{FIRST_PARTY_CERTIFICATE, Severity, lint};

use crate::fixture;

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
        (
            rest.count(Severity::Warning),
            apart.count(Severity::Warning)
        ),
        (2, 1)
    );
}
