//! The Metadata API over SOAP 1.1 (WSDL 66.0): retrieve and list, which REST does not offer, and
//! deploys for orgs without the REST resource. Requests follow the WSDL to the letter, including
//! the order of elements.

pub(crate) mod crud;
pub(crate) mod envelope;
pub(crate) mod headers;

use std::str::FromStr;

use bytes::Bytes;
use eca_model::Manifest;
use eca_oauth::AccessToken;
use http::{Request, Response};

use crate::endpoint::Endpoint;
use crate::id::{DeployId, RetrieveId};
use crate::wire::call::error::ResponseError;
use crate::wire::call::request::RequestError;
use crate::wire::call::response::OperationResponse;
use crate::wire::soap::envelope::call;
use crate::wire::soap::headers::Headers;
use crate::wire::tree::Node;
use crate::wire::types::describe::{DescribeMetadataResult, ListQuery};
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;
use crate::wire::types::retrieve_result::{FileProperties, RetrieveResult};
use crate::wire::types::status::DeployStatus;
use crate::wire::types::value_type::DescribeValueTypeResult;
use crate::wire::xml::{element, flag};
use crate::wire::zip::Zip;

/// `deploy`. **Not repeatable**: each request that reaches the org starts a deploy.
pub(crate) fn deploy(
    endpoint: &Endpoint,
    token: &AccessToken,
    options: &DeployOptions,
    zip: &Zip,
) -> Result<Request<Bytes>, RequestError> {
    let headers = Headers {
        debugging: options.debugging.as_ref(),
        ..Headers::default()
    };
    envelope::call_with(endpoint, token, "deploy", headers, |xml| {
        xml.push_str("<ZipFile>");
        zip.push_base64(xml);
        xml.push_str("</ZipFile><DeployOptions>");
        options.write_soap(xml);
        xml.push_str("</DeployOptions>");
    })
}

/// After a response without an id the deploy may be running.
pub(crate) fn parse_deploy(response: &Response<Bytes>) -> Result<DeployId, ResponseError> {
    job_id("deploy", response)
}

pub(crate) fn check_deploy_status(
    endpoint: &Endpoint,
    token: &AccessToken,
    id: &DeployId,
    include_details: bool,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "checkDeployStatus", |xml| {
        element(xml, "asyncProcessId", id.as_str());
        element(xml, "includeDetails", flag(include_details));
    })
}

pub(crate) fn parse_check_deploy_status(
    response: &Response<Bytes>,
) -> Result<DeployResult, ResponseError> {
    let response = OperationResponse::new("checkDeployStatus", response);
    let (node, debug_log) = response.soap_with_log()?;
    let mut result = node
        .child(&["result"])
        .and_then(DeployResult::read)
        .ok_or_else(|| response.unreadable("it has no result with a status", None))?;
    result.debug_log = debug_log;
    Ok(result)
}

/// `deployRecentValidation`: a quick deploy (Metadata API Developer Guide,
/// "deployRecentValidation()"). **Not repeatable**, as [`deploy`].
pub(crate) fn deploy_recent_validation(
    endpoint: &Endpoint,
    token: &AccessToken,
    validated: &DeployId,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "deployRecentValidation", |xml| {
        element(xml, "validationId", validated.as_str());
    })
}

/// The id of the new deploy, which differs from the validation's.
pub(crate) fn parse_deploy_recent_validation(
    response: &Response<Bytes>,
) -> Result<DeployId, ResponseError> {
    let response = OperationResponse::new("deployRecentValidation", response);
    let node = response.soap()?;
    // The result is the id itself.
    parse_id(&node, "result").ok_or_else(|| response.unreadable("it has no id", None))
}

pub(crate) fn cancel_deploy(
    endpoint: &Endpoint,
    token: &AccessToken,
    id: &DeployId,
) -> Result<Request<Bytes>, RequestError> {
    // The element's name in the WSDL is `String`.
    call(endpoint, token, "cancelDeploy", |xml| {
        element(xml, "String", id.as_str());
    })
}

/// [`DeployStatus::Canceling`] until the deploy has stopped.
pub(crate) fn parse_cancel_deploy(
    response: &Response<Bytes>,
) -> Result<DeployStatus, ResponseError> {
    let node = OperationResponse::new("cancelDeploy", response).soap()?;
    let result = node.child(&["result"]);
    let done = result.and_then(|result| result.bool_of(&["done"]));
    Ok(if done == Some(true) {
        DeployStatus::Canceled
    } else {
        DeployStatus::Canceling
    })
}

