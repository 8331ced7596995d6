use std::time::Duration;

use eca_deploy::{
    DeployApi, DeployOptions, DeployOutcome, DeployStatus, Deployment, PollPolicy, StartError,
    UnknownReason, Update,
};
use eca_http::TransportErrorKind;
use expect_test::expect;

use crate::support::{DEPLOY, ScriptedOrg, TOKEN, fault, package, soap, started, status};

const EXPIRED: &str =
    r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#;

async fn start(stage: &ScriptedOrg) -> Result<Deployment, StartError> {
    Deployment::start(&stage.client, &package(), &DeployOptions::default()).await
}

#[tokio::test]
async fn from_start_to_end() {
    let stage = ScriptedOrg::new();
    stage
        .transport
        .json(201, started())
        .json(200, status("Pending", false, false, "{}"))
        .json(200, status("InProgress", false, false, "{}"))
        .json(200, status("Succeeded", true, true, "{}"));
    let mut deployment = start(&stage).await.unwrap();
    assert_eq!(deployment.id().as_str(), DEPLOY);
    assert_eq!(
        stage.requests().len(),
        1,
        "the id is known before the first question"
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
        ][50ms, 100ms]"#]].assert_eq(&format!("{:#?}{:?}", stage.requests(), stage.timer.slept()));
}

#[tokio::test]
async fn a_deployment_is_a_future_of_its_outcome() {
    let stage = ScriptedOrg::new();
    stage
        .transport
        .json(201, started())
        .json(200, status("InProgress", false, false, "{}"))
        .json(200, status("Succeeded", true, true, "{}"));
    let outcome = start(&stage).await.unwrap().await;
    assert!(
        matches!(outcome, DeployOutcome::Succeeded(_)),
        "{outcome:?}"
    );
    assert_eq!(stage.requests().len(), 3, "polled until the org was done");

    // A time limit on this side ends the future, and the id is still there.
    let stage = ScriptedOrg::new();
    stage.transport.json(201, started());
    let policy = PollPolicy::default().with_wait(Duration::ZERO);
    let outcome = start(&stage).await.unwrap().with_policy(policy).await;
    assert!(
        matches!(outcome, DeployOutcome::Unknown { .. }),
        "{outcome:?}"
    );
    assert!(format!("{outcome:?}").contains(DEPLOY), "{outcome:?}");
}

#[tokio::test]
async fn a_stream_of_statuses() {
    use futures_util::StreamExt as _;
    let stage = ScriptedOrg::new();
    stage
        .transport
        .json(201, started())
        .json(200, status("Pending", false, false, "{}"))
        .json(200, status("Failed", true, false, "{}"));
    let mut deployment = start(&stage).await.unwrap();
    assert_eq!(deployment.updates().count().await, 2);
    let DeployOutcome::Failed(failure) = deployment.outcome().await else {
        panic!("not failed");
    };
    assert_eq!(failure.problems().len(), 1);
}

#[tokio::test]
async fn polls_survive_resets_busy_servers_and_strange_pages() {
    let stage = ScriptedOrg::new();
    stage
        .transport
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
        .json(200, status("Resting", false, false, "{}"))
        .answer(200, "application/json", "{\"id\":\"0A")
        .json(200, status("Succeeded", true, true, "{}"));
    let deployment = start(&stage).await.unwrap();
    assert!(deployment.outcome().await.is_success());
    assert_eq!(stage.transport.remaining(), 0);
    let posts = stage
        .requests()
        .iter()
        .filter(|line| line.starts_with("POST"))
        .count();
    assert_eq!(posts, 1, "one deploy");
}

#[tokio::test]
async fn a_lost_start_is_not_repeated() {
    for kind in [TransportErrorKind::Reset, TransportErrorKind::ReadTimeout] {
        let stage = ScriptedOrg::new();
        stage.transport.fail(kind);
        let error = start(&stage).await.unwrap_err();
        assert!(error.is_unknown());
        let outcome = error.into_outcome().unwrap();
        let DeployOutcome::Unknown(unknown) = outcome else {
            panic!("not unknown");
        };
        assert!(unknown.id.is_none() && matches!(unknown.reason, UnknownReason::StartLost(_)));
        assert_eq!(stage.requests().len(), 1);
    }
    // The org took it and the answer is cut off.
    let stage = ScriptedOrg::new();
    stage
        .transport
        .answer(201, "application/json", "{\"id\":\"0Af5g");
    assert!(start(&stage).await.unwrap_err().is_unknown());
    // A gateway gave up on the org.
    let stage = ScriptedOrg::new();
    stage.transport.answer(504, "text/html", "<html>");
    assert!(start(&stage).await.unwrap_err().is_unknown());
}

#[tokio::test]
async fn a_start_that_never_left_is_repeated() {
    let stage = ScriptedOrg::new();
    stage
        .transport
        .fail(TransportErrorKind::Connect)
        .json(201, started())
        .json(200, status("Succeeded", true, true, "{}"));
    assert!(start(&stage).await.unwrap().outcome().await.is_success());
}

/// While somebody changes its setup, an org turns everything else away and does nothing.
#[tokio::test]
async fn a_start_into_a_locked_org_waits() {
    let locked = r#"[{"errorCode":"ALREADY_IN_PROCESS","message":"locked"}]"#;
    let stage = ScriptedOrg::new();
    for _ in 0..3 {
        stage.transport.json(400, locked);
    }
    stage.transport.json(201, started());
    assert_eq!(start(&stage).await.unwrap().id().as_str(), DEPLOY);
    assert_eq!(stage.requests().len(), 4);

    let stage = ScriptedOrg::new();
    for _ in 0..5 {
        stage.transport.json(400, locked);
    }
    let error = start(&stage).await.unwrap_err();
    assert!(matches!(error, StartError::NotStarted(_)), "{error}");
    assert_eq!(stage.requests().len(), 5);
}

#[tokio::test]
async fn a_refused_start_says_why() {
    let stage = ScriptedOrg::new();
    stage.transport.json(
        400,
        r#"[{"errorCode":"INVALID_OPERATION","message":"No zip file content passed in"}]"#,
    );
    let error = start(&stage).await.unwrap_err();
    assert!(!error.is_unknown() && !error.is_auth());
    let words = error.error().api_error().unwrap().to_string();
    assert_eq!(words, "INVALID_OPERATION: No zip file content passed in");
}

#[tokio::test]
async fn a_refused_session_is_an_error_of_authentication() {
    let stage = ScriptedOrg::new();
    stage
        .transport
        .json(401, EXPIRED.replace("Session", &format!("{TOKEN} Session")));
    let error = start(&stage).await.unwrap_err();
    assert!(error.is_auth() && !error.is_unknown());
    let text = format!("{error} {error:?} {}", error.error());
    assert!(
        text.contains("[access token]") && !text.contains(TOKEN),
        "{text}"
    );
}

#[tokio::test]
async fn an_expired_session_is_renewed_once() {
    let stage = crate::support::ScriptedOrg::renewing();
    stage
        .transport
        .json(401, EXPIRED)
        .json(201, started())
        .json(200, status("Pending", false, false, "{}"))
        .json(401, EXPIRED)
        .json(200, status("InProgress", false, false, "{}"))
        .json(401, EXPIRED)
        .json(401, EXPIRED);
    let deployment = start(&stage).await.unwrap();
    let DeployOutcome::Unknown(unknown) = deployment.outcome().await else {
        panic!("not unknown");
    };
    assert_eq!(unknown.id.unwrap().as_str(), DEPLOY);
    assert_eq!(unknown.last.unwrap().status, DeployStatus::InProgress);
    let UnknownReason::NoStatus(error) = unknown.reason else {
        panic!("another reason");
    };
    assert!(error.is_auth());
    assert_eq!(stage.transport.remaining(), 0);
}

#[tokio::test]
async fn an_id_that_the_org_does_not_know_is_not_asked_about_for_ever() {
    let stage = ScriptedOrg::new();
    for _ in 0..4 {
        stage.transport.json(
            404,
            r#"[{"errorCode":"NOT_FOUND","message":"no such deploy"}]"#,
        );
    }
    let deployment = Deployment::attach(&stage.client, DEPLOY.parse().unwrap());
    let DeployOutcome::Unknown(unknown) = deployment.outcome().await else {
        panic!("not unknown");
    };
    let UnknownReason::NoStatus(error) = &unknown.reason else {
        panic!("another reason");
    };
    assert!(error.api_error().unwrap().is_unknown_id());
    assert_eq!(stage.transport.remaining(), 0);
}

#[tokio::test]
async fn a_time_limit_is_no_failure() {
    let stage = ScriptedOrg::new();
    stage.transport.json(201, started());
    for _ in 0..100 {
        stage
            .transport
            .json(200, status("InProgress", false, false, "{}"));
    }
    let policy = PollPolicy::default().with_wait(Duration::from_mins(1));
    let deployment = start(&stage).await.unwrap().with_policy(policy);
    let DeployOutcome::Unknown(unknown) = deployment.outcome().await else {
        panic!("not unknown");
    };
    assert_eq!(
        unknown.to_string(),
        format!("deploy {DEPLOY} is still running after 60 s")
    );
    assert!(stage.requests().len() < 60);
}

#[tokio::test]
async fn large_deploys_give_their_details_once() {
    let stage = ScriptedOrg::new();
    let many = |state: &str, done: bool| {
        status(state, done, done, "{}").replace(
            "\"numberComponentsTotal\":3",
            "\"numberComponentsTotal\":9000",
        )
    };
    stage
        .transport
        .json(200, many("InProgress", false))
        .json(200, many("InProgress", false))
        .json(200, many("Succeeded", true))
        .fail(TransportErrorKind::Reset)
        .json(200, many("Succeeded", true));
    let deployment = Deployment::attach(&stage.client, DEPLOY.parse().unwrap());
    assert!(deployment.outcome().await.is_success());
    let details: Vec<_> = stage
        .requests()
        .iter()
        .map(|line| line.contains("includeDetails"))
        .collect();
    assert_eq!(details, [true, false, false, true, true]);
}

#[tokio::test]
async fn over_soap() {
    let stage = ScriptedOrg::new();
    let org = stage.client.clone().with_deploy_api(DeployApi::Soap);
    stage
        .transport
        .answer(
            200,
            "text/xml",
            soap("deploy", &format!("<done>false</done><id>{DEPLOY}</id>")),
        )
        .answer(
            500,
            "text/xml",
            fault("INVALID_CROSS_REFERENCE_KEY", "no such job"),
        )
        .answer(
            200,
            "text/xml",
            soap(
                "cancelDeploy",
                &format!("<done>false</done><id>{DEPLOY}</id>"),
            ),
        )
        .answer(
            200,
            "text/xml",
            soap(
                "checkDeployStatus",
                "<done>true</done><status>Canceled</status><success>false</success>",
            ),
        );
    let mut deployment = Deployment::start(&org, &package(), &DeployOptions::default())
        .await
        .unwrap();
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
    .assert_eq(&format!("{:#?}", stage.requests()));
}

#[tokio::test]
async fn a_quick_deploy_has_an_id_of_its_own() {
    let stage = ScriptedOrg::new();
    stage.transport.json(201, started());
    let validated = "0Af5g00000VALIDATE".parse().unwrap();
    let deployment = Deployment::quick_deploy(&stage.client, &validated)
        .await
        .unwrap();
    assert_eq!(deployment.id().as_str(), DEPLOY);
}

#[tokio::test]
async fn nothing_shows_the_token() {
    let stage = ScriptedOrg::new();
    stage
        .transport
        .json(201, started())
        .fail(TransportErrorKind::Tls);
    let deployment = start(&stage).await.unwrap();
    let text = format!("{:?} {deployment:?}", stage.client);
    let outcome = deployment.outcome().await;
    let text = format!("{text} {outcome:?}");
    assert!(!text.contains("FAKE.TOKEN"), "{text}");
}

#[tokio::test]
async fn futures_move_between_threads() {
    fn check<T: Send>(value: T) -> T {
        value
    }
    let stage = ScriptedOrg::new();
    stage.transport.json(201, started());
    let mut deployment = check(start(&stage)).await.unwrap();
    drop(check(deployment.updates()));
    drop(check(deployment.next_update()));
    drop(check(deployment.cancel()));
    drop(check(deployment.outcome()));
    let manifest = eca_model::Manifest::new(eca_model::ApiVersion::new(66));
    drop(check(eca_deploy::retrieve(
        &stage.client,
        &manifest,
        &eca_deploy::RetrieveOptions::default(),
    )));
}

#[tokio::test]
async fn a_server_that_asks_to_wait_for_ever_gets_until_the_limit() {
    let stage = ScriptedOrg::new();
    let busy = http::Response::builder()
        .status(503)
        .header("retry-after", "18446744073709551615")
        .body(bytes::Bytes::new())
        .unwrap();
    stage
        .transport
        .respond(busy)
        .json(200, status("InProgress", false, false, "{}"));
    let policy = PollPolicy::default().with_wait(Duration::MAX);
    let deployment = Deployment::attach(&stage.client, DEPLOY.parse().unwrap()).with_policy(policy);
    assert!(deployment.last_status().is_none());
    let policy = PollPolicy::default().with_wait(Duration::from_mins(1));
    let outcome = deployment.with_policy(policy).outcome().await;
    assert!(outcome.is_unknown());
    assert_eq!(stage.timer.slept(), [Duration::from_mins(1)]);
}
