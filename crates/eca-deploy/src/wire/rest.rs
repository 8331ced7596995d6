//! Deploys over the REST resource `metadata/deployRequest` (Metadata API Developer Guide, "Deploy
//! Metadata with REST"): start, status, cancel, quick deploy. It takes access tokens of either
//! format.

use bytes::Bytes;
use eca_http::Idempotency;
use http::Method;
use serde::Serialize;

use crate::id::DeployId;
use crate::wire::call::Call;
use crate::wire::call::error::ResponseError;
use crate::wire::call::request::rest;
use crate::wire::call::response::OperationResponse;
use crate::wire::multipart;
use crate::wire::tree::Node;
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;
use crate::wire::zip::Zip;

const JSON: Option<&str> = Some("application/json");

/// `POST …/metadata/deployRequest`. **Not repeatable**: each request that reaches the org starts a
/// deploy.
pub(crate) fn deploy<'a>(options: &'a DeployOptions, zip: &'a Zip) -> Call<'a, DeployId> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        deploy_options: &'a DeployOptions,
    }
    Call::new(
        "REST deployRequest",
        Idempotency::NotIdempotent,
        move |endpoint, token| {
            let json = json(&Body {
                deploy_options: options,
            });
            let multipart = multipart::deploy(&json, zip);
            let content_type = Some(&*multipart.content_type);
            let url = endpoint.deploy_request();
            rest(Method::POST, &url, token, content_type, multipart.body)
        },
        deploy_id,
    )
}

/// `GET …/metadata/deployRequest/{id}`.
pub(crate) fn deploy_status(id: &DeployId, include_details: bool) -> Call<'_, DeployResult> {
    Call::new(
        "REST deployRequest status",
        Idempotency::Idempotent,
        move |endpoint, token| {
            let query = if include_details {
                "?includeDetails=true"
            } else {
                ""
            };
            let url = format!("{}/{id}{query}", endpoint.deploy_request());
            rest(Method::GET, &url, token, None, Bytes::new())
        },
        |response| {
            deploy_result(&response.json()?)
                .ok_or_else(|| response.unreadable("it has no deployResult with a status", None))
        },
    )
}

/// `PATCH …/metadata/deployRequest/{id}`. The status is [`DeployStatus::Canceling`] until the
/// deploy has stopped.
pub(crate) fn cancel_deploy(id: &DeployId) -> Call<'_, DeployStatus> {
    Call::new(
        "REST deployRequest cancel",
        Idempotency::Idempotent,
        move |endpoint, token| {
            let url = format!("{}/{id}", endpoint.deploy_request());
            let body = Bytes::from_static(br#"{"deployResult":{"status":"Canceling"}}"#);
            rest(Method::PATCH, &url, token, JSON, body)
        },
        |response| {
            let result = deploy_result(&response.json()?);
            Ok(result.map_or(DeployStatus::Canceling, |result| result.status))
        },
    )
}

/// A quick deploy; the id is that of the new deploy. **Not repeatable**, as [`deploy`].
pub(crate) fn quick_deploy(validated: &DeployId) -> Call<'_, DeployId> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        validated_deploy_request_id: &'a DeployId,
    }
    Call::new(
        "REST deployRequest quick deploy",
        Idempotency::NotIdempotent,
        move |endpoint, token| {
            let body = json(&Body {
                validated_deploy_request_id: validated,
            });
            let url = endpoint.deploy_request();
            rest(Method::POST, &url, token, JSON, Bytes::from(body))
        },
        deploy_id,
    )
}

/// After a response without an id the deploy may be running.
fn deploy_id(response: &OperationResponse<'_>) -> Result<DeployId, ResponseError> {
    let node = response.json()?;
    node.text_of(&["id"])
        .or_else(|| node.child(&["deployResult"])?.text_of(&["id"]))
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| response.unreadable("it has no id of a deploy", None))
}

/// The guide wraps the result in `deployResult`; one without that is read as well.
fn deploy_result(node: &Node<'_>) -> Option<DeployResult> {
    let mut result = DeployResult::read(node.child(&["deployResult"]).unwrap_or(node))?;
    if result.id.is_none() {
        result.id = node.text_of(&["id"]).and_then(|id| id.parse().ok());
    }
    let validated = node.text_of(&["validatedDeployRequestId"]);
    result.validated_deploy_request_id = validated.and_then(|id| id.parse().ok());
    if let Some(options) = node.child(&["deployOptions"]) {
        result.test_level = options.string_of(&["testLevel"]);
        let tests = options.all("runTests").filter_map(Node::text);
        result.run_tests = Some(tests.map(str::to_owned).collect());
    }
    Some(result)
}

fn json(body: &impl Serialize) -> Vec<u8> {
    // Serializing structs of booleans and strings cannot fail.
    serde_json::to_vec(body).unwrap_or_default()
}
