//! The outcome and the problems of a final status.

use eca_deploy::{DeployDetails, DeployOutcome, DeployResult, Deployment, SourceMap};
use expect_test::{Expect, expect};

use crate::support::{DEPLOY, ScriptedOrg, package, project, status};

async fn read(body: String) -> DeployResult {
    let org = ScriptedOrg::always(200, "application/json", body);
    let deployment = Deployment::attach(&org.client, DEPLOY.parse().unwrap());
    deployment.status_with_retry().await.unwrap()
}

/// Compares the outcome's kind and problems for a status, success and details.
async fn check(state: &str, success: bool, details: &str, expected: Expect) {
    check_with(state, success, details, package().source_map(), expected).await;
}

async fn check_with(state: &str, success: bool, details: &str, map: &SourceMap, expected: Expect) {
    let result = read(status(state, true, success, details)).await;
    let outcome = DeployOutcome::from_result(result, map).unwrap();
    let kind = match &outcome {
        DeployOutcome::Succeeded(_) => "succeeded",
        DeployOutcome::SucceededPartial(_) => "partial",
        DeployOutcome::Failed(_) => "failed",
        DeployOutcome::Canceled(_) => "canceled",
        _ => "unknown",
    };
    let mut text = format!("{kind}\n");
    for problem in outcome.problems() {
        text += &format!("{:?} {:?} {problem}\n", problem.severity, problem.channel);
    }
    expected.assert_eq(&text);
}

const FAILURE: &str = r#"{"fileName":"extlClntAppOauthSettings/Shop_oauth.ecaOauth","fullName":"Shop_oauth",
    "componentType":"ExtlClntAppOauthSettings","success":false,"problemType":"Error",
    "problem":"Invalid logout URL","lineNumber":8,"columnNumber":22}"#;

#[tokio::test]
async fn component_messages_find_their_local_line() {
    // The package has no oauthLink, so its line 8 is the file's line 9.
    check(
        "Failed",
        false,
        &format!(r#"{{"componentFailures":[{FAILURE}]}}"#),
        expect![[r#"
            failed
            Error Component force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:9:22: Invalid logout URL
        "#]],
    ).await;
    // Followed by another process, which has the project but not the package.
    check_with(
        "Failed",
        false,
        &format!(
            r#"{{"componentFailures":{}}}"#,
            FAILURE.replace("\"extl", "\"unpackaged/extl")
        ),
        &SourceMap::from_project(&project()),
        expect![[r#"
            failed
            Error Component force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:8:22: Invalid logout URL
        "#]],
    ).await;
    check_with(
        "Failed",
        false,
        &format!(r#"{{"componentFailures":[{FAILURE}]}}"#),
        &SourceMap::default(),
        expect![[r#"
            failed
            Error Component extlClntAppOauthSettings/Shop_oauth.ecaOauth:8:22 (in the package): Invalid logout URL
        "#]],
    ).await;
}

#[tokio::test]
async fn a_failure_without_a_reason_has_a_problem() {
    check(
        "Failed",
        false,
        "{}",
        expect![[r#"
        failed
        Error Unexplained the org ended the deploy as Failed without a reason
    "#]],
    )
    .await;
    check(
        "Postponed",
        false,
        "null",
        expect![[r#"
        failed
        Error Unexplained the org ended the deploy as Postponed without a reason
    "#]],
    )
    .await;
    check(
        "Failed",
        false,
        r#"{"componentFailures":[{"fullName":"Shop","componentType":"ExternalClientApplication","success":false}]}"#,
        expect![[r#"
            failed
            Error Component force-app/main/default/externalClientApps/Shop.eca-meta.xml: the org gives no reason for this component
        "#]],
    ).await;
}

#[tokio::test]
async fn every_channel_has_problems() {
    let details = format!(
        r#"{{"componentFailures":[{FAILURE}],
        "componentSuccesses":[{{"fullName":"Shop","componentType":"ExternalClientApplication","success":true,
            "problem":"Distribution state is deprecated","problemType":"Warning","fileName":"externalClientApps/Shop.eca"}},
            {{"fullName":"package.xml","fileName":"package.xml","success":true}}],
        "runTestResult":{{"numTestsRun":2,"numFailures":1,
            "failures":[{{"name":"ShopTest","methodName":"login","message":"System.AssertException: no","stackTrace":null}}],
            "codeCoverageWarnings":[{{"name":null,"message":"Average test coverage is 12%, at least 75% is required"}}],
            "flowCoverageWarnings":[{{"flowName":"Checkout","message":"not covered"}}]}}}},
        "errorStatusCode":"UNKNOWN_EXCEPTION","errorMessage":"ErrorId if you contact support: 1-2 (3)","x":{{"y":1}}"#
    );
    // The last members are outside of `details`.
    let details = details.replace("}},\n        \"errorStatusCode\"", "}},\"errorStatusCode\"");
    check(
        "Failed",
        false,
        &details[..],
        expect![[r#"
        failed
        Error Deploy UNKNOWN_EXCEPTION: ErrorId if you contact support: 1-2 (3)
        Error Component force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:9:22: Invalid logout URL
        Error Test ShopTest.login: System.AssertException: no
        Error Coverage Average test coverage is 12%, at least 75% is required
        Error Coverage Checkout: not covered
        Warning Component force-app/main/default/externalClientApps/Shop.eca-meta.xml: Distribution state is deprecated
    "#]],
    ).await;
}

#[tokio::test]
async fn other_outcomes() {
    check(
        "Succeeded",
        true,
        "{}",
        expect![[r#"
        succeeded
    "#]],
    )
    .await;
    check(
        "Canceled",
        false,
        "{}",
        expect![[r#"
        canceled
    "#]],
    )
    .await;
    check(
        "SucceededPartial",
        false,
        &format!(r#"{{"componentFailures":[{FAILURE}]}}"#),
        expect![[r#"
            partial
            Error Component force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml:9:22: Invalid logout URL
        "#]],
    ).await;
    check(
        "NewStatus",
        true,
        "{}",
        expect![[r#"
        succeeded
    "#]],
    )
    .await;
}

#[tokio::test]
async fn numbers_out_of_range_are_read() {
    let body = r#"{"deployResult":{"status":"Failed","done":"true","success":"false","stateDetail":"Saving",
        "numberComponentErrors":99999999999999,"numberTestErrors":"4294967295","numberComponentsTotal":-3,
        "details":{"componentFailures":[{"fileName":"externalClientApps/Shop.eca","fullName":"Shop",
        "problem":"no","lineNumber":"99999999999999","columnNumber":-1}]}}}"#;
    let result = read(body.to_owned()).await;
    let outcome = DeployOutcome::from_result(result.clone(), package().source_map()).unwrap();
    expect!["force-app/main/default/externalClientApps/Shop.eca-meta.xml:4294967295: no"]
        .assert_eq(&outcome.problems()[0].to_string());

    let mut bare = result;
    bare.details = DeployDetails::default();
    let outcome = DeployOutcome::from_result(bare, &SourceMap::default()).unwrap();
    expect!["the org ended the deploy as Failed without a reason; it counts 4294967295 components and 4294967295 tests with errors; its last state was: Saving"].assert_eq(&outcome.problems()[0].to_string());
}
