//! Access policies: addresses, security levels, timeouts, permitted users, the history.

use std::net::IpAddr;
use std::time::Duration;

use eca_emulator::Org;
use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{
    APP, APP_KEY, Client, GLOBAL, OAUTH_POLICIES, Package, SETTINGS, failures, storefront,
};
use crate::oauth::flows::{
    TOKEN, allow, call, code_of, log_in, package, redeem, refresh, start, works,
};
use crate::oauth::login::{CHALLENGE, HEADER, NOW, at_noon, attestation, clock, jwt, login};
use crate::server::http::Answer;

const RESTRICTED: &str = "400 invalid_grant: ip restricted or invalid login hours";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn office(org: &Org) {
    let range = address("10.0.0.0")..=address("10.255.255.255");
    org.set_login_ip_ranges("System Administrator", &[range]);
    org.set_source_address(address("10.1.2.3"));
}

fn outcome(answer: &Answer) -> String {
    match answer.status {
        200 => "200".to_owned(),
        _ => answer.error(),
    }
}

pub(crate) fn policy(name: &str, value: &str) -> Package {
    package().replace(
        OAUTH_POLICIES,
        "    <permittedUsersPolicyType>",
        &format!("    <{name}>{value}</{name}>\n    <permittedUsersPolicyType>"),
    )
}

fn jwt_bearer(org: &Org) -> Answer {
    let claims = json!({
        "iss": org.consumer_key(APP).unwrap(),
        "sub": org.admin_username(),
        "aud": org.instance_url(),
        "exp": NOW + 60,
    });
    let assertion = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims);
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let fields = [("grant_type", grant), ("assertion", assertion.as_str())];
    Client(org).form(TOKEN, &[], &fields)
}

