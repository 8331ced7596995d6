//! The Metadata API over SOAP 1.1 (WSDL 66.0): retrieve and list, which REST does not serve, and
//! deploys for orgs without the REST resource. Requests follow the WSDL to the letter, the order of
//! elements included.

pub mod crud;
pub(crate) mod envelope;
pub(crate) mod headers;

use bytes::Bytes;
use eca_http::Body;
use eca_model::Manifest;
use eca_oauth::AccessToken;
use http::{Request, Response};

use crate::endpoint::Endpoint;
use crate::id::{DeployId, RetrieveId};
use crate::wire::call::error::ResponseError;
use crate::wire::call::request;
use crate::wire::call::request::RequestError;
use crate::wire::call::response::Answer;
use crate::wire::soap::envelope::call;
use crate::wire::soap::headers::Headers;
use crate::wire::types::describe::{DescribeMetadataResult, ListQuery};
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;
use crate::wire::types::retrieve_result::{FileProperties, RetrieveResult};
use crate::wire::types::status::DeployStatus;
use crate::wire::types::value_type::DescribeValueTypeResult;
use crate::wire::xml::{element, flag};
use crate::wire::zip::Zip;

/// Asks the org to deploy a zip, which is made while it is sent.
///
/// **Not repeatable**: each one that reaches the org starts a deploy.
///
/// # Errors
/// As every request over SOAP: a token in JWT format below API 68.0, or a URL that fits no request.
pub fn deploy(
    endpoint: &Endpoint,
    token: &AccessToken,
    options: &DeployOptions,
    zip: &Zip,
) -> Result<Request<Body>, RequestError> {
    let headers = Headers {
        debugging: options.debugging.as_ref(),
        ..Headers::default()
    };
    let mut head = envelope::open(endpoint, token, "deploy", headers)?;
    head.push_str("<ZipFile>");
    let mut tail = String::from("</ZipFile><DeployOptions>");
    options.write_soap(&mut tail);
    tail.push_str("</DeployOptions>");
    envelope::close("deploy", &mut tail);
    let body = Body::concat([head.into(), zip.base64(), tail.into()]);
    request::soap(&endpoint.soap(), body)
}

/// The id of the deploy that [`deploy`] began.
///
/// # Errors
/// The org's refusal, or an answer without an id: after that one the deploy may well be running.
pub fn parse_deploy(response: &Response<Bytes>) -> Result<DeployId, ResponseError> {
    let answer = Answer::new("deploy", response);
    let node = answer.soap("deployResponse")?;
    node.child(&["result"])
        .and_then(|result| result.text_of(&["id"]))
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| answer.unreadable("it has no id of a deploy", None))
}

/// Asks how a deploy is.
///
/// # Errors
/// As [`deploy`].
pub fn check_deploy_status(
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

/// How the deploy is.
///
/// # Errors
/// The org's refusal, or an answer without a status.
pub fn parse_check_deploy_status(
    response: &Response<Bytes>,
) -> Result<DeployResult, ResponseError> {
    let answer = Answer::new("checkDeployStatus", response);
    let (node, debug_log) = answer.soap_with_log("checkDeployStatusResponse")?;
    let mut result = node
        .child(&["result"])
        .and_then(DeployResult::read)
        .ok_or_else(|| answer.unreadable("it has no result with a status", None))?;
    result.debug_log = debug_log;
    Ok(result)
}

/// Deploys what a check-only deploy with tests has validated in the last ten days, without running
/// the tests again (Metadata API Developer Guide, "deployRecentValidation()").
///
/// **Not repeatable**, as [`deploy`].
///
/// # Errors
/// As [`deploy`].
pub fn deploy_recent_validation(
    endpoint: &Endpoint,
    token: &AccessToken,
    validated: &DeployId,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "deployRecentValidation", |xml| {
        element(xml, "validationId", validated.as_str());
    })
}

/// The id of the deploy that [`deploy_recent_validation`] began; another one than the validation's.
///
/// # Errors
/// As [`parse_deploy`].
pub fn parse_deploy_recent_validation(
    response: &Response<Bytes>,
) -> Result<DeployId, ResponseError> {
    let answer = Answer::new("deployRecentValidation", response);
    let node = answer.soap("deployRecentValidationResponse")?;
    // The result is the id itself.
    node.text_of(&["result"])
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| answer.unreadable("it has no id of a deploy", None))
}

/// Asks the org to cancel a deploy.
///
/// # Errors
/// As [`deploy`].
pub fn cancel_deploy(
    endpoint: &Endpoint,
    token: &AccessToken,
    id: &DeployId,
) -> Result<Request<Bytes>, RequestError> {
    // The element's name is `String`: that is what the WSDL says.
    call(endpoint, token, "cancelDeploy", |xml| {
        element(xml, "String", id.as_str());
    })
}

