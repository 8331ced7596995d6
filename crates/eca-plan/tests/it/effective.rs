//! How long refresh tokens really live.

use eca_model::{FieldPath, FieldValue, Project};
use eca_plan::{Facts, Outcome, PlanOptions, RefreshLifetime};
use expect_test::expect;

use crate::sides::{GLOBAL, POLICIES, planned, project, shown};

fn policies(members: &str) -> String {
    format!("{POLICIES} {members}")
}

fn global(rule: &str) -> String {
    match rule {
        "-" => GLOBAL.to_owned(),
        rule => format!("{GLOBAL} <isEnforceRefreshTokenTTL>{rule}</isEnforceRefreshTokenTTL>"),
    }
}

#[test]
fn two_files_decide() {
    let period = |kind: &str, count: u32, unit: &str| {
        format!(
            "<refreshTokenPolicyType>{kind}</refreshTokenPolicyType>\
             <refreshTokenValidityPeriod>{count}</refreshTokenValidityPeriod>\
             <refreshTokenValidityUnit>{unit}</refreshTokenValidityUnit>"
        )
    };
    let plain = |kind: &str| format!("<refreshTokenPolicyType>{kind}</refreshTokenPolicyType>");
    for (members, rule, expected) in [
        (plain("Zero"), "true", "no refresh tokens"),
        (plain("Infinite"), "-", "until revoked"),
        (plain("Infinite"), "false", "until revoked"),
        (plain("Infinite"), "true", "30 days without use"),
        (
            period("SpecificLifetime", 1, "Days"),
            "-",
            "1 day after their issue",
        ),
        (
            period("SpecificLifetime", 6, "Months"),
            "true",
            "6 months after their issue, or 30 days without use",
        ),
        (
            period("SpecificInactivity", 12, "Hours"),
            "true",
            "12 hours without use",
        ),
        (
            period("SpecificInactivity", 2, "Months"),
            "true",
            "30 days without use",
        ),
        (
            period("SpecificInactivity", 2, "Months"),
            "-",
            "2 months without use",
        ),
        (plain("SpecificInactivity"), "-", "unknown"),
        (period("SpecificLifetime", 1, "Weeks"), "-", "unknown"),
        (plain("Later"), "-", "unknown"),
        (String::new(), "true", "unknown"),
    ] {
        let project = project(&format!("{}\n{}", policies(&members), global(rule)));
        let snapshot = Project::snapshot(&project);
        let of = |name: &str| {
            let component = &snapshot.components[&name.parse().unwrap()];
            move |path: &FieldPath| -> Option<&FieldValue> { component.value(path) }
        };
        let lifetime = RefreshLifetime::new(of(POLICIES), of(GLOBAL));
        assert_eq!(lifetime.to_string(), expected, "{members} {rule}");
    }
}

#[test]
fn another_lifetime_is_drift_although_no_member_of_ours_differs() {
    let infinite = policies("<refreshTokenPolicyType>Infinite</refreshTokenPolicyType>");
    let desired = format!("{infinite}\n{}", global("-"));
    let actual = format!("{infinite}\n{}", global("true"));
    let text = shown(&desired, &desired, &actual, &Facts::new());
    expect![[r#"
        Shop
          = ExtlClntAppGlobalOauthSettings:Shop_global
              = isEnforceRefreshTokenTTL: true  (only in the org; left alone)
          ! refresh tokens live until revoked by these files, and 30 days without use in the org: write isEnforceRefreshTokenTTL into the global settings

        drift only; nothing is sent: 1 drifted
    "#]].assert_eq(&text);
    let written = format!("{infinite}\n{}", global("true"));
    let plan = planned(
        "-",
        &written,
        &actual,
        &Facts::new(),
        &PlanOptions::default(),
    );
    assert_eq!(plan.outcome(), Outcome::Nothing);
}
