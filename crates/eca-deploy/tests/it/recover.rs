//! A start whose response was lost, and deploys that stall.

use std::time::Duration;

use eca_deploy::{Deployment, PollPolicy, StartError, Update};
use eca_http::TransportErrorKind;
use expect_test::expect;

use crate::support::{DEPLOY, ScriptedOrg, package, status};

const OTHER: &str = "0Af5g00000CCCCCCCC";
const KNOWN: &str = "0Af5g00000DDDDDDDD";

/// The org's list of deploys: id, creation time, check-only. The clock starts at
/// 2025-01-01T00:00:00Z.
fn listed(deploys: &[(&str, &str, bool)]) -> String {
    let records: Vec<_> = deploys
        .iter()
        .map(|(id, at, check_only)| {
            format!(
                r#"{{"attributes":{{"type":"DeployRequest"}},"Id":"{id}","Status":"InProgress","CheckOnly":{check_only},
                    "CreatedDate":"{at}","CreatedBy":{{"attributes":{{}},"Name":"A"}},"NumberComponentsTotal":3}}"#
            )
        })
        .collect();
    format!(
        r#"{{"size":{0},"totalSize":{0},"done":true,"records":[{1}]}}"#,
        records.len(),
        records.join(",")
    )
}

fn sized(size: u64) -> String {
    status("InProgress", false, false, "{}")
        .replace("\"done\"", &format!("\"zipSize\":{size},\"done\""))
}

fn with_file(name: &str) -> String {
    let details = format!(
        r#"{{"componentSuccesses":[{{"fileName":"{name}","componentType":"ExternalClientApplication","success":true}}]}}"#
    );
    status("InProgress", false, false, &details)
}

const NOW: &str = "2025-01-01T00:00:00.000+0000";

/// Loses the response to a start, then gives these responses. Returns the id that was found, if
/// any, and the requests. `KNOWN` is known to be another deploy.
async fn check(responses: &[String]) -> (Option<String>, Vec<String>) {
    let org = ScriptedOrg::new();
    org.transport.fail(TransportErrorKind::Reset);
    for response in responses {
        org.transport.json(200, response.clone());
    }
    let (package, known) = (package(), vec![KNOWN.parse().unwrap()]);
    let deploy = org.client.deploy(&package).recover_lost(known);
    let found = deploy.start().await;
    let posts = org.requests();
    let posts = posts.iter().filter(|line| line.starts_with("POST"));
    assert_eq!(posts.count(), 1, "a start is never sent again");
    let id = match found {
        Ok(deployment) => {
            assert!(deployment.was_recovered());
            Some(deployment.id().to_string())
        }
        Err(error) => {
            assert!(matches!(error, StartError::Lost(_)), "{error}");
            None
        }
    };
    (id, org.requests())
}

