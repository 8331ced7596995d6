//! Deploys over the REST resource `metadata/deployRequest` (Metadata API Developer Guide, "Deploy
//! Metadata with REST"): start, status, cancel, quick deploy. It takes access tokens of either
//! format.

use bytes::Bytes;
use eca_oauth::AccessToken;
use http::{Method, Request, Response};
use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::id::DeployId;
use crate::wire::call::error::ResponseError;
use crate::wire::call::request::{RequestError, rest};
use crate::wire::call::response::OperationResponse;
use crate::wire::multipart;
use crate::wire::tree::Node;
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;
use crate::wire::zip::Zip;

const START: &str = "REST deployRequest";
const STATUS: &str = "REST deployRequest status";
const CANCEL: &str = "REST deployRequest cancel";
const QUICK: &str = "REST deployRequest quick deploy";

/// `POST …/metadata/deployRequest`. **Not repeatable**: each request that reaches the org starts a
/// deploy.
pub(crate) fn start(
    endpoint: &Endpoint,
    token: &AccessToken,
    options: &DeployOptions,
    zip: &Zip,
) -> Result<Request<Bytes>, RequestError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Start<'a> {
        deploy_options: &'a DeployOptions,
    }
    let json = json(&Start {
        deploy_options: options,
    });
    let multipart = multipart::deploy(&json, zip);
    rest(
        Method::POST,
        &endpoint.deploy_request(),
        token,
        Some(&multipart.content_type),
        multipart.body,
    )
}

/// After a response without an id the deploy may be running.
pub(crate) fn parse_start(response: &Response<Bytes>) -> Result<DeployId, ResponseError> {
    started(START, response)
}

/// `GET …/metadata/deployRequest/{id}`.
pub(crate) fn status(
    endpoint: &Endpoint,
    token: &AccessToken,
    id: &DeployId,
    include_details: bool,
) -> Result<Request<Bytes>, RequestError> {
    let query = if include_details {
        "?includeDetails=true"
    } else {
        ""
    };
    let url = format!("{}/{id}{query}", endpoint.deploy_request());
    rest(Method::GET, &url, token, None, Bytes::new())
}

pub(crate) fn parse_status(response: &Response<Bytes>) -> Result<DeployResult, ResponseError> {
    let response = OperationResponse::new(STATUS, response);
    let node = response.json()?;
    deploy_result(&node)
        .ok_or_else(|| response.unreadable("it has no deployResult with a status", None))
}

/// `PATCH …/metadata/deployRequest/{id}`.
pub(crate) fn cancel(
    endpoint: &Endpoint,
    token: &AccessToken,
    id: &DeployId,
) -> Result<Request<Bytes>, RequestError> {
    let url = format!("{}/{id}", endpoint.deploy_request());
    let body = Bytes::from_static(br#"{"deployResult":{"status":"Canceling"}}"#);
    rest(Method::PATCH, &url, token, Some("application/json"), body)
}

/// [`DeployStatus::Canceling`] until the deploy has stopped.
pub(crate) fn parse_cancel(response: &Response<Bytes>) -> Result<DeployStatus, ResponseError> {
    let node = OperationResponse::new(CANCEL, response).json()?;
    Ok(deploy_result(&node).map_or(DeployStatus::Canceling, |result| result.status))
}

/// A quick deploy. **Not repeatable**, as [`start`].
pub(crate) fn quick_deploy(
    endpoint: &Endpoint,
    token: &AccessToken,
    validated: &DeployId,
) -> Result<Request<Bytes>, RequestError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Quick<'a> {
        validated_deploy_request_id: &'a DeployId,
    }
    let body = json(&Quick {
        validated_deploy_request_id: validated,
    });
    rest(
        Method::POST,
        &endpoint.deploy_request(),
        token,
        Some("application/json"),
        Bytes::from(body),
    )
}

/// The id of the new deploy, which differs from the validation's.
pub(crate) fn parse_quick_deploy(response: &Response<Bytes>) -> Result<DeployId, ResponseError> {
    started(QUICK, response)
}

fn started(operation: &'static str, response: &Response<Bytes>) -> Result<DeployId, ResponseError> {
    let response = OperationResponse::new(operation, response);
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
    Some(result)
}

fn json(body: &impl Serialize) -> Vec<u8> {
    // Serializing structs of booleans and strings cannot fail.
    serde_json::to_vec(body).unwrap_or_default()
}
