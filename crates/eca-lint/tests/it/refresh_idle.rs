//! How long unused refresh tokens of vendors' apps live.

use std::fmt::Write as _;

use eca_lint::{Profile, lint};
use expect_test::expect;

use crate::fixture;
use crate::fixture::APP;

#[test]
fn idle_refresh_tokens_of_vendors() {
    let mut options = fixture::options();
    options.profiles.push(Profile::Isv2026);
    let policies = |policy: &str, unit: &str, period: &str, enforced: bool| {
        format!(
            "-- extlClntAppGlobalOauthSets/Shop.ecaGlblOauth
<ExtlClntAppGlobalOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isConsumerSecretOptional>true</isConsumerSecretOptional>
    <isEnforceRefreshTokenTTL>{enforced}</isEnforceRefreshTokenTTL>
    <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>
</ExtlClntAppGlobalOauthSettings>
-- extlClntAppOauthPolicies/Shop.ecaOauthPlcy
<ExtlClntAppOauthConfigurablePolicies>
    <externalClientApplication>Shop</externalClientApplication>
    <refreshTokenPolicyType>{policy}</refreshTokenPolicyType>
    <refreshTokenValidityPeriod>{period}</refreshTokenValidityPeriod>
    <refreshTokenValidityUnit>{unit}</refreshTokenValidityUnit>
</ExtlClntAppOauthConfigurablePolicies>
"
        )
    };
    let mut actual = String::new();
    for (policy, period, unit, enforced) in [
        ("Infinite", "1", "Days", true),
        ("SpecificLifetime", "365", "Days", false),
        ("SpecificLifetime", "365", "Days", true),
        ("SpecificLifetime", "30", "Days", false),
        ("SpecificInactivity", "8760", "Days", false),
        ("SpecificInactivity", "720", "Hours", false),
        ("SpecificInactivity", "2", "Months", true),
    ] {
        let (project, _) = fixture::project(&format!(
            "{APP}{}",
            policies(policy, unit, period, enforced)
        ));
        let report = lint(&project, &options);
        let rule = eca_lint::explain("refresh-idle").unwrap();
        let found = report
            .findings()
            .iter()
            .find(|finding| finding.rule == rule);
        let found = found.map_or("fine", |finding| finding.message.as_str());
        writeln!(
            actual,
            "{policy} {period} {unit}, limit {enforced}: {found}"
        )
        .unwrap();
    }
    expect![[r#"
        Infinite 1 Days, limit true: refresh tokens never end
        SpecificLifetime 365 Days, limit false: refresh tokens live for 365 days, used or not; unused ones may live for 30
        SpecificLifetime 365 Days, limit true: fine
        SpecificLifetime 30 Days, limit false: fine
        SpecificInactivity 8760 Days, limit false: refresh tokens end after 8760 days without use; 30 are allowed
        SpecificInactivity 720 Hours, limit false: fine
        SpecificInactivity 2 Months, limit true: fine
    "#]].assert_eq(&actual);
}
