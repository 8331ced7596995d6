//! The Metadata API over SOAP 1.1 (WSDL 66.0): retrieve and list, which REST does not serve, and deploys for orgs
//! without the REST resource. Requests follow the WSDL to the letter, the order of elements included.

use base64::Engine as _;
use bytes::Bytes;
use eca_model::Manifest;
use eca_oauth::{AccessToken, AccessTokenFormat};
use http::{Request, Response};

use super::describe::{DescribeMetadataResult, ListQuery};
use super::error::ResponseError;
use super::options::DeployOptions;
use super::request::{self, RequestError, SOAP_TAKES_JWT_FROM};
use super::response::Answer;
use super::result::DeployResult;
use super::retrieve_result::{FileProperties, RetrieveResult};
use crate::endpoint::Endpoint;
use crate::id::{DeployId, RetrieveId};

/// Asks the org to deploy a zip.
///
/// **Not repeatable**: each one that reaches the org starts a deploy.
///
/// # Errors
/// As every request over SOAP: a token in JWT format below API 68.0, or a URL that fits no request.
pub fn deploy(
    endpoint: &Endpoint,
    token: &AccessToken,
    options: &DeployOptions,
    zip: &[u8],
) -> Result<Request<Bytes>, RequestError> {
    call(endpoint, token, "deploy", |xml| {
        xml.push_str("<ZipFile>");
        base64::engine::general_purpose::STANDARD.encode_string(zip, xml);
        xml.push_str("</ZipFile><DeployOptions>");
        options.write_soap(xml);
        xml.push_str("</DeployOptions>");
    })
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
    let node = answer.soap("checkDeployStatusResponse")?;
    node.child(&["result"])
        .and_then(DeployResult::read)
        .ok_or_else(|| answer.unreadable("it has no result with a status", None))
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

/// Whether the deploy has already stopped; if not, it is still stopping.
///
/// # Errors
/// The org's refusal, such as for a deploy that is committing.
pub fn parse_cancel_deploy(response: &Response<Bytes>) -> Result<bool, ResponseError> {
    let answer = Answer::new("cancelDeploy", response);
    let node = answer.soap("cancelDeployResponse")?;
    Ok(node
        .child(&["result"])
        .and_then(|result| result.bool_of(&["done"]))
        .unwrap_or(false))
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
/// With `include_zip` the first answer of a finished retrieve carries the zip **and deletes it in the org**
/// (Metadata API Developer Guide, "checkRetrieveStatus()"): poll without, then fetch once.
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

/// Asks which components of some types the org has: at most three queries a call (Metadata API Developer Guide,
/// "listMetadata()").
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

/// Writes one element with escaped text.
pub(crate) fn element(xml: &mut String, name: &str, text: &str) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    xml.push_str(&quick_xml::escape::partial_escape(text));
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// An envelope around one operation. `CallOptions` is left out: the WSDL demands members of it that clients have
/// no values for.
fn call(
    endpoint: &Endpoint,
    token: &AccessToken,
    operation: &str,
    arguments: impl FnOnce(&mut String),
) -> Result<Request<Bytes>, RequestError> {
    if token.format() == AccessTokenFormat::Jwt && endpoint.version() < SOAP_TAKES_JWT_FROM {
        return Err(RequestError::JwtOnSoap {
            version: endpoint.version(),
        });
    }
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"",
        " xmlns=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Header><SessionHeader>"
    ));
    element(&mut xml, "sessionId", token.expose_secret());
    xml.push_str("</SessionHeader></soapenv:Header><soapenv:Body><");
    xml.push_str(operation);
    xml.push('>');
    arguments(&mut xml);
    xml.push_str("</");
    xml.push_str(operation);
    xml.push_str("></soapenv:Body></soapenv:Envelope>");
    request::soap(&endpoint.soap(), xml)
}