/// `retrieve`: the files of the zip are under `unpackaged/`. Repeatable: it changes nothing.
pub(crate) fn retrieve(
    endpoint: &Endpoint,
    token: &AccessToken,
    manifest: &Manifest,
) -> Result<Request<Bytes>, RequestError> {
    let version = manifest.version.to_string();
    call(endpoint, token, "retrieve", |xml| {
        xml.push_str("<retrieveRequest>");
        element(xml, "apiVersion", &endpoint.version().to_string());
        element(xml, "singlePackage", flag(false));
        xml.push_str("<unpackaged>");
        for (kind, members) in &manifest.types {
            xml.push_str("<types>");
            for member in members {
                element(xml, "members", member);
            }
            element(xml, "name", kind);
            xml.push_str("</types>");
        }
        element(xml, "version", &version);
        xml.push_str("</unpackaged></retrieveRequest>");
    })
}

pub(crate) fn parse_retrieve(response: &Response<Bytes>) -> Result<RetrieveId, ResponseError> {
    job_id("retrieve", response)
}

/// `checkRetrieveStatus`. With `include_zip` the first response of a finished retrieve carries the
/// zip **and deletes it in the org** (Metadata API Developer Guide, "checkRetrieveStatus()"): poll
/// without, then fetch once.
pub(crate) fn check_retrieve_status(
    endpoint: &Endpoint,
    token: &AccessToken,
    id: &RetrieveId,
    include_zip: bool,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "checkRetrieveStatus", |xml| {
        element(xml, "asyncProcessId", id.as_str());
        element(xml, "includeZip", flag(include_zip));
    })
}

pub(crate) fn parse_check_retrieve_status(
    response: &Response<Bytes>,
) -> Result<RetrieveResult, ResponseError> {
    let response = OperationResponse::new("checkRetrieveStatus", response);
    match RetrieveResult::read(&response.soap_result()?) {
        Ok(Some(result)) => Ok(result),
        Ok(None) => Err(response.unreadable("its result has no status", None)),
        Err(_) => Err(response.unreadable("its zipFile is not base64", None)),
    }
}

/// `listMetadata`, with at most [`ListQuery::MAX_PER_CALL`] queries.
pub(crate) fn list_metadata(
    endpoint: &Endpoint,
    token: &AccessToken,
    queries: &[ListQuery],
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "listMetadata", |xml| {
        for query in queries {
            xml.push_str("<queries>");
            if let Some(folder) = &query.folder {
                element(xml, "folder", folder);
            }
            element(xml, "type", &query.kind);
            xml.push_str("</queries>");
        }
        element(xml, "asOfVersion", &endpoint.version().to_string());
    })
}

/// The components, in the org's order.
pub(crate) fn parse_list_metadata(
    response: &Response<Bytes>,
) -> Result<Vec<FileProperties>, ResponseError> {
    let node = OperationResponse::new("listMetadata", response).soap()?;
    Ok(node.all("result").map(FileProperties::read).collect())
}

pub(crate) fn describe_metadata(
    endpoint: &Endpoint,
    token: &AccessToken,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "describeMetadata", |xml| {
        element(xml, "asOfVersion", &endpoint.version().to_string());
    })
}

pub(crate) fn parse_describe_metadata(
    response: &Response<Bytes>,
) -> Result<DescribeMetadataResult, ResponseError> {
    let result = OperationResponse::new("describeMetadata", response).soap_result()?;
    Ok(DescribeMetadataResult::read(&result))
}

pub(crate) fn describe_value_type(
    endpoint: &Endpoint,
    token: &AccessToken,
    type_name: &str,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "describeValueType", |xml| {
        let qualified = format!("{{{}}}{type_name}", eca_model::xml::METADATA_NAMESPACE);
        element(xml, "type", &qualified);
    })
}

pub(crate) fn parse_describe_value_type(
    response: &Response<Bytes>,
) -> Result<DescribeValueTypeResult, ResponseError> {
    let result = OperationResponse::new("describeValueType", response).soap_result()?;
    Ok(DescribeValueTypeResult::read(&result))
}

/// The id in the `AsyncResult` of an operation that starts a job.
fn job_id<I: FromStr>(
    operation: &'static str,
    response: &Response<Bytes>,
) -> Result<I, ResponseError> {
    let response = OperationResponse::new(operation, response);
    let node = response.soap()?;
    node.child(&["result"])
        .and_then(|result| parse_id(result, "id"))
        .ok_or_else(|| response.unreadable(&format!("it has no id of a {operation}"), None))
}

fn parse_id<I: FromStr>(node: &Node<'_>, name: &str) -> Option<I> {
    node.text_of(&[name])?.parse().ok()
}
