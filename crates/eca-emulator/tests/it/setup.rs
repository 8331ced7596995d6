//! What Setup shows, by query and over Connect REST: who may use an app, tokens, credentials, and
//! who changed what.

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::fixture::{APP, Client, bot, builder, storefront};
use crate::oauth::flows;
use crate::server::http::{Answer, send};

fn get(org: &eca_emulator::Org, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let path = format!("/services/data/v66.0/{path}");
    send(
        org.address(),
        "GET",
        &path,
        &[("Authorization", &bearer)],
        b"",
    )
}

fn query(org: &eca_emulator::Org, token: &str, text: &str) -> Answer {
    let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    get(org, token, &format!("query?q={text}"))
}

/// The records as JSON, one a line, without `attributes` and ids; or the refusal.
fn rows(answer: &Answer) -> String {
    if answer.status != 200 {
        return answer.error();
    }
    let json = answer.json();
    let mut lines = vec![format!("{} rows", json["totalSize"])];
    for record in json["records"].as_array().unwrap() {
        let mut record = record.clone();
        let members = record.as_object_mut().unwrap();
        members.retain(|name, value| {
            let is_id = name.ends_with("Id") && value.is_string();
            name != "attributes" && !name.ends_with("Date") && !is_id
        });
        lines.push(record.to_string());
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_those_that_the_user_may_see() {
    const ACCESS: &str = "SELECT ParentId, Parent.Name, Parent.IsOwnedByProfile, Parent.Profile.Name, SetupEntityId \
                          FROM SetupEntityAccess WHERE SetupEntityType = 'ExternalClientApplication'";
    const HOLDERS: &str = "SELECT AssigneeId, Assignee.Username, PermissionSet.Name FROM PermissionSetAssignment \
                           WHERE IsActive = true AND Assignee.IsActive = true AND PermissionSet.Name IN ('Shoppers', 'None')";
    const OWN: &str = "SELECT COUNT() FROM PermissionSetAssignment WHERE PermissionSet.PermissionsViewSetup = true";
    let org = storefront(builder()).await;
    let weak = bot(&org, &[]);
    let admin = org.admin_access_token().expose_secret().to_owned();
    let check = |token: &str, text: &str, expected: Expect| {
        expected.assert_eq(&rows(&query(&org, token, text)));
    };
    check(
        &admin,
        ACCESS,
        expect![[r#"
            1 rows
            {"Parent":{"IsOwnedByProfile":false,"Name":"Shoppers","Profile":null}}"#]],
    );
    check(
        &admin,
        HOLDERS,
        expect![[r#"
            3 rows
            {"Assignee":{"Username":"ada@example.com"},"PermissionSet":{"Name":"Shoppers"}}
            {"Assignee":{"Username":"admin@embedded.example"},"PermissionSet":{"Name":"Shoppers"}}
            {"Assignee":{"Username":"bot@example.com"},"PermissionSet":{"Name":"Shoppers"}}"#]],
    );
    check(&admin, OWN, expect!["1 rows"]);
    check(
        &admin,
        "SELECT COUNT() FROM User WHERE IsActive = true AND Profile.Name = 'System Administrator'",
        expect!["1 rows"],
    );
    check(
        &admin,
        "SELECT DeveloperName, MasterLabel, NamespacePrefix FROM ExternalClientApplication",
        expect![[r#"
            1 rows
            {"DeveloperName":"Storefront","MasterLabel":"Storefront","NamespacePrefix":null}"#]],
    );
    // A user without "View Setup and Configuration".
    check(
        &weak,
        ACCESS,
        expect!["400 INVALID_TYPE: sObject type 'SetupEntityAccess' is not supported."],
    );
    check(&weak, OWN, expect!["0 rows"]);
    check(
        &weak,
        HOLDERS,
        expect![[r#"
            1 rows
            {"Assignee":{"Username":"bot@example.com"},"PermissionSet":{"Name":"Shoppers"}}"#]],
    );
    check(
        &weak,
        "SELECT Display FROM SetupAuditTrail",
        expect!["400 INVALID_TYPE: sObject type 'SetupAuditTrail' is not supported."],
    );
    // What no query can ask.
    for (text, expected) in [
        (
            "SELECT Id FROM SetupAuditTrail WHERE Display = 'x'",
            expect!["400 INVALID_FIELD: field 'Display' can not be filtered in a query call"],
        ),
        (
            "SELECT Id FROM SetupAuditTrail ORDER BY Section",
            expect!["400 INVALID_FIELD: field 'Section' can not be sorted in a query call"],
        ),
        (
            "SELECT Id FROM LoginHistory WHERE Status = 'Success'",
            expect!["400 INVALID_FIELD: field 'Status' can not be filtered in a query call"],
        ),
        (
            "SELECT Id FROM ExtlClntAppGlobalOauthSettings",
            expect![
                "400 INVALID_TYPE: sObject type 'ExtlClntAppGlobalOauthSettings' is not supported."
            ],
        ),
    ] {
        check(&admin, text, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_leaves_a_token_and_usage() {
    let (org, _) = flows::start(&flows::package()).await;
    let token = org.admin_access_token().expose_secret().to_owned();
    let tokens =
        "SELECT Id, AppName, UserId, LastUsedDate FROM OauthToken WHERE AppName IN ('Storefront')";
    expect!["0 rows"].assert_eq(&rows(&query(&org, &token, tokens)));
    let list = |path: &str| get(&org, &token, &format!("apps/oauth/usage{path}")).json();
    let apps = list("?pageSize=1");
    let app = apps["apps"][0]["identifier"].as_str().unwrap().to_owned();
    assert_eq!(apps["apps"][0]["developerName"], APP);
    assert_eq!(
        list(&format!("/{app}/users"))["users"],
        Value::Array(vec![])
    );

    let first = flows::log_in(&org);
    let one = rows(&query(&org, &token, tokens));
    assert!(
        one.starts_with("1 rows\n") && one.contains(r#""Id":null"#),
        "{one}"
    );
    assert!(one.contains(r#""AppName":"Storefront""#), "{one}");
    let users = list(&format!("/{app}/users"));
    assert_eq!(users["users"].as_array().unwrap().len(), 1);
    // The next page of the last page is an empty one.
    let next = users["nextPageUrl"].as_str().unwrap();
    let next = next.strip_prefix("/services/data/v66.0/").unwrap();
    let end = get(&org, &token, next).json();
    assert_eq!(end["users"], Value::Array(vec![]));
    assert!(end["nextPageUrl"].is_string());

    // Rotation replaces a token, and does not add one.
    flows::refresh(&org, &first["refresh_token"]);
    assert!(rows(&query(&org, &token, tokens)).starts_with("1 rows"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_says_who_changed_what() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let changed = client.soap(
        "<updateMetadata><metadata xsi:type=\"ExternalClientApplication\"><fullName>Storefront</fullName>\
         <contactEmail>clicked@example.com</contactEmail><distributionState>Local</distributionState>\
         <label>Storefront</label></metadata></updateMetadata>",
    );
    assert!(changed.body.contains("<success>true"), "{}", changed.body);
    let trail = "SELECT Action, Display, Section, CreatedBy.Username, CreatedDate FROM SetupAuditTrail \
                 WHERE Action = 'changedExternalClientApplication'";
    expect![[r#"
        1 rows
        {"Action":"changedExternalClientApplication","CreatedBy":{"Username":"admin@embedded.example"},"Display":"Changed ExternalClientApplication Storefront","Section":"External Client Apps"}"#]]
    .assert_eq(&rows(&query(&org, client.token(), trail)));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_known_by_their_names() {
    const SHOP: &str = "externalCredential=Partner&principalName=Shop&principalType=NamedPrincipal";
    let org = storefront(builder()).await;
    let client = Client(&org);
    let created = client.soap(
        "<createMetadata><metadata xsi:type=\"ExternalCredential\"><fullName>Partner</fullName>\
         <authenticationProtocol>Custom</authenticationProtocol><externalCredentialParameters>\
         <parameterGroup>Shop</parameterGroup><parameterName>Shop</parameterName>\
         <parameterType>NamedPrincipal</parameterType><sequenceNumber>1</sequenceNumber>\
         </externalCredentialParameters><label>Partner</label></metadata></createMetadata>",
    );
    assert!(created.body.contains("<success>true"), "{}", created.body);
    let named = "/services/data/v66.0/named-credentials";
    let definition = client.rest("GET", &format!("{named}/external-credentials/Partner"), "");
    assert_eq!(definition.json()["principals"][0]["principalName"], "Shop");
    let shown = || {
        let json = client
            .rest("GET", &format!("{named}/credential?{SHOP}"), "")
            .json();
        format!("{} {}", json["authenticationStatus"], json["credentials"])
    };
    let store = |method: &str, credentials: &str| {
        let body = format!(
            r#"{{"externalCredential":"Partner","principalName":"Shop","principalType":"NamedPrincipal",
                "authenticationProtocol":"Custom","credentials":{credentials}}}"#
        );
        let answer = client.rest(method, &format!("{named}/credential"), &body);
        assert!(!answer.body.contains("hush"), "{}", answer.body);
        answer.status
    };
    expect![[r#""Unknown" {}"#]].assert_eq(&shown());
    assert_eq!(
        store("PUT", r#"{"Key":{"value":"hush","encrypted":true}}"#),
        404
    );
    assert_eq!(
        store(
            "POST",
            r#"{"Key":{"value":"hush","encrypted":true},"Tenant":{"value":"eu","encrypted":false}}"#
        ),
        200
    );
    assert_eq!(
        store("POST", r#"{"Key":{"value":"hush","encrypted":true}}"#),
        400
    );
    assert_eq!(
        store("PATCH", r#"{"Key":{"value":"hush2","encrypted":true}}"#),
        200
    );
    expect![[r#""Unknown" {"Key":{"encrypted":true,"revision":2},"Tenant":{"encrypted":false,"revision":1}}"#]]
        .assert_eq(&shown());
    // PUT erases what it does not name.
    assert_eq!(
        store("PUT", r#"{"Key":{"value":"hush3","encrypted":true}}"#),
        200
    );
    expect![[r#""Unknown" {"Key":{"encrypted":true,"revision":3}}"#]].assert_eq(&shown());
    let other = client.rest(
        "GET",
        &format!("{named}/credential?{}", SHOP.replace("Shop", "X")),
        "",
    );
    expect!["400 INVALID_INPUT: the external credential has no such principal"]
        .assert_eq(&other.error());
    let weak = bot(&org, &[]);
    let refused = get(&org, &weak, &format!("named-credentials/credential?{SHOP}"));
    assert_eq!(refused.status, 403);
}