/// Where the cancelled deploy is: [`DeployStatus::Canceling`] until it has stopped.
///
/// # Errors
/// The org's refusal, such as for a deploy that is committing.
pub fn parse_cancel_deploy(response: &Response<Bytes>) -> Result<DeployStatus, ResponseError> {
    let node = Answer::new("cancelDeploy", response).soap("cancelDeployResponse")?;
    let result = node.child(&["result"]);
    let done = result.and_then(|result| result.bool_of(&["done"]));
    Ok(if done == Some(true) {
        DeployStatus::Canceled
    } else {
        DeployStatus::Canceling
    })
}

/// Asks the org to put the members of a manifest into a zip. Its files will be under `unpackaged/`.
///
/// Repeating it only costs the org work: nothing changes.
///
/// # Errors
/// As [`deploy`].
pub fn retrieve(
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

/// The id of the retrieve that [`retrieve`] began.
///
/// # Errors
/// The org's refusal, or an answer without an id.
pub fn parse_retrieve(response: &Response<Bytes>) -> Result<RetrieveId, ResponseError> {
    let answer = Answer::new("retrieve", response);
    let node = answer.soap("retrieveResponse")?;
    node.child(&["result"])
        .and_then(|result| result.text_of(&["id"]))
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| answer.unreadable("it has no id of a retrieve", None))
}

/// Asks how a retrieve is.
///
/// With `include_zip` the first answer of a finished retrieve carries the zip **and deletes it in
/// the org** (Metadata API Developer Guide, "checkRetrieveStatus()"): poll without, then fetch
/// once.
///
/// # Errors
/// As [`deploy`].
pub fn check_retrieve_status(
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

/// How the retrieve is.
///
/// # Errors
/// The org's refusal, an answer without a status, or a zip that is not base64.
pub fn parse_check_retrieve_status(
    response: &Response<Bytes>,
) -> Result<RetrieveResult, ResponseError> {
    let answer = Answer::new("checkRetrieveStatus", response);
    let node = answer.soap("checkRetrieveStatusResponse")?;
    let Some(result) = node.child(&["result"]) else {
        return Err(answer.unreadable("it has no result", None));
    };
    match RetrieveResult::read(result) {
        Ok(Some(result)) => Ok(result),
        Ok(None) => Err(answer.unreadable("its result has no status", None)),
        Err(_) => Err(answer.unreadable("its zipFile is not base64", None)),
    }
}

/// Asks which components of some types the org has: at most three queries a call (Metadata API
/// Developer Guide, "listMetadata()").
///
/// # Errors
/// As [`deploy`], and [`RequestError::TooManyQueries`].
pub fn list_metadata(
    endpoint: &Endpoint,
    token: &AccessToken,
    queries: &[ListQuery],
) -> Result<Request<Bytes>, RequestError> {
    if queries.len() > ListQuery::MAX_PER_CALL {
        return Err(RequestError::TooManyQueries {
            queries: queries.len(),
        });
    }
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

/// The components found, in the org's order; none if there are none.
///
/// # Errors
/// The org's refusal, such as `INVALID_TYPE` for a type that its API version does not have.
pub fn parse_list_metadata(
    response: &Response<Bytes>,
) -> Result<Vec<FileProperties>, ResponseError> {
    let node = Answer::new("listMetadata", response).soap("listMetadataResponse")?;
    Ok(node.all("result").map(FileProperties::read).collect())
}

/// Asks which metadata types the org has.
///
/// # Errors
/// As [`deploy`].
pub fn describe_metadata(
    endpoint: &Endpoint,
    token: &AccessToken,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "describeMetadata", |xml| {
        element(xml, "asOfVersion", &endpoint.version().to_string());
    })
}

/// The types of the org.
///
/// # Errors
/// The org's refusal, or an answer without a result.
pub fn parse_describe_metadata(
    response: &Response<Bytes>,
) -> Result<DescribeMetadataResult, ResponseError> {
    let answer = Answer::new("describeMetadata", response);
    let node = answer.soap("describeMetadataResponse")?;
    node.child(&["result"])
        .map(DescribeMetadataResult::read)
        .ok_or_else(|| answer.unreadable("it has no result", None))
}

/// Asks what a metadata type or a record of one looks like: its members, their kinds and picklists.
///
/// # Errors
/// As [`deploy`].
pub fn describe_value_type(
    endpoint: &Endpoint,
    token: &AccessToken,
    type_name: &str,
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "describeValueType", |xml| {
        let qualified = format!("{{{}}}{type_name}", eca_model::xml::METADATA_NAMESPACE);
        element(xml, "type", &qualified);
    })
}

/// The type's members.
///
/// # Errors
/// The org's refusal, such as `INVALID_TYPE`, or an answer without a result.
pub fn parse_describe_value_type(
    response: &Response<Bytes>,
) -> Result<DescribeValueTypeResult, ResponseError> {
    let answer = Answer::new("describeValueType", response);
    let node = answer.soap("describeValueTypeResponse")?;
    node.child(&["result"])
        .map(DescribeValueTypeResult::read)
        .ok_or_else(|| answer.unreadable("it has no result", None))
}
