//! Progress, cancellation and repetition of deploys.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_emulator::{ManualClock, Org, Pace};
use serde_json::Value;

use crate::fixture::{
    Client, GLOBAL, HEADER, OAUTH_POLICIES, POLICIES, Package, SETTINGS, builder, failures,
};
use crate::oauth::login::{at_noon, clock};

const OPTIONS: &str = r#"{"singlePackage":true,"rollbackOnError":true}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_progresses_with_the_clock() {
    let clock = Arc::new(ManualClock::new(
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000),
    ));
    let org = Org::builder()
        .clock(clock.clone())
        .pace(Pace::Time(Duration::from_secs(8)))
        .start()
        .await
        .unwrap();
    let client = Client(&org);
    let started = client
        .start_deploy(&Package::storefront().zip(), OPTIONS)
        .json();
    assert_eq!(started["deployResult"]["status"], "Pending");
    assert_eq!(started["deployResult"]["done"], false);
    assert_eq!(started["deployOptions"]["rollbackOnError"], true);
    let id = started["id"].as_str().unwrap();
    assert_eq!(id.len(), 18);
    let mut seen = Vec::new();
    for _ in 0..5 {
        let result = client.deploy_status(id);
        let successes = result["details"]["componentSuccesses"].as_array().unwrap();
        let components = successes
            .iter()
            .filter(|message| message["componentType"] != "")
            .count();
        assert_eq!(result["numberComponentsDeployed"], components);
        seen.push(format!(
            "{} {}/{} {}",
            result["status"].as_str().unwrap(),
            result["numberComponentsDeployed"],
            result["numberComponentsTotal"],
            result["done"],
        ));
        assert_eq!(org.components().is_empty(), result["done"] == false);
        clock.advance(Duration::from_secs(2));
    }
    assert_eq!(
        seen,
        [
            "Pending 0/9 false",
            "InProgress 0/9 false",
            "InProgress 2/9 false",
            "InProgress 6/9 false",
            "Succeeded 9/9 true",
        ]
    );
    let result = client.deploy_status(id);
    assert_eq!(result["createdDate"], "2026-11-18T11:06:40.000Z");
    assert_eq!(result["completedDate"], "2026-11-18T11:06:48.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_only_and_failures_change_nothing() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let package = Package::storefront();
    let result = client.deploy_with(
        &package.zip(),
        r#"{"singlePackage":true,"checkOnly":true,"rollbackOnError":true}"#,
    );
    assert_eq!(
        (&result["status"], &result["checkOnly"]),
        (&Value::from("Succeeded"), &Value::from(true))
    );
    assert!(org.components().is_empty() && org.consumer_secret("Storefront").is_none());

    let broken = package.clone().replace(HEADER, "Local", "Packageable");
    let result = client.deploy(&broken);
    assert_eq!(result["status"], "Failed");
    assert!(org.components().is_empty());
    // Components that refer to the refused header are refused too.
    assert!(
        failures(&result)
            .contains("'Packageable' is not a valid value for the enum 'ExtlClntAppDistState'")
    );
    assert!(failures(&result).contains("INVALID_CROSS_REFERENCE_KEY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rollback_valid_components_stay() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let broken =
        Package::storefront().replace(OAUTH_POLICIES, "AdminApprovedPreAuthorized", "Everybody");
    let result = client.deploy_with(&broken.zip(), r#"{"singlePackage":true}"#);
    assert_eq!(result["status"], "SucceededPartial");
    assert_eq!(result["numberComponentErrors"], 1);
    assert_eq!(result["numberComponentsDeployed"], 8);
    assert!(org.consumer_secret("Storefront").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_can_be_canceled_until_it_is_done() {
    let org = builder().pace(Pace::Polls(3)).start().await.unwrap();
    let client = Client(&org);
    let zip = Package::storefront().zip();
    let path = "/services/data/v66.0/metadata/deployRequest";
    let cancel = r#"{"deployResult":{"status":"Canceling"}}"#;

    let id = client.start_deploy(&zip, OPTIONS).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = client.rest("PATCH", &format!("{path}/{id}"), cancel);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["deployResult"]["status"], "Canceled");
    assert_eq!(client.deploy_status(&id)["done"], true);
    assert!(org.components().is_empty());

    // sf cancels over SOAP, with another name for the id than the WSDL has.
    let id = client.start_deploy(&zip, OPTIONS).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = client.soap(&format!("<cancelDeploy><id>{id}</id></cancelDeploy>"));
    assert_eq!(
        (answer.element("id"), answer.element("done")),
        (Some(id.as_str()), Some("true"))
    );
    assert_eq!(client.deploy_status(&id)["status"], "Canceled");
    let answer = client.soap(&format!(
        "<cancelDeploy><String>{id}</String></cancelDeploy>"
    ));
    assert_eq!(answer.status, 500);
    assert_eq!(answer.element("faultcode"), Some("sf:INVALID_ID_FIELD"));
    assert_eq!(
        client.rest("PATCH", &format!("{path}/{id}"), cancel).status,
        400
    );
    assert_eq!(
        client
            .rest("PATCH", &format!("{path}/0Af000000000000"), cancel)
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validation_is_deployed_quickly() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let path = "/services/data/v66.0/metadata/deployRequest";
    let options = r#"{"singlePackage":true,"checkOnly":true,"rollbackOnError":true,"testLevel":"RunLocalTests"}"#;
    let validation = client.deploy_with(&Package::storefront().zip(), options);
    let id = validation["id"].as_str().unwrap();
    assert_eq!(validation["runTestsEnabled"], true);

    let quick = client.rest(
        "POST",
        path,
        &format!(r#"{{"validatedDeployRequestId":"{id}"}}"#),
    );
    assert_eq!(quick.status, 201);
    assert_eq!(quick.json()["validatedDeployRequestId"], id);
    let new = quick.json()["id"].as_str().unwrap().to_owned();
    assert_ne!(new, id);
    assert_eq!(client.deploy_status(&new)["status"], "Succeeded");
    assert_eq!(org.components().len(), 9);

    // The other form of the request, and an id that cannot be deployed quickly.
    assert_eq!(client.rest("POST", &format!("{path}/{id}"), "").status, 201);
    assert_eq!(
        client.rest("POST", &format!("{path}/{new}"), "").status,
        404
    );
    let answer = client.soap(&format!(
        "<deployRecentValidation><validationId>{id}</validationId></deployRecentValidation>"
    ));
    assert!(answer.element("result").unwrap().starts_with("0Af"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validation_is_valid_for_ten_days() {
    let clock = clock();
    let org = at_noon(&clock).start().await.unwrap();
    let client = Client(&org);
    let options = r#"{"singlePackage":true,"checkOnly":true,"rollbackOnError":true}"#;
    let validation = client.deploy_with(&Package::storefront().zip(), options);
    let id = validation["id"].as_str().unwrap();
    let path = format!("/services/data/v66.0/metadata/deployRequest/{id}");
    let quick = || client.rest("POST", &path, "").status;
    clock.advance(Duration::from_hours(10 * 24));
    assert_eq!(quick(), 201);
    clock.advance(Duration::from_secs(1));
    assert_eq!(quick(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redeploy_replaces_and_keeps_the_consumer() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let package = Package::storefront();
    client.deploy(&package);
    let key = org.consumer_key("Storefront").unwrap();
    let secret = org.consumer_secret("Storefront").unwrap();

    // A certificate that is left out is removed, like any other member.
    let (start, end) = {
        let (_, text) = package
            .files
            .iter()
            .find(|(path, _)| path == SETTINGS)
            .unwrap();
        (
            text.find("    <clientAssertion").unwrap(),
            text.find("    <commaSep").unwrap(),
        )
    };
    let mut smaller = package.clone().only(&[SETTINGS]);
    smaller.files[0].1.replace_range(start..end, "");
    let result = client.deploy(&smaller);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    let success = &result["details"]["componentSuccesses"][1];
    assert_eq!(
        (&success["created"], &success["changed"]),
        (&Value::from(false), &Value::from(true))
    );
    let settings = org
        .components()
        .into_iter()
        .find(|component| component.name.name == "Storefront_oauth")
        .unwrap();
    assert!(!settings.file.contains("clientAssertionCertificate"));
    assert!(settings.file.contains("oauthLink"));

    let result = client.deploy(&package);
    assert_eq!(result["status"], "Succeeded");
    assert_eq!(org.consumer_key("Storefront").unwrap(), key);
    assert_eq!(
        org.consumer_secret("Storefront").unwrap().expose_secret(),
        secret.expose_secret()
    );
    // The same deploy again changes nothing.
    let result = client.deploy(&package);
    for success in result["details"]["componentSuccesses"].as_array().unwrap() {
        if success["fullName"] != "package.xml" {
            assert_eq!(success["changed"], false, "{success}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_is_a_warning() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let package = Package::storefront();
    client.deploy(&package);
    let key = org.consumer_key("Storefront").unwrap();
    let rotating = package
        .replace(
            GLOBAL,
            "    <label>",
            "    <shouldRotateConsumerKey>true</shouldRotateConsumerKey>\n    <label>",
        )
        .only(&[GLOBAL]);
    let result = client.deploy(&rotating);
    assert_eq!(result["status"], "Failed");
    assert!(
        failures(&result).contains(": Warning "),
        "{}",
        failures(&result)
    );
    assert_eq!(org.consumer_key("Storefront").unwrap(), key);
    let result = client.deploy_with(
        &rotating.zip(),
        r#"{"singlePackage":true,"ignoreWarnings":true}"#,
    );
    assert_eq!(result["status"], "Succeeded");
    assert_ne!(org.consumer_key("Storefront").unwrap(), key);
}

#[tokio::test(flavor = "multi_thread")]
async fn default_policies_are_generated() {
    let org = builder().start().await.unwrap();
    Client(&org).deploy(&Package::storefront().only(&[HEADER, SETTINGS, GLOBAL]));
    let names: Vec<_> = org
        .components()
        .iter()
        .map(|component| component.name.name.clone())
        .collect();
    assert!(
        names.contains(&"Storefront_defaultPolicy".to_owned()),
        "{names:?}"
    );
    assert!(
        names.contains(&"Storefront_oauth_defaultPolicy".to_owned()),
        "{names:?}"
    );
    assert!(
        !names
            .iter()
            .any(|name| POLICIES.contains(&format!("/{name}.")))
    );
}

/// The status of a deploy in a version of the API, over SOAP.
fn status_at(client: &Client<'_>, version: &str, id: &str) -> String {
    let answer = client.soap_with(
        version,
        client.token(),
        &format!("<checkDeployStatus><asyncProcessId>{id}</asyncProcessId></checkDeployStatus>"),
    );
    answer.element("status").unwrap().to_owned()
}

fn start(client: &Client<'_>, options: &str) -> String {
    let zip = Package::storefront().zip();
    let started = client.start_deploy(&zip, options).json();
    started["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_move_through_finalizing_which_old_versions_call_in_progress() {
    let org = builder().pace(Pace::Polls(5)).start().await.unwrap();
    let client = Client(&org);
    let id = start(&client, OPTIONS);
    let seen: Vec<_> = (0..3).map(|_| status_at(&client, "64.0", &id)).collect();
    assert_eq!(seen, ["Pending", "InProgress", "InProgress"]);
    assert!(org.components().is_empty());
    let result = client.deploy_status(&id);
    assert_eq!(
        (&result["status"], &result["done"]),
        (&Value::from("Finalizing"), &Value::from(false))
    );
    assert_eq!(result["numberComponentsDeployed"], 9);
    assert!(org.components().is_empty());
    assert_eq!(client.deploy_status(&id)["status"], "Succeeded");
    assert_eq!(org.components().len(), 9);

    let id = start(&client, OPTIONS);
    let seen: Vec<_> = (0..5).map(|_| status_at(&client, "64.0", &id)).collect();
    assert_eq!(
        seen,
        [
            "Pending",
            "InProgress",
            "InProgress",
            "InProgress",
            "Succeeded"
        ]
    );
    // A validation is never finalizing.
    let id = start(&client, r#"{"singlePackage":true,"checkOnly":true}"#);
    let seen: Vec<_> = (0..5).map(|_| status_at(&client, "66.0", &id)).collect();
    assert_eq!(
        seen,
        [
            "Pending",
            "InProgress",
            "InProgress",
            "InProgress",
            "Succeeded"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_deploy_is_canceling_before_it_is_canceled() {
    let org = builder().pace(Pace::Polls(9)).start().await.unwrap();
    let client = Client(&org);
    let id = start(&client, OPTIONS);
    assert_eq!(status_at(&client, "66.0", &id), "Pending");
    assert_eq!(status_at(&client, "66.0", &id), "InProgress");
    let cancel = format!("<cancelDeploy><String>{id}</String></cancelDeploy>");
    for _ in 0..2 {
        let answer = client.soap(&cancel);
        assert_eq!(answer.element("done"), Some("false"), "{}", answer.body);
    }
    let result = client.deploy_status(&id);
    assert_eq!(
        (&result["status"], &result["done"]),
        (&Value::from("Canceling"), &Value::from(false))
    );
    assert_eq!(result["canceledByName"], "Admin User");
    let result = client.deploy_status(&id);
    assert_eq!(
        (&result["status"], &result["done"], &result["success"]),
        (
            &Value::from("Canceled"),
            &Value::from(true),
            &Value::from(false)
        )
    );
    assert!(org.components().is_empty());
    let answer = client.soap(&cancel);
    assert!(
        answer.body.contains("Deployment already completed"),
        "{}",
        answer.body
    );

    // The same with a pace in time, over REST.
    let clock = Arc::new(ManualClock::new(SystemTime::now()));
    let org = builder()
        .clock(clock.clone())
        .pace(Pace::Time(Duration::from_secs(8)))
        .start()
        .await
        .unwrap();
    let client = Client(&org);
    let id = start(&client, OPTIONS);
    clock.advance(Duration::from_secs(4));
    assert_eq!(client.deploy_status(&id)["status"], "InProgress");
    let answer = client.rest(
        "PATCH",
        &format!("/services/data/v66.0/metadata/deployRequest/{id}"),
        r#"{"deployResult":{"status":"Canceling"}}"#,
    );
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["deployResult"]["status"], "Canceling");
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.deploy_status(&id)["status"], "Canceled");
    clock.advance(Duration::from_mins(1));
    assert!(org.components().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finalizing_deploy_cannot_be_canceled_and_before_65_the_cancel_loses_the_race() {
    let org = builder().pace(Pace::Polls(4)).start().await.unwrap();
    let client = Client(&org);
    for (version, is_taken) in [("66.0", false), ("64.0", true)] {
        let id = start(&client, OPTIONS);
        for _ in 0..3 {
            status_at(&client, "66.0", &id);
        }
        let cancel = format!("<cancelDeploy><String>{id}</String></cancelDeploy>");
        let answer = client.soap_with(version, client.token(), &cancel);
        if is_taken {
            assert_eq!(answer.element("done"), Some("false"), "{}", answer.body);
        } else {
            assert_eq!(answer.element("faultcode"), Some("sf:INVALID_ID_FIELD"));
            assert!(answer.body.contains("finalizing"), "{}", answer.body);
        }
        assert_eq!(status_at(&client, "66.0", &id), "Succeeded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finalizing_fails_when_the_org_has_changed() {
    let org = builder().pace(Pace::Polls(4)).start().await.unwrap();
    let client = Client(&org);
    org.deploy(&Package::storefront().zip()).unwrap();
    let settings = Package::storefront().only(&[SETTINGS]);
    let started = client.start_deploy(&settings.zip(), OPTIONS).json();
    let id = started["id"].as_str().unwrap();
    for _ in 0..3 {
        status_at(&client, "66.0", id);
    }
    let gone = client.soap("<deleteMetadata><type>ExternalClientApplication</type><fullNames>Storefront</fullNames></deleteMetadata>");
    assert_eq!(gone.element("success"), Some("true"));
    let result = client.deploy_status(id);
    assert_eq!(
        (&result["status"], &result["done"]),
        (&Value::from("FinalizingFailed"), &Value::from(true))
    );
    assert!(failures(&result).contains("INVALID_CROSS_REFERENCE_KEY"));
    assert_eq!(status_at(&client, "64.0", id), "Failed");
}
