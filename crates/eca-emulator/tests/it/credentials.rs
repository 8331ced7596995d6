//! The credentials resource.

use std::time::Duration;

use expect_test::expect;

use crate::fixture::{APP, Client, Package, bot, builder, failures, grants, storefront};
use crate::oauth::login::{at_noon, clock};
use crate::server::http::send;

const CREDENTIALS: &str = "/services/data/v66.0/apps/oauth/credentials";

/// The status of a client credentials login.
fn log_in(client: &Client<'_>, key: &str, secret: &str) -> u16 {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", key),
        ("client_secret", secret),
    ];
    client.form("/services/oauth2/token", &[], &fields).status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_pair_works_for_thirty_more_days() {
    let clock = clock();
    let org = storefront(at_noon(&clock).secrets_over_rest(true)).await;
    let client = Client(&org);
    let old = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let usage = client
        .rest("GET", "/services/data/v66.0/apps/oauth/usage", "")
        .json();
    let app = usage["apps"][0]["identifier"].as_str().unwrap().to_owned();
    let consumers = client
        .rest("GET", &format!("{CREDENTIALS}/{app}"), "")
        .json();
    let consumer = consumers["consumers"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{CREDENTIALS}/{app}/{consumer}");
    let shown = client
        .rest("GET", &format!("{path}?part=keyandsecret"), "")
        .json();
    assert_eq!(shown["secret"], old.1.expose_secret());

    let staged = client.rest("POST", &format!("{path}/staged"), "");
    assert_eq!(staged.status, 201, "{}", staged.body);
    let staged = staged.json();
    let new = (
        staged["key"].as_str().unwrap(),
        staged["secret"].as_str().unwrap(),
    );
    assert_eq!(log_in(&client, new.0, new.1), 400);
    expect!["400 DUPLICATE_VALUE: Credentials are already staged for this app"]
        .assert_eq(&client.rest("POST", &format!("{path}/staged"), "").error());

    let id = staged["id"].as_str().unwrap();
    let rotated = client.rest(
        "PATCH",
        &format!("{path}/staged/{id}"),
        r#"{"command":"rotate"}"#,
    );
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    assert_eq!(org.consumer_key(APP).unwrap(), new.0);
    // A deploy of the same files keeps the rotated pair.
    client.deploy(&Package::storefront());
    assert_eq!(log_in(&client, new.0, new.1), 200);
    clock.advance(Duration::from_hours(30 * 24) - Duration::from_secs(1));
    assert_eq!(log_in(&client, &old.0, old.1.expose_secret()), 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(log_in(&client, &old.0, old.1.expose_secret()), 400);
    assert_eq!(log_in(&client, new.0, new.1), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_pair_can_be_ended_at_once() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let (old_key, old_secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let path = format!("{CREDENTIALS}/{APP}");
    let consumers = client.rest("GET", &path, "").json();
    let old_id = consumers["consumers"][0]["id"].as_str().unwrap().to_owned();
    let staged = client
        .rest("POST", &format!("{path}/{old_id}/staged"), "")
        .json();
    assert!(staged["secret"].is_null());
    let id = staged["id"].as_str().unwrap();
    client.rest(
        "PATCH",
        &format!("{path}/{old_id}/staged/{id}"),
        r#"{"command":"rotate"}"#,
    );
    assert_eq!(log_in(&client, &old_key, old_secret.expose_secret()), 200);
    assert_eq!(
        client
            .rest("DELETE", &format!("{path}/{old_id}"), "")
            .status,
        204
    );
    assert_eq!(log_in(&client, &old_key, old_secret.expose_secret()), 400);
    assert_eq!(
        client
            .rest("DELETE", &format!("{path}/{old_id}"), "")
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_method_needs_its_permissions() {
    const DEVELOPER: &str = "ExternalClientAppDeveloper";
    const SECRET: &str = "ViewClientSecret";
    // Statuses for a user with only these permissions: for the lists, for the secret,
    // and for staging, rotating and deleting. There is nothing staged, hence the 404.
    for (granted, [reads, secret, writes]) in [
        (vec![], [403, 403, 403]),
        (vec!["ModifyAllData"], [403, 403, 403]),
        (vec![SECRET], [403, 403, 403]),
        (vec!["ExternalClientAppViewer"], [200, 403, 403]),
        (vec!["ExternalClientAppAdmin"], [200, 403, 403]),
        (vec!["ExternalClientAppViewer", SECRET], [200, 200, 403]),
        (vec![DEVELOPER], [200, 403, 403]),
        (vec![DEVELOPER, SECRET], [200, 200, 404]),
    ] {
        let org = storefront(builder().secrets_over_rest(true)).await;
        let token = bot(&org, &granted);
        let bearer = format!("Bearer {token}");
        let consumer = Client(&org).rest("GET", &format!("{CREDENTIALS}/{APP}"), "");
        let consumer = consumer.json()["consumers"][0]["id"].clone();
        let consumer = consumer.as_str().unwrap();
        let own = format!("credentials/{APP}/{consumer}");
        for (method, path, expected) in [
            ("GET", "usage".to_owned(), reads),
            ("GET", format!("credentials/{APP}"), reads),
            ("GET", own.clone(), reads),
            ("GET", format!("{own}?part=keyandsecret"), secret),
            ("PATCH", format!("{own}/staged/{APP}"), writes),
            ("DELETE", format!("{own}/staged/{APP}"), writes),
            (
                "POST",
                format!("{own}/staged"),
                if writes == 404 { 201 } else { writes },
            ),
        ] {
            let path = format!("/services/data/v66.0/apps/oauth/{path}");
            let body = br#"{"command":"rotate"}"#;
            let send = |headers: &[(&str, &str)]| send(org.address(), method, &path, headers, body);
            let answer = send(&[("Authorization", &bearer)]);
            assert_eq!(answer.status, expected, "{granted:?} {method} {path}");
            if expected == 403 {
                let words = "403 INSUFFICIENT_ACCESS: insufficient access rights";
                assert_eq!(answer.error(), words, "{granted:?} {method} {path}");
            }
            assert_eq!(send(&[]).status, 401, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_not_enabled_is_none_and_a_profile_grants_too() {
    let org = storefront(builder()).await;
    let bearer = format!("Bearer {}", bot(&org, &[]));
    let usage = || {
        let path = "/services/data/v66.0/apps/oauth/usage";
        send(
            org.address(),
            "GET",
            path,
            &[("Authorization", &bearer)],
            b"",
        )
        .status
    };
    for (enabled, expected) in [(false, 403), (true, 200)] {
        let mut package = Package::storefront().only(&[]);
        package.files.push((
            "profiles/Minimum Access - API Only Integrations.profile".to_owned(),
            grants("Profile", "", &["ExternalClientAppViewer"], enabled),
        ));
        let result = Client(&org).deploy(&package);
        assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
        assert_eq!(usage(), expected, "enabled: {enabled}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_for_secrets_can_be_deployed() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let settings = |value: &str| {
        let mut package = Package::storefront().only(&[]);
        package.files.push((
            "settings/ExternalClientApp.settings".to_owned(),
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ExternalClientAppSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <enableClientSecretInRestApiAccess>{value}</enableClientSecretInRestApiAccess>\n</ExternalClientAppSettings>\n"),
        ));
        let result = client.deploy(&package);
        assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    };
    let consumers = client
        .rest("GET", &format!("{CREDENTIALS}/{APP}"), "")
        .json();
    let id = consumers["consumers"][0]["id"].as_str().unwrap();
    let path = format!("{CREDENTIALS}/{APP}/{id}?part=keyandsecret");
    for (value, expected) in [("true", 200), ("false", 403)] {
        settings(value);
        assert_eq!(client.rest("GET", &path, "").status, expected, "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staged_pair_can_be_deleted() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let path = format!("{CREDENTIALS}/{APP}/any/staged");
    assert_eq!(client.rest("GET", &path, "").status, 404);
    let staged = client.rest("POST", &path, "").json();
    let id = staged["id"].as_str().unwrap();
    assert_eq!(client.rest("GET", &path, "").json()["id"], id);
    let own = format!("{path}/{id}");
    assert_eq!(client.rest("DELETE", &own, "").status, 204);
    let rotated = client.rest("PATCH", &own, r#"{"command":"rotate"}"#);
    assert_eq!(rotated.status, 404);
    assert_eq!(client.rest("POST", &path, "").status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_hidden_until_the_org_allows_it() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let consumers = client
        .rest("GET", &format!("{CREDENTIALS}/{APP}"), "")
        .json();
    let id = consumers["consumers"][0]["id"].as_str().unwrap();
    let path = format!("{CREDENTIALS}/{APP}/{id}");
    let answer = client.rest("GET", &format!("{path}?part=keyandsecret"), "");
    expect!["403 FUNCTIONALITY_NOT_ENABLED: Access to client secrets through the REST API is not enabled for this org"]
        .assert_eq(&answer.error());
    assert!(client.rest("GET", &path, "").json()["secret"].is_null());
    assert_eq!(
        client
            .rest("GET", &format!("{CREDENTIALS}/Nobody"), "")
            .status,
        404
    );
    assert_eq!(
        client
            .rest("PATCH", &format!("{path}/staged/{id}"), "{}")
            .status,
        400
    );
}
