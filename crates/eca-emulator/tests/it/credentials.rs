//! The credentials resource.

use std::time::Duration;

use expect_test::expect;

use crate::{
    fixture::{APP, Client, Package, builder, storefront},
    login::{at_noon, clock},
};

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
async fn a_rotated_pair_works_for_thirty_days_more() {
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
    let app = usage["apps"][0]["id"].as_str().unwrap().to_owned();
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
    // A deploy of the same files keeps what was rotated.
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
