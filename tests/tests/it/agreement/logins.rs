//! `lint` and `doctor` agree with the logins of an org: what they call right, works.
//!
//! Each case changes one member of the example project, deploys it, asks `eca doctor headless`, and
//! logs in. `logins.txt` has what each says.

use std::fmt::Write as _;
use std::fs;

use eca_emulator::ChallengeProfile;
use eca_tests::find;
use expect_test::expect_file;

use crate::auth::site::World;

const SETTINGS: &str = ".ecaOauth-meta.xml";
const GLOBAL: &str = ".ecaGlblOauth-meta.xml";
const POLICIES: &str = ".ecaOauthPlcy-meta.xml";
const PLUGINS: &str = ".ecaPlcy-meta.xml";

/// The end of a file's name, a member, and its value.
const CHANGES: [(&str, &str, &str); 16] = [
    (SETTINGS, "isFirstPartyAppEnabled", "false"),
    (SETTINGS, "commaSeparatedOauthScopes", "Basic"),
    (GLOBAL, "isPkceRequired", "false"),
    (GLOBAL, "isConsumerSecretOptional", "true"),
    (GLOBAL, "isCodeCredFlowEnabled", "true"),
    (GLOBAL, "isCodeCredPostOnly", "true"),
    (GLOBAL, "isNamedUserJwtEnabled", "true"),
    (GLOBAL, "isRefreshTokenRotationEnabled", "false"),
    (POLICIES, "permittedUsersPolicyType", "AllSelfAuthorized"),
    (POLICIES, "commaSeparatedPermissionSet", ""),
    (POLICIES, "requiredSessionLevel", "HIGH_ASSURANCE"),
    (POLICIES, "ipRelaxationPolicyType", "Bypass"),
    (POLICIES, "refreshTokenPolicyType", "Infinite"),
    (POLICIES, "sessionTimeoutInMinutes", "15"),
    (PLUGINS, "isEnabled", "false"),
    (PLUGINS, "isOauthPluginEnabled", "false"),
];

const LOGIN: [&str; 7] = [
    "login",
    "--flow",
    "headless",
    "--username",
    "shopper@storefront.example",
    "--password",
    "env:PASSWORD",
];

#[test]
fn doctor_and_lint_agree_with_the_login() {
    let world = World::new(ChallengeProfile::default());
    let (mut table, mut failures) = (String::new(), String::new());
    for (file, member, value) in CHANGES {
        let path = find(world.path(), file);
        let before = fs::read_to_string(&path).unwrap();
        fs::write(&path, with_member(&before, member, value)).unwrap();
        let deployed = world.run(&["deploy"]);
        let lint = world.run(&["lint", "--format", "short"]);
        let doctor = world.run(&["doctor", "headless", "--json"]);
        let login = world.run(&LOGIN);
        let found = doctor.json()["cause"].as_str().unwrap_or("none").to_owned();
        let said = |code: i32| if code == 0 { "ok" } else { "refused" };
        let case = format!("{member} {value}");
        writeln!(
            table,
            "{case}: deploy {}, lint {}, doctor {}, login {}",
            said(deployed.code),
            if lint.code == 0 { "ok" } else { "error" },
            if doctor.code == 0 { "ok" } else { &found },
            said(login.code),
        )
        .unwrap();
        if deployed.code == 0 && login.code != 0 {
            // An app that does not say it is first-party is none for lint.
            let lint_code = if member == "isFirstPartyAppEnabled" {
                1
            } else {
                lint.code
            };
            for (part, code) in [("lint", lint_code), ("doctor", doctor.code)] {
                if code == 0 {
                    writeln!(failures, "{case}: {part} is ok and {}", login.stderr).unwrap();
                }
            }
        }
        if login.code == 0 && (doctor.code, lint.code) != (0, 0) && !EXPECTED.contains(&member) {
            writeln!(
                failures,
                "{case}: the login works, {found}, {}",
                lint.stdout
            )
            .unwrap();
        }
        fs::write(&path, before).unwrap();
    }
    assert!(failures.is_empty(), "{failures}");
    expect_file!["logins.txt"].assert_eq(&table);
}

/// Members that Salesforce Help requires of first-party apps, and that the embedded org does not
/// check at a login.
const EXPECTED: [&str; 2] = ["isPkceRequired", "isConsumerSecretOptional"];

/// A file in which a member has another value; an empty one removes it.
fn with_member(text: &str, member: &str, value: &str) -> String {
    let (start, end) = (format!("<{member}>"), format!("</{member}>"));
    let (before, rest) = text.split_once(&start).expect("the member");
    let (_, after) = rest.split_once(&end).expect("its end");
    if value.is_empty() {
        return format!("{}{}", before.trim_end(), after);
    }
    let after = if value == "Infinite" {
        // This policy has no period.
        without(
            &without(after, "refreshTokenValidityPeriod"),
            "refreshTokenValidityUnit",
        )
    } else {
        after.to_owned()
    };
    format!("{before}{start}{value}{end}{after}")
}

fn without(text: &str, member: &str) -> String {
    let (before, rest) = text.split_once(&format!("<{member}>")).expect("the member");
    let (_, after) = rest.split_once(&format!("</{member}>")).expect("its end");
    format!("{}{after}", before.trim_end())
}
