//! The ways to break the rules about plugins, addresses and vendors' tokens beyond those that their
//! pairs show.

use std::fmt::Write as _;

use eca_lint::{Options, Profile, lint};
use expect_test::{Expect, expect};

use crate::fixture;
use crate::fixture::APP;

fn check(options: &Options, files: &str, expected: &Expect) {
    let (project, _) = fixture::project(&format!("{APP}{files}"));
    let report = lint(&project, options);
    let lines = report
        .findings()
        .iter()
        .map(|finding| format!("{finding}\n"));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn push_configurations() {
    let push = |name: &str, body: &str| {
        format!(
            "-- extlClntAppPushSettings/{name}.ecaPush
<ExtlClntAppPushSettings>
{body}
    <externalClientApplication>Shop</externalClientApplication>
    <pushServiceType>Apple</pushServiceType>
</ExtlClntAppPushSettings>
"
        )
    };
    let apple = |members: &str| {
        let members = members.split_whitespace();
        let members = members.map(|name| format!("<{name}>${{X}}</{name}>"));
        format!(
            "    <applePushConfig>{}<environment>Sandbox</environment></applePushConfig>",
            members.collect::<String>()
        )
    };
    let all: String = [
        ("A", String::new()),
        ("B", "    <androidPushConfig><fcmProject>p</fcmProject><serviceAccount>${X}</serviceAccount></androidPushConfig>".to_owned()),
        ("C", apple("")),
        ("D", apple("keyIdentifier signingKey")),
        ("E", apple("certificate")),
        ("F", apple("certificate password keyIdentifier")),
        ("G", apple("certificate password")),
        ("H", "    <pushConfigLink>00Dxx0000001gPL:1Dhxx0000000001</pushConfigLink>".to_owned()),
        ("I", format!("    <androidPushConfig><fcmProject>p</fcmProject><serviceAccount>{}</serviceAccount></androidPushConfig>{}", "x".repeat(8001), apple("certificate password"))),
    ]
    .iter()
    .map(|(name, body)| push(name, body))
    .collect();
    let mut options = fixture::options();
    let only = eca_lint::explain("one-per-app").unwrap();
    options.levels.insert(only.id(), eca_lint::Level::Off);
    check(
        &options,
        &all,
        &expect![[r#"
        extlClntAppPushSettings/A.ecaPush:1:1: error ECA1905 push-one: one of androidPushConfig, applePushConfig and pushConfigLink is needed
        extlClntAppPushSettings/B.ecaPush:4:5: error ECA1905 push-one: pushServiceType asks for applePushConfig, and androidPushConfig is there
        extlClntAppPushSettings/C.ecaPush:2:5: error ECA1905 push-one: neither a signing key nor a certificate is there
        extlClntAppPushSettings/D.ecaPush:2:5: error ECA1905 push-one: the signing key is not complete
        extlClntAppPushSettings/D.ecaPush:2:86: info ECA1011 element-order: an org writes environment before signingKey
        extlClntAppPushSettings/E.ecaPush:2:5: error ECA1905 push-one: the certificate is not complete
        extlClntAppPushSettings/F.ecaPush:2:5: error ECA1905 push-one: a signing key and a certificate stand side by side
        extlClntAppPushSettings/F.ecaPush:2:78: info ECA1011 element-order: an org writes keyIdentifier before password
        extlClntAppPushSettings/G.ecaPush:2:78: info ECA1011 element-order: an org writes environment before password
        extlClntAppPushSettings/H.ecaPush:3:5: info ECA1011 element-order: an org writes externalClientApplication before pushConfigLink
        extlClntAppPushSettings/I.ecaPush:2:50: error ECA1013 max-length: serviceAccount has 8001 characters; 8000 are allowed
        extlClntAppPushSettings/I.ecaPush:2:50: error ECA1401 secret-in-source: serviceAccount holds a secret
        extlClntAppPushSettings/I.ecaPush:2:8108: error ECA1905 push-one: applePushConfig stands beside androidPushConfig
        extlClntAppPushSettings/I.ecaPush:2:8181: info ECA1011 element-order: an org writes environment before password
    "#]],
    );
}

#[test]
fn addresses() {
    let mut options = fixture::options();
    options.profiles.push(Profile::Isv2026);
    let security = |ranges: &str| {
        format!(
            "-- extlClntAppOauthSecuritySettings/Shop.ecaOauthSecurity
<ExtlClntAppOauthSecuritySettings>
    <externalClientApplication>Shop</externalClientApplication>
{ranges}
</ExtlClntAppOauthSecuritySettings>
"
        )
    };
    let range = |start: &str, end: &str| {
        format!(
            "<tokenIpRanges>\n<endIpAddress>{end}</endIpAddress>\n<startIpAddress>{start}</startIpAddress>\n</tokenIpRanges>\n"
        )
    };
    let many: String = [
        range("192.0.2.0", "192.0.2.255"),
        range("2001:db8::1", "2001:db8::1"),
        range("10.0.0.0", "10.255.255.255"),
        range("0.0.0.0", "2001:db8::1"),
        range("here", "${END}"),
    ]
    .concat();
    check(
        &options,
        &security(&many),
        &expect![[r#"
            extlClntAppOauthSecuritySettings/Shop.ecaOauthSecurity:8:1: error ECA1212 iprange-limit: with this range tokenIpRanges contain 257 addresses; 256 are allowed
            extlClntAppOauthSecuritySettings/Shop.ecaOauthSecurity:16:1: error ECA1212 iprange-limit: 0.0.0.0 and 2001:db8::1 are of different families
            extlClntAppOauthSecuritySettings/Shop.ecaOauthSecurity:21:1: error ECA1212 iprange-limit: "here" is not an IP address
        "#]],
    );
    check(
        &options,
        &security(""),
        &expect![[r#"
        extlClntAppOauthSettings/Shop.ecaOauth:3:5: error ECA1717 ip-allowlist: the refresh tokens of Shop work from any address
    "#]],
    );
    // The type is younger than the project's API version, and the app has no secret.
    let old = "-- sfdx-project.json\n{\"sourceApiVersion\": \"62.0\"}\n";
    check(
        &options,
        old,
        &expect![[r#"
        extlClntAppOauthSettings/Shop.ecaOauth:3:5: warning ECA1717 ip-allowlist: the refresh tokens of Shop work from any address
    "#]],
    );
    let everything = range("0.0.0.0", "255.255.255.255") + &range("::", &"ffff:".repeat(8)[..39]);
    check(
        &options,
        &security(&everything),
        &expect![[r#"
            extlClntAppOauthSecuritySettings/Shop.ecaOauthSecurity:4:1: error ECA1212 iprange-limit: with this range tokenIpRanges contain 4294967296 addresses; 256 are allowed
        "#]],
    );
}

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
    let mut said = String::new();
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
        writeln!(said, "{policy} {period} {unit}, limit {enforced}: {found}").unwrap();
    }
    expect![[r#"
        Infinite 1 Days, limit true: refresh tokens never end
        SpecificLifetime 365 Days, limit false: refresh tokens live for 365 days, used or not; unused ones may live for 30
        SpecificLifetime 365 Days, limit true: fine
        SpecificLifetime 30 Days, limit false: fine
        SpecificInactivity 8760 Days, limit false: refresh tokens end after 8760 days without use; 30 are allowed
        SpecificInactivity 720 Hours, limit false: fine
        SpecificInactivity 2 Months, limit true: fine
    "#]].assert_eq(&said);
}
