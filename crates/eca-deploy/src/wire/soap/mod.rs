//! The Metadata API over SOAP 1.1 (WSDL 66.0): retrieve and list, which REST does not offer, and
//! deploys for orgs without the REST resource. Requests follow the WSDL to the letter, including
//! the order of elements.

pub(crate) mod crud;
pub(crate) mod envelope;
pub(crate) mod headers;

use std::str::FromStr;

use eca_http::Idempotency;
use eca_model::Manifest;

use crate::id::{DeployId, RetrieveId};
use crate::wire::call::Call;
use crate::wire::call::error::ResponseError;
use crate::wire::call::response::OperationResponse;
use crate::wire::soap::envelope::{call, call_with};
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
pub(crate) fn deploy<'a>(options: &'a DeployOptions, zip: &'a Zip) -> Call<'a, DeployId> {
    let headers = Headers {
        debugging: options.debugging.as_ref(),
        ..Headers::default()
    };
    call_with(
        headers,
        "deploy",
        Idempotency::NotIdempotent,
        |_, xml| {
            xml.push_str("<ZipFile>");
            zip.push_base64(xml);
            xml.push_str("</ZipFile><DeployOptions>");
            options.write_soap(xml);
            xml.push_str("</DeployOptions>");
        },
        // After a response without an id the deploy may be running.
        job_id,
    )
}

pub(crate) fn check_deploy_status(id: &DeployId, include_details: bool) -> Call<'_, DeployResult> {
    call(
        "checkDeployStatus",
        Idempotency::Idempotent,
        move |_, xml| {
            element(xml, "asyncProcessId", id.as_str());
            element(xml, "includeDetails", flag(include_details));
        },
        |response| {
            let (node, debug_log) = response.soap_with_log()?;
            let mut result = node
                .child(&["result"])
                .and_then(DeployResult::read)
                .ok_or_else(|| response.unreadable("it has no result with a status", None))?;
            result.debug_log = debug_log;
            Ok(result)
        },
    )
}

/// `deployRecentValidation`: a quick deploy (Metadata API Developer Guide,
/// "deployRecentValidation()"); the id is that of the new deploy. **Not repeatable**, as
/// [`deploy`].
pub(crate) fn deploy_recent_validation(validated: &DeployId) -> Call<'_, DeployId> {
    call(
        "deployRecentValidation",
        Idempotency::NotIdempotent,
        |_, xml| element(xml, "validationId", validated.as_str()),
        |response| {
            // The result is the id itself.
            parse_id(&response.soap()?, "result")
                .ok_or_else(|| response.unreadable("it has no id", None))
        },
    )
}

/// The status is [`DeployStatus::Canceling`] until the deploy has stopped.
pub(crate) fn cancel_deploy(id: &DeployId) -> Call<'_, DeployStatus> {
    call(
        "cancelDeploy",
        Idempotency::Idempotent,
        // The element's name in the WSDL is `String`.
        |_, xml| element(xml, "String", id.as_str()),
        |response| {
            let node = response.soap()?;
            let result = node.child(&["result"]);
            let done = result.and_then(|result| result.bool_of(&["done"]));
            Ok(if done == Some(true) {
                DeployStatus::Canceled
            } else {
                DeployStatus::Canceling
            })
        },
    )
}

/// `retrieve`: the files of the zip are under `unpackaged/`. Repeatable: a second retrieve changes
/// nothing in the org.
pub(crate) fn retrieve(manifest: &Manifest) -> Call<'_, RetrieveId> {
    call(
        "retrieve",
        Idempotency::Idempotent,
        |endpoint, xml| {
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
            element(xml, "version", &manifest.version.to_string());
            xml.push_str("</unpackaged></retrieveRequest>");
        },
        job_id,
    )
}

/// `checkRetrieveStatus` without the zip.
pub(crate) fn check_retrieve_status(id: &RetrieveId) -> Call<'_, RetrieveResult> {
    retrieve_status(id, Idempotency::Idempotent, false)
}

/// `checkRetrieveStatus` with the zip. **Not repeatable**: the first response of a finished
/// retrieve that carries the zip deletes it in the org (Metadata API Developer Guide,
/// "checkRetrieveStatus()").
pub(crate) fn fetch_retrieved(id: &RetrieveId) -> Call<'_, RetrieveResult> {
    retrieve_status(id, Idempotency::NotIdempotent, true)
}

fn retrieve_status(
    id: &RetrieveId,
    idempotency: Idempotency,
    include_zip: bool,
) -> Call<'_, RetrieveResult> {
    call(
        "checkRetrieveStatus",
        idempotency,
        move |_, xml| {
            element(xml, "asyncProcessId", id.as_str());
            element(xml, "includeZip", flag(include_zip));
        },
        |response| match RetrieveResult::read(&response.soap_result()?) {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(response.unreadable("its result has no status", None)),
            Err(_) => Err(response.unreadable("its zipFile is not base64", None)),
        },
    )
}

/// `listMetadata`, with at most [`ListQuery::MAX_PER_CALL`] queries: the components, in the org's
/// order.
pub(crate) fn list_metadata(queries: &[ListQuery]) -> Call<'_, Vec<FileProperties>> {
    call(
        "listMetadata",
        Idempotency::Idempotent,
        move |endpoint, xml| {
            for query in queries {
                xml.push_str("<queries>");
                if let Some(folder) = &query.folder {
                    element(xml, "folder", folder);
                }
                element(xml, "type", &query.kind);
                xml.push_str("</queries>");
            }
            element(xml, "asOfVersion", &endpoint.version().to_string());
        },
        |response| {
            let node = response.soap()?;
            Ok(node.all("result").map(FileProperties::read).collect())
        },
    )
}

pub(crate) fn describe_metadata() -> Call<'static, DescribeMetadataResult> {
    call(
        "describeMetadata",
        Idempotency::Idempotent,
        |endpoint, xml| element(xml, "asOfVersion", &endpoint.version().to_string()),
        |response| Ok(DescribeMetadataResult::read(&response.soap_result()?)),
    )
}

pub(crate) fn describe_value_type(type_name: &str) -> Call<'_, DescribeValueTypeResult> {
    call(
        "describeValueType",
        Idempotency::Idempotent,
        move |_, xml| {
            let qualified = format!("{{{}}}{type_name}", eca_model::xml::METADATA_NAMESPACE);
            element(xml, "type", &qualified);
        },
        |response| Ok(DescribeValueTypeResult::read(&response.soap_result()?)),
    )
}

/// The id in the `AsyncResult` of an operation that starts a job.
fn job_id<I: FromStr>(response: &OperationResponse<'_>) -> Result<I, ResponseError> {
    let node = response.soap()?;
    node.child(&["result"])
        .and_then(|result| parse_id(result, "id"))
        .ok_or_else(|| {
            response.unreadable(&format!("it has no id of a {}", response.operation()), None)
        })
}

fn parse_id<I: FromStr>(node: &Node<'_>, name: &str) -> Option<I> {
    node.text_of(&[name])?.parse().ok()
}
