//! A deploy is followed to its end.

use std::time::Duration;

use eca_deploy::{DeployOutcome, DeployStatus, Deployment, PollPolicy, UnknownReason, Update};
use eca_http::TransportErrorKind;
use expect_test::expect;

use crate::support::{DEPLOY, EXPIRED, ScriptedOrg, fault, soap, start, started, status};

#[tokio::test]
async fn from_start_to_end() {
    let org = ScriptedOrg::new();
    org.transport
        .json(201, started())
        .json(200, status("Pending", false, false, "{}"))
        .json(200, status("InProgress", false, false, "{}"))
        .json(200, status("Succeeded", true, true, "{}"));
    let mut deployment = start(&org).await.unwrap();
    assert_eq!(deployment.id().as_str(), DEPLOY);
    assert_eq!(
        org.requests().len(),
        1,
        "the id is known before the first status request"
    );
    let mut seen = Vec::new();
    while let Some(Update::Status(status)) = deployment.next_update().await {
        seen.push(status.status.clone());
    }
    assert_eq!(
        seen,
        [
            DeployStatus::Pending,
            DeployStatus::InProgress,
            DeployStatus::Succeeded
        ]
    );
    assert!(deployment.outcome().await.is_success());
    expect![[r#"
        [
            "POST /services/data/v66.0/metadata/deployRequest",
            "GET /services/data/v66.0/metadata/deployRequest/0Af5g00000AAAAAAAA?includeDetails=true",
            "GET /services/data/v66.0/metadata/deployRequest/0Af5g00000AAAAAAAA?includeDetails=true",
            "GET /services/data/v66.0/metadata/deployRequest/0Af5g00000AAAAAAAA?includeDetails=true",
        ][50ms, 100ms]"#]].assert_eq(&format!("{:#?}{:?}", org.requests(), org.timer.slept()));
}

#[tokio::test]
async fn a_deployment_is_a_future_of_its_outcome() {
    let org = ScriptedOrg::new();
    org.transport
        .json(201, started())
        .json(200, status("InProgress", false, false, "{}"))
        .json(200, status("Succeeded", true, true, "{}"));
    let outcome = start(&org).await.unwrap().await;
    assert!(
        matches!(outcome, DeployOutcome::Succeeded(_)),
        "{outcome:?}"
    );
    assert_eq!(org.requests().len(), 3, "polled until the org was done");

    // The client's time limit ends the future, and the outcome has the id.
    let org = ScriptedOrg::new();
    org.transport.json(201, started());
    let policy = PollPolicy::default().with_wait(Duration::ZERO);
    let outcome = start(&org).await.unwrap().with_policy(policy).await;
    assert!(
        matches!(outcome, DeployOutcome::Unknown { .. }),
        "{outcome:?}"
    );
    assert!(format!("{outcome:?}").contains(DEPLOY), "{outcome:?}");
}

#[tokio::test]
async fn a_stream_of_statuses() {
    use futures_util::StreamExt as _;
    let org = ScriptedOrg::new();
    org.transport
        .json(201, started())
        .json(200, status("Pending", false, false, "{}"))
        .json(200, status("Failed", true, false, "{}"));
    let mut deployment = start(&org).await.unwrap();
    assert_eq!(deployment.updates().count().await, 2);
    let DeployOutcome::Failed(failure) = deployment.outcome().await else {
        panic!("not failed");
    };
    assert_eq!(failure.problems().len(), 1);
}

#[tokio::test]
async fn polling_continues_after_resets_busy_servers_and_unreadable_responses() {
    let org = ScriptedOrg::new();
    org.transport
        .json(201, started())
        .fail(TransportErrorKind::Reset)
        .fail(TransportErrorKind::ConnectTimeout)
        .answer(503, "text/html", "<html>busy</html>")
        .json(
            500,
            r#"[{"errorCode":"UNKNOWN_EXCEPTION","message":"ErrorId: 1"}]"#,
        )
        .json(404, r#"[{"errorCode":"NOT_FOUND","message":"not yet"}]"#)
        .answer(400, "text/html", "<h1>Bad Message 400</h1>")
        .json(200, status("NewStatus", false, false, "{}"))
        .answer(200, "application/json", "{\"id\":\"0A")
        .json(200, status("Succeeded", true, true, "{}"));
    let deployment = start(&org).await.unwrap();
    assert!(deployment.outcome().await.is_success());
    assert_eq!(org.transport.remaining(), 0);
    let posts = org
        .requests()
        .iter()
        .filter(|line| line.starts_with("POST"))
        .count();
    assert_eq!(posts, 1, "one deploy");
}

#[tokio::test]
async fn an_expired_session_is_renewed_once() {
    let org = ScriptedOrg::renewing();
    org.transport
        .json(401, EXPIRED)
        .json(201, started())
        .json(200, status("Pending", false, false, "{}"))
        .json(401, EXPIRED)
        .json(200, status("InProgress", false, false, "{}"))
        .json(401, EXPIRED)
        .json(401, EXPIRED);
    let deployment = start(&org).await.unwrap();
    let DeployOutcome::Unknown(unknown) = deployment.outcome().await else {
        panic!("not unknown");
    };
    assert_eq!(unknown.id.unwrap().as_str(), DEPLOY);
    assert_eq!(unknown.last.unwrap().status, DeployStatus::InProgress);
    let UnknownReason::NoStatus(error) = unknown.reason else {
        panic!("another reason");
    };
    assert!(error.is_auth());
    assert_eq!(org.transport.remaining(), 0);
}

#[tokio::test]
async fn polling_an_unknown_id_ends() {
    let org = ScriptedOrg::new();
    for _ in 0..4 {
        org.transport.json(
            404,
            r#"[{"errorCode":"NOT_FOUND","message":"no such deploy"}]"#,
        );
    }
    let deployment = Deployment::attach(&org.client, DEPLOY.parse().unwrap());
    let DeployOutcome::Unknown(unknown) = deployment.outcome().await else {
        panic!("not unknown");
    };
    let UnknownReason::NoStatus(error) = &unknown.reason else {
        panic!("another reason");
    };
    assert!(error.api_error().unwrap().is_unknown_id());
    assert_eq!(org.transport.remaining(), 0);
}

#[tokio::test]
async fn a_time_limit_is_not_a_failure() {
    let org = ScriptedOrg::new();
    org.transport.json(201, started());
    for _ in 0..100 {
        org.transport
            .json(200, status("InProgress", false, false, "{}"));
    }
    let policy = PollPolicy::default().with_wait(Duration::from_mins(1));
    let deployment = start(&org).await.unwrap().with_policy(policy);
    let DeployOutcome::Unknown(unknown) = deployment.outcome().await else {
        panic!("not unknown");
    };
    assert_eq!(
        unknown.to_string(),
        format!("deploy {DEPLOY} is still running after 60 s")
    );
    assert!(org.requests().len() < 60);
}

#[tokio::test]
async fn details_of_large_deploys_are_requested_once() {
    let org = ScriptedOrg::new();
    let many = |state: &str, done: bool| {
        status(state, done, done, "{}").replace(
            "\"numberComponentsTotal\":3",
            "\"numberComponentsTotal\":9000",
        )
    };
    org.transport
        .json(200, many("InProgress", false))
        .json(200, many("InProgress", false))
        .json(200, many("Succeeded", true))
        .fail(TransportErrorKind::Reset)
        .json(200, many("Succeeded", true));
    let deployment = Deployment::attach(&org.client, DEPLOY.parse().unwrap());
    assert!(deployment.outcome().await.is_success());
    let details: Vec<_> = org
        .requests()
        .iter()
        .map(|line| line.contains("includeDetails"))
        .collect();
    assert_eq!(details, [true, false, false, true, true]);
}

#[tokio::test]
async fn over_soap() {
    let org = ScriptedOrg::over_soap();
    let pending = format!("<done>false</done><id>{DEPLOY}</id>");
    let canceled = "<done>true</done><status>Canceled</status><success>false</success>";
    org.xml(200, soap("deploy", &pending))
        .xml(500, fault("INVALID_CROSS_REFERENCE_KEY", "no such job"))
        .xml(200, soap("cancelDeploy", &pending))
        .xml(200, soap("checkDeployStatus", canceled));
    let mut deployment = start(&org).await.unwrap();
    assert!(matches!(
        deployment.next_update().await,
        Some(Update::Interrupted { .. })
    ));
    assert_eq!(deployment.cancel().await.unwrap(), DeployStatus::Canceling);
    assert!(matches!(
        deployment.outcome().await,
        DeployOutcome::Canceled(_)
    ));
    expect![[r#"
        [
            "POST /services/Soap/m/66.0 deploy",
            "POST /services/Soap/m/66.0 checkDeployStatus",
            "POST /services/Soap/m/66.0 cancelDeploy",
            "POST /services/Soap/m/66.0 checkDeployStatus",
        ]"#]]
    .assert_eq(&format!("{:#?}", org.requests()));
}

#[tokio::test]
async fn no_output_has_the_token() {
    let org = ScriptedOrg::new();
    org.transport
        .json(201, started())
        .fail(TransportErrorKind::Tls);
    let deployment = start(&org).await.unwrap();
    let text = format!("{:?} {deployment:?}", org.client);
    let outcome = deployment.outcome().await;
    let text = format!("{text} {outcome:?}");
    assert!(!text.contains("FAKE.TOKEN"), "{text}");
}

#[tokio::test]
async fn futures_move_between_threads() {
    fn check<T: Send>(value: T) -> T {
        value
    }
    let org = ScriptedOrg::new();
    org.transport.json(201, started());
    let mut deployment = check(start(&org)).await.unwrap();
    drop(check(deployment.updates()));
    drop(check(deployment.next_update()));
    drop(check(deployment.cancel()));
    drop(check(deployment.outcome()));
    let manifest = eca_model::Manifest::new(eca_model::ApiVersion::new(66));
    drop(check(eca_deploy::retrieve(
        &org.client,
        &manifest,
        &eca_deploy::RetrieveOptions::default(),
    )));
}

#[tokio::test]
async fn retry_after_is_cut_to_the_time_limit() {
    let org = ScriptedOrg::new();
    let busy = http::Response::builder()
        .status(503)
        .header("retry-after", "18446744073709551615")
        .body(bytes::Bytes::new())
        .unwrap();
    org.transport
        .respond(busy)
        .json(200, status("InProgress", false, false, "{}"));
    let policy = PollPolicy::default().with_wait(Duration::MAX);
    let deployment = Deployment::attach(&org.client, DEPLOY.parse().unwrap()).with_policy(policy);
    assert!(deployment.last_status().is_none());
    let policy = PollPolicy::default().with_wait(Duration::from_mins(1));
    let outcome = deployment.with_policy(policy).outcome().await;
    assert!(outcome.is_unknown());
    assert_eq!(org.timer.slept(), [Duration::from_mins(1)]);
}
