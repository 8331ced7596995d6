//! Step 7: logins that the org must refuse.

use std::time::{Duration, SystemTime};

use eca_attest::{Jti, KeyKind, Provider};
use eca_oauth::{Error, HeadlessClient, OAuthError, PkceVerifier};
use serde_json::json;

use crate::commands::demo::context::{DemoContext, broken, failed};
use crate::commands::demo::customer::{Customer, DeployedApp};
use crate::commands::demo::login::{attestation, minter};
use crate::commands::demo::transcript::DemoStep;
use crate::failure::Failure;

/// A login that must be refused.
struct Case {
    title: &'static str,
    /// The expected error code.
    code: &'static str,
    /// A word of the expected description: a refusal for another reason does not count.
    reason: &'static str,
}

const OTHER_KEY: Case = Case {
    title: "an attestation signed by another key",
    code: "invalid_client",
    reason: "signature",
};
const REPLAYED: Case = Case {
    title: "an attestation whose jti was sent before",
    code: "invalid_client",
    reason: "jti",
};
const EXPIRED: Case = Case {
    title: "an expired attestation",
    code: "invalid_client",
    reason: "expired",
};
const WRONG_VERIFIER: Case = Case {
    title: "a code with the wrong PKCE verifier",
    code: "invalid_grant",
    reason: "verifier",
};

/// Step 7.
pub(super) async fn refusals(
    demo: &DemoContext<'_>,
    app: &DeployedApp,
    customer: &Customer,
    step: &mut DemoStep,
) -> Result<(), Failure> {
    let other = Provider::AwsLcRs.generate(KeyKind::Rsa2048);
    let other = other.map_err(|error| broken(&error))?;
    let mut seen = Vec::new();
    let ours = || attestation(demo, app);
    let client = |attestation, key, clock| {
        let attestations = minter(attestation, key, clock)?;
        customer.client(demo, app, attestations)
    };

    let foreign = client(ours()?, &other, SystemTime::now)?;
    let refused = challenge(&foreign, customer).await;
    check(demo, &OTHER_KEY, refused, &mut seen)?;
    let replayed = ours()?.id(Jti::Given("sent-before".to_owned()));
    let replayed = client(replayed, &app.key, SystemTime::now)?;
    let refused = challenge(&replayed, customer).await;
    check(demo, &REPLAYED, refused, &mut seen)?;
    let late = || SystemTime::now() - Duration::from_hours(1);
    let late = client(ours()?, &app.key, late)?;
    let refused = challenge(&late, customer).await;
    check(demo, &EXPIRED, refused, &mut seen)?;
    let client = client(ours()?, &app.key, SystemTime::now)?;
    let refused = wrong_verifier(&client, customer).await;
    check(demo, &WRONG_VERIFIER, refused, &mut seen)?;

    step.summary(format!("{0} of {0} refused", seen.len()));
    step.fact("refusals", seen);
    Ok(())
}

/// A login up to the code; its error, if it has one.
async fn challenge(client: &HeadlessClient, customer: &Customer) -> Result<Option<Error>, Failure> {
    let verifier = PkceVerifier::generate().map_err(|error| broken(&error))?;
    let result = client
        .authorize(&customer.username, &customer.password, verifier.challenge())
        .await;
    Ok(result.err())
}

/// A valid login whose code is redeemed with the verifier of another one.
async fn wrong_verifier(
    client: &HeadlessClient,
    customer: &Customer,
) -> Result<Option<Error>, Failure> {
    let [verifier, other] = [PkceVerifier::generate(), PkceVerifier::generate()];
    let verifier = verifier.map_err(|error| broken(&error))?;
    let other = other.map_err(|error| broken(&error))?;
    let authorized = client
        .authorize(&customer.username, &customer.password, verifier.challenge())
        .await
        .map_err(|error| broken(&error))?;
    Ok(client.redeem(authorized, other).await.err())
}

/// Checks that the org refused the login, and for this reason.
fn check(
    demo: &DemoContext<'_>,
    case: &Case,
    refused: Result<Option<Error>, Failure>,
    seen: &mut Vec<serde_json::Value>,
) -> Result<(), Failure> {
    let title = case.title;
    let Some(error) = refused? else {
        return Err(failed(format!("the org accepted {title}")));
    };
    let Some(answer) = error.oauth() else {
        return Err(broken(&error));
    };
    let said = words(answer);
    if answer.code() != case.code || !said.contains(case.reason) {
        return Err(failed(format!(
            "the org refused {title}, but for another reason: {said}"
        )));
    }
    demo.print(format_args!("{title:<42} -> {said}"));
    seen.push(json!({
        "case": title,
        "error": answer.code(),
        "description": answer.description(),
        "status": answer.status(),
    }));
    Ok(())
}

/// The code and description of the org.
fn words(answer: &OAuthError) -> String {
    match answer.description() {
        Some(description) => format!("{}: {description}", answer.code()),
        None => answer.code().to_owned(),
    }
}