/// Logs in at the page; returns the result of redeeming the code.
fn web_server(org: &Org) -> String {
    let location = allow(org, &[]);
    match code_of(&location) {
        Some(code) => outcome(&redeem(org, &code)),
        None => location,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_ip_ranges_and_their_relaxation() {
    let trusted = "    <trustedIpRanges>\n        <endIpAddress>203.0.113.9</endIpAddress>\n        <startIpAddress>203.0.113.1</startIpAddress>\n    </trustedIpRanges>\n</Extl";
    // Policy, whether the app trusts the address; web server flow, refresh, JWT bearer.
    for (relaxation, trusts, page, renewal, bearer) in [
        ("Enforce", false, false, false, false),
        ("Enforce", true, false, false, false),
        ("Enforce_RelaxRefresh", false, false, true, false),
        ("Bypass_2factor", true, true, false, false),
        ("Bypass", false, true, true, false),
    ] {
        let mut package = policy("ipRelaxationPolicyType", relaxation);
        if trusts {
            package = package.replace(SETTINGS, "</Extl", trusted);
        }
        let (org, _) = start(&package).await;
        office(&org);
        let inside = log_in(&org);
        assert_eq!(outcome(&jwt_bearer(&org)), "200");
        org.set_source_address(address("203.0.113.7"));
        let expected = |passes| if passes { "200" } else { RESTRICTED };
        assert_eq!(web_server(&org), expected(page), "{relaxation}");
        let renewed = refresh(&org, &inside["refresh_token"]);
        assert_eq!(outcome(&renewed), expected(renewal), "{relaxation}");
        assert_eq!(outcome(&jwt_bearer(&org)), expected(bearer), "{relaxation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_at_another_address_can_verify_the_identity() {
    let (org, _) = start(&policy("ipRelaxationPolicyType", "Bypass_2factor")).await;
    office(&org);
    assert_eq!(web_server(&org), "200");
    org.set_source_address(address("203.0.113.7"));
    let page = allow(&org, &[]);
    assert!(page.contains("Verify your identity"), "{page}");
    let code = second_page(&org, &page, &last_code(&org));
    assert_eq!(outcome(&redeem(&org, &code_of(&code).unwrap())), "200");
}

pub(crate) fn last_code(org: &Org) -> String {
    let outbox = Client(org).rest("GET", "/_org/outbox", "").json();
    let last = outbox["outbox"].as_array().unwrap().last().unwrap();
    assert_eq!(last["to"], org.admin_username());
    last["otp"].as_str().unwrap().to_owned()
}

/// Posts the page that asks for a verification code, as a browser does.
pub(crate) fn second_page(org: &Org, page: &str, code: &str) -> String {
    let fields: Vec<(String, String)> = page
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let value = rest.split_once('"').unwrap().0;
            (name.to_owned(), value.replace("&amp;", "&"))
        })
        .collect();
    let mut fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("verification_code", code));
    let answer = Client(org).form("/services/oauth2/authorize", &[], &fields);
    answer
        .headers
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .map_or_else(
            || format!("{} {}", answer.status, answer.body),
            str::to_owned,
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_allowlist_blocks_all_other_addresses() {
    let mut package = package().version("67.0");
    package.files.push((
        "extlClntAppOauthSecuritySettings/Storefront_oauthSecurity.ecaOauthSecurity".to_owned(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ExtlClntAppOauthSecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <externalClientApplication>Storefront</externalClientApplication>\n    <label>S</label>\n    <tokenIpRanges>\n        <endIpAddress>10.0.0.9</endIpAddress>\n        <startIpAddress>10.0.0.1</startIpAddress>\n    </tokenIpRanges>\n</ExtlClntAppOauthSecuritySettings>\n".to_owned(),
    ));
    let (org, _) = start(&package).await;
    assert_eq!(web_server(&org), RESTRICTED);
    org.set_source_address(address("10.0.0.5"));
    let token = log_in(&org);
    org.set_source_address(address("10.0.0.10"));
    assert_eq!(outcome(&refresh(&org, &token["refresh_token"])), RESTRICTED);
    // It does not apply to other flows, and the token is not consumed.
    assert_eq!(outcome(&jwt_bearer(&org)), "200");
    org.set_source_address(address("10.0.0.9"));
    assert_eq!(outcome(&refresh(&org, &token["refresh_token"])), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_address_can_be_set_over_http() {
    let (org, _) = start(&package()).await;
    let client = Client(&org);
    let network = client.rest(
        "POST",
        "/_org/network",
        r#"{"source":"2001:db8::1","login_ip_ranges":{"Admin":[["10.0.0.0","10.0.0.255"]]}}"#,
    );
    assert_eq!(network.status, 200, "{}", network.body);
    assert_eq!(outcome(&jwt_bearer(&org)), RESTRICTED);
    // A header counts only when the setting allows it.
    let forwarded = |header: &str| {
        let claims = json!({"iss": org.consumer_key(APP).unwrap(), "sub": org.admin_username(), "aud": org.instance_url(), "exp": NOW + 60});
        let assertion = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims);
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let fields = [("grant_type", grant), ("assertion", assertion.as_str())];
        outcome(&client.form(TOKEN, &[("X-Forwarded-For", header)], &fields))
    };
    assert_eq!(forwarded("10.0.0.7, 192.0.2.1"), RESTRICTED);
    client.rest("POST", "/_org/network", r#"{"trust_forwarded_for":true}"#);
    assert_eq!(forwarded("10.0.0.7, 192.0.2.1"), "200");
    assert_eq!(forwarded("192.0.2.1, 10.0.0.7"), RESTRICTED);
    let shown = client.rest("GET", "/_org/network", "").json();
    assert_eq!(shown["source"], "2001:db8::1");
    assert_eq!(
        shown["login_ip_ranges"]["Admin"],
        json!([["10.0.0.0", "10.0.0.255"]])
    );
    for body in [
        "{}",
        r#"{"source":"here"}"#,
        r#"{"login_ip_ranges":{"Admin":[["10.0.0.9","10.0.0.1"]]}}"#,
        r#"{"login_ip_ranges":{"Admin":[["10.0.0.1","::1"]]}}"#,
        r#"{"sauce":"10.0.0.1"}"#,
    ] {
        assert_eq!(
            client.rest("POST", "/_org/network", body).status,
            400,
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_always_enough() {
    let level = "requiredSessionLevel";
    let blocking = policy(level, "HIGH_ASSURANCE").replace(
        OAUTH_POLICIES,
        "    <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>\n",
        "    <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>\n    <policyAction>Block</policyAction>\n",
    );
    let (org, _) = start(&blocking).await;
    let location = allow(&org, &[]);
    assert!(
        location.contains("error=OAUTH_APP_ACCESS_DENIED"),
        "{location}"
    );

    let (org, clock) = start(&policy(level, "HIGH_ASSURANCE")).await;
    let page = allow(&org, &[]);
    assert!(
        page.starts_with("200 ") && page.contains("verification_code"),
        "{page}"
    );
    let code = last_code(&org);
    let wrong = second_page(&org, &page, "000");
    assert!(wrong.starts_with("401 "), "{wrong}");
    let location = second_page(&org, &page, &code);
    assert_eq!(outcome(&redeem(&org, &code_of(&location).unwrap())), "200");
    // It works once, and for ten minutes.
    assert!(second_page(&org, &page, &code).starts_with("401 "));
    let page = allow(&org, &[]);
    clock.advance(Duration::from_mins(10));
    assert!(second_page(&org, &page, &last_code(&org)).starts_with("401 "));
    // No user takes part in these flows.
    assert_eq!(jwt_bearer_at(&org, 600), "200");
    // The page for devices has no second factor.
    let begun = call(&org, TOKEN, false, &[("response_type", "device_code")]).json();
    let fields = [
        ("user_code", begun["user_code"].as_str().unwrap()),
        ("username", org.admin_username()),
        ("password", org.admin_password().expose_secret()),
    ];
    assert_eq!(
        Client(&org).form("/setup/connect", &[], &fields).status,
        403
    );
}

fn jwt_bearer_at(org: &Org, later: u64) -> String {
    let claims = json!({"iss": org.consumer_key(APP).unwrap(), "sub": org.admin_username(), "aud": org.instance_url(), "exp": NOW + later + 60});
    let assertion = jwt(APP_KEY, &json!({"alg": "RS256"}), &claims);
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let fields = [("grant_type", grant), ("assertion", assertion.as_str())];
    outcome(&Client(org).form(TOKEN, &[], &fields))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_headless_login_that_needs_a_second_factor_is_redirected_to_the_web() {
    let org = storefront(at_noon(&clock())).await;
    let higher = Package::storefront().only(&[OAUTH_POLICIES]).replace(
        OAUTH_POLICIES,
        "</ExtlClnt",
        "    <requiredSessionLevel>HIGH_ASSURANCE</requiredSessionLevel>\n</ExtlClnt",
    );
    let result = Client(&org).deploy(&higher);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    let key = org.consumer_key(APP).unwrap();
    let answer = Client(&org).form(
        CHALLENGE,
        &[(HEADER, &attestation(&org, "1"))],
        &login(&key),
    );
    expect!["400 redirect_to_web: the session does not meet the security level of this app"]
        .assert_eq(&answer.error());
    assert_eq!(
        history(&org).last().unwrap(),
        "the session does not meet the security level of this app from 127.0.0.1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_expires() {
    let (org, clock) = start(&policy("sessionTimeoutInMinutes", "30")).await;
    let token = log_in(&org)["access_token"].clone();
    let pass = |minutes| clock.advance(Duration::from_mins(minutes));
    // Use in the first half of its time does not prolong it.
    pass(14);
    assert!(works(&org, &token));
    pass(16);
    assert!(!works(&org, &token));
    let token = log_in(&org)["access_token"].clone();
    for _ in 0..4 {
        pass(20);
        assert!(works(&org, &token));
    }
    pass(30);
    assert!(!works(&org, &token));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_jwt_format_expires_at_its_exp() {
    let package = policy("namedUserJwtTimeout", "10").replace(
        GLOBAL,
        "    <isRefreshTokenRotationEnabled>",
        "    <isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>\n    <isRefreshTokenRotationEnabled>",
    );
    let (org, clock) = start(&package).await;
    let token = log_in(&org)["access_token"].clone();
    clock.advance(Duration::from_mins(9));
    assert!(works(&org, &token));
    clock.advance(Duration::from_mins(1));
    assert!(!works(&org, &token));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_expires_after_thirty_idle_days_with_any_policy() {
    let package = package()
        .version("67.0")
        .replace(
            GLOBAL,
            "    <isRefreshTokenRotationEnabled>",
            "    <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>\n    <isRefreshTokenRotationEnabled>",
        )
        .replace(OAUTH_POLICIES, "SpecificInactivity", "Infinite")
        .replace(OAUTH_POLICIES, "    <refreshTokenValidityPeriod>1</refreshTokenValidityPeriod>\n    <refreshTokenValidityUnit>Days</refreshTokenValidityUnit>\n", "");
    let (org, clock) = start(&package).await;
    let mut token = log_in(&org)["refresh_token"].clone();
    let day = Duration::from_hours(24);
    for _ in 0..3 {
        clock.advance(29 * day);
        let renewed = refresh(&org, &token);
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        token = renewed.json()["refresh_token"].clone();
    }
    clock.advance(30 * day);
    expect!["400 invalid_grant: expired access/refresh token"]
        .assert_eq(&refresh(&org, &token).error());
}

#[tokio::test(flavor = "multi_thread")]
async fn permitted_users_are_checked_again() {
    let everybody = package().replace(
        OAUTH_POLICIES,
        "AdminApprovedPreAuthorized",
        "AllSelfAuthorized",
    );
    let (org, _) = start(&everybody).await;
    let token = log_in(&org);
    assert!(works(&org, &token["access_token"]));
    // The policy changes to users of another profile: all users are logged out.
    let result = Client(&org).deploy(&package().only(&[OAUTH_POLICIES]).replace(
        OAUTH_POLICIES,
        "<commaSeparatedProfile>Admin<",
        "<commaSeparatedProfile>Standard User<",
    ));
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    assert!(!works(&org, &token["access_token"]));
    expect!["400 invalid_grant: expired access/refresh token"]
        .assert_eq(&refresh(&org, &token["refresh_token"]).error());
    let location = allow(&org, &[]);
    assert!(
        location.contains("error=OAUTH_APP_ACCESS_DENIED"),
        "{location}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_user_cannot_log_in() {
    let (org, _) = start(&package()).await;
    let token = log_in(&org);
    org.set_user_active(org.admin_username(), false).unwrap();
    expect!["400 inactive_user: user is inactive"].assert_eq(&jwt_bearer(&org).error());
    assert!(!works(&org, &token["access_token"]));
    org.set_user_active(org.admin_username(), true).unwrap();
    assert_eq!(outcome(&jwt_bearer(&org)), "200");
    let body = format!(
        r#"{{"username":"{}","active":false}}"#,
        org.admin_username()
    );
    let answer = Client(&org).rest("POST", "/_org/users", &body);
    assert_eq!(answer.json()["active"], false);
    assert!(org.set_user_active("nobody@example.com", true).is_err());
}

/// The statuses of the history, with addresses, oldest first.
fn history(org: &Org) -> Vec<String> {
    let rows = Client(org)
        .rest(
            "GET",
            "/services/data/v66.0/query?q=SELECT+Status,+SourceIp+FROM+LoginHistory",
            "",
        )
        .json();
    rows["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            format!("{} from {}", text(&row["Status"]), text(&row["SourceIp"]))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_reasons_that_the_client_does_not_see() {
    let (org, clock) = start(&package()).await;
    office(&org);
    let first = log_in(&org)["refresh_token"].clone();
    let second = refresh(&org, &first).json()["refresh_token"].clone();
    refresh(&org, &first);
    assert_eq!(refresh(&org, &second).status, 400);
    let third = log_in(&org)["refresh_token"].clone();
    clock.advance(Duration::from_hours(25));
    refresh(&org, &third);
    allow(&org, &[("password", "wrong")]);
    org.set_source_address(address("203.0.113.7"));
    web_server(&org);
    expect![[r#"
        Success from 10.1.2.3
        Success from 10.1.2.3
        refresh token used a second time from 10.1.2.3
        Success from 10.1.2.3
        expired access/refresh token from 10.1.2.3
        Invalid Password from 10.1.2.3
        Restricted IP from 203.0.113.7"#]]
    .assert_eq(&history(&org).join("\n"));

    // Headless refusals have their reason too, and unknown users have no history.
    let org = storefront(at_noon(&crate::oauth::login::clock())).await;
    let key = org.consumer_key(APP).unwrap();
    let bad = jwt(
        crate::fixture::OTHER_KEY,
        &json!({"alg": "RS256"}),
        &json!({}),
    );
    Client(&org).form(CHALLENGE, &[(HEADER, &bad)], &login(&key));
    let mut stranger = login(&key);
    stranger.retain(|(name, _)| *name != "username");
    stranger.push(("username", "nobody@example.com"));
    Client(&org).form(CHALLENGE, &[(HEADER, &attestation(&org, "1"))], &stranger);
    let history = history(&org);
    assert_eq!(history.len(), 1, "{history:?}");
    assert!(
        history[0].starts_with("the client attestation was refused: "),
        "{history:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_ip_ranges_of_a_deployed_profile_apply() {
    let mut package = package();
    package.files.push((
        "profiles/Admin.profile".to_owned(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Profile xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <custom>false</custom>\n    <loginIpRanges>\n        <endAddress>10.0.0.9</endAddress>\n        <startAddress>10.0.0.1</startAddress>\n    </loginIpRanges>\n</Profile>\n".to_owned(),
    ));
    let (org, _) = start(&package).await;
    assert_eq!(outcome(&jwt_bearer(&org)), RESTRICTED);
    org.set_source_address(address("10.0.0.9"));
    assert_eq!(outcome(&jwt_bearer(&org)), "200");
}