#[tokio::test]
async fn a_lost_deploy_is_found_by_its_size() {
    let size = package().zip().length();
    let (id, requests) = check(&[
        listed(&[(OTHER, NOW, false), (DEPLOY, NOW, false)]),
        sized(size + 1),
        sized(size),
    ])
    .await;
    assert_eq!(id.as_deref(), Some(DEPLOY));
    expect![[r#"
        POST /services/data/v66.0/metadata/deployRequest
        GET /services/data/v66.0/tooling/query?q=SELECT+Id,+Status,+CheckOnly,+CreatedDate,+CreatedBy.Name,+StartDate,+CompletedDate,+StateDetail,+NumberComponentsTotal,+NumberComponentsDeployed,+NumberComponentErrors,+NumberTestsTotal,+NumberTestsCompleted,+NumberTestErrors,+ErrorMessage+FROM+DeployRequest+ORDER+BY+CreatedDate+DESC+NULLS+LAST+LIMIT+25
        GET /services/data/v66.0/metadata/deployRequest/0Af5g00000CCCCCCCC?includeDetails=true
        GET /services/data/v66.0/metadata/deployRequest/0Af5g00000AAAAAAAA?includeDetails=true"#]]
    .assert_eq(&requests.join("\n"));
}

#[tokio::test]
async fn a_lost_deploy_is_found_by_its_components_without_a_size() {
    let (id, _) = check(&[
        listed(&[(OTHER, NOW, false), (DEPLOY, NOW, false)]),
        with_file("externalClientApps/Other.eca"),
        with_file("unpackaged/externalClientApps/Shop.eca"),
    ])
    .await;
    assert_eq!(id.as_deref(), Some(DEPLOY));
}

/// The same package was deployed shortly before, as when a failed deploy is retried.
#[tokio::test]
async fn an_earlier_deploy_does_not_match() {
    let size = package().zip().length();
    let known = (KNOWN, NOW, false);
    let (id, _) = check(&[listed(&[known, (DEPLOY, NOW, false)]), sized(size)]).await;
    assert_eq!(id.as_deref(), Some(DEPLOY));
    let (id, _) = check(&[listed(&[known])]).await;
    assert_eq!(id, None);
    let before = "2024-12-31T23:59:45.000+0000";
    let (id, _) = check(&[listed(&[(DEPLOY, before, false)]), sized(size)]).await;
    assert_eq!(id, None);
}

#[tokio::test]
async fn a_lost_deploy_may_be_listed_late() {
    let size = package().zip().length();
    let (id, requests) = check(&[listed(&[]), listed(&[(DEPLOY, NOW, false)]), sized(size)]).await;
    assert_eq!(id.as_deref(), Some(DEPLOY));
    assert_eq!(requests.len(), 4);
}

#[tokio::test]
async fn other_deploys_do_not_match() {
    let size = package().zip().length();
    let old = "2024-12-31T23:00:00.000+0000";
    for responses in [
        // Too old, or check-only: their status is not requested.
        vec![listed(&[(DEPLOY, old, false), (OTHER, NOW, true)])],
        // Two that match.
        vec![
            listed(&[(DEPLOY, NOW, false), (OTHER, NOW, false)]),
            sized(size),
            sized(size),
        ],
        // One that matches, and one without a size.
        vec![
            listed(&[(DEPLOY, NOW, false), (OTHER, NOW, false)]),
            sized(size),
            status("Pending", false, false, "{}"),
        ],
        // One without a size.
        vec![
            listed(&[(DEPLOY, NOW, false)]),
            status("Pending", false, false, "{}"),
        ],
        vec!["[]".to_owned()],
    ] {
        let (id, _) = check(&responses).await;
        assert_eq!(id, None, "{responses:?}");
    }
}

#[tokio::test]
async fn a_refused_start_is_not_searched_for() {
    let org = ScriptedOrg::new();
    let refusal = r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]"#;
    org.transport.json(403, refusal);
    let package = package();
    let deploy = org.client.deploy(&package).recover_lost(Vec::new());
    let refused = deploy.start().await;
    assert!(matches!(refused, Err(StartError::NotStarted(_))));
    assert_eq!(org.requests().len(), 1);
}

#[tokio::test]
async fn a_stall_is_reported_once() {
    let org = ScriptedOrg::new();
    for _ in 0..200 {
        org.transport
            .json(200, status("InProgress", false, false, "{}"));
    }
    let policy = PollPolicy::default().with_wait(Duration::from_mins(20));
    let mut deployment =
        Deployment::attach(&org.client, DEPLOY.parse().unwrap()).with_policy(policy);
    let mut stalls = Vec::new();
    while let Some(update) = deployment.next_update().await {
        if let Update::Stalled { unchanged, last } = update {
            stalls.push((unchanged, last.number_components_deployed));
        }
    }
    let [(unchanged, 1)] = stalls[..] else {
        panic!("{stalls:?}");
    };
    assert!(unchanged >= Duration::from_mins(5) && unchanged < Duration::from_mins(6));
}
