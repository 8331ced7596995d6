//! A deploy is started at most once.

use eca_deploy::{DeployOutcome, StartError, UnknownReason};
use eca_http::TransportErrorKind;
use expect_test::{Expect, expect};

use crate::support::{DEPLOY, EXPIRED, ScriptedOrg, TOKEN, package, start, started, status};

#[tokio::test]
async fn a_lost_start_is_not_repeated() {
    for kind in [TransportErrorKind::Reset, TransportErrorKind::ReadTimeout] {
        let org = ScriptedOrg::new();
        org.transport.fail(kind);
        let error = start(&org).await.unwrap_err();
        assert!(error.is_unknown());
        let outcome = error.into_outcome().unwrap();
        let DeployOutcome::Unknown(unknown) = outcome else {
            panic!("not unknown");
        };
        assert!(unknown.id.is_none() && matches!(unknown.reason, UnknownReason::StartLost(_)));
        assert_eq!(org.requests().len(), 1);
    }
    // The org accepted it, and the response is truncated.
    let org = ScriptedOrg::new();
    org.transport
        .answer(201, "application/json", "{\"id\":\"0Af5g");
    assert!(start(&org).await.unwrap_err().is_unknown());
    // A gateway gave up on the org.
    let org = ScriptedOrg::new();
    org.transport.answer(504, "text/html", "<html>");
    assert!(start(&org).await.unwrap_err().is_unknown());
}

#[tokio::test]
async fn a_start_that_was_not_sent_is_repeated() {
    let org = ScriptedOrg::new();
    org.transport
        .fail(TransportErrorKind::Connect)
        .json(201, started())
        .json(200, status("Succeeded", true, true, "{}"));
    assert!(start(&org).await.unwrap().outcome().await.is_success());
}

/// While a change locks its setup, an org rejects every other request and does nothing.
#[tokio::test]
async fn a_start_waits_while_the_setup_is_locked() {
    let locked = r#"[{"errorCode":"ALREADY_IN_PROCESS","message":"locked"}]"#;
    let org = ScriptedOrg::new();
    for _ in 0..3 {
        org.transport.json(400, locked);
    }
    org.transport.json(201, started());
    assert_eq!(start(&org).await.unwrap().id().as_str(), DEPLOY);
    assert_eq!(org.requests().len(), 4);

    let org = ScriptedOrg::new();
    for _ in 0..5 {
        org.transport.json(400, locked);
    }
    let error = start(&org).await.unwrap_err();
    assert!(matches!(error, StartError::NotStarted(_)), "{error}");
    assert_eq!(org.requests().len(), 5);
}

#[tokio::test]
async fn a_deploy_is_awaited_for_its_outcome() {
    let check = async |org: ScriptedOrg, expected: Expect| {
        let package = package();
        let line = match org.client.deploy(&package).check_only().await {
            Ok(outcome) => outcome.to_string(),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&line);
        let requests = org.requests();
        let posts = requests.iter().filter(|line| line.starts_with("POST"));
        assert_eq!(posts.count(), 1, "{requests:?}");
    };
    let org = ScriptedOrg::new();
    org.transport
        .json(201, started())
        .json(200, status("Succeeded", true, true, "{}"));
    check(
        org,
        expect!["deploy Succeeded: 1 of 3 components, 0 with errors"],
    )
    .await;

    let org = ScriptedOrg::new();
    let failures = r#"{"componentFailures":[{"fileName":"package.xml","problem":"one\ntwo","problemType":"Error"}]}"#;
    org.transport
        .json(201, started())
        .json(200, status("Failed", true, false, failures));
    check(
        org,
        expect!["deploy Failed: 0 of 3 components with errors; package.xml (in the package): one"],
    )
    .await;

    let org = ScriptedOrg::new();
    org.transport.fail(TransportErrorKind::Reset);
    check(org, expect![[r#"the request that starts the deploy may have reached the org, but its response was lost: check Setup, "Deployment Status", before you deploy again"#]]).await;

    let org = ScriptedOrg::new();
    org.transport.json(
        403,
        r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]"#,
    );
    check(
        org,
        expect!["error: the org refused the REST deployRequest request (HTTP 403)"],
    )
    .await;
}

#[tokio::test]
async fn a_refused_start_has_the_reason() {
    let org = ScriptedOrg::new();
    org.transport.json(
        400,
        r#"[{"errorCode":"INVALID_OPERATION","message":"No zip file content passed in"}]"#,
    );
    let error = start(&org).await.unwrap_err();
    assert!(!error.is_unknown() && !error.is_auth());
    let reason = error.error().api_error().unwrap().to_string();
    assert_eq!(reason, "INVALID_OPERATION: No zip file content passed in");
}

#[tokio::test]
async fn a_refused_session_is_an_authentication_error() {
    let org = ScriptedOrg::new();
    org.transport
        .json(401, EXPIRED.replace("Session", &format!("{TOKEN} Session")));
    let error = start(&org).await.unwrap_err();
    assert!(error.is_auth() && !error.is_unknown());
    let text = format!("{error} {error:?} {}", error.error());
    assert!(
        text.contains("[access token]") && !text.contains(TOKEN),
        "{text}"
    );
}

#[tokio::test]
async fn a_quick_deploy_has_its_own_id() {
    let org = ScriptedOrg::new();
    org.transport.json(201, started());
    let validated = "0Af5g00000VALIDATE".parse().unwrap();
    let deployment = org.client.quick_deploy(&validated).start().await.unwrap();
    assert_eq!(deployment.id().as_str(), DEPLOY);
}
