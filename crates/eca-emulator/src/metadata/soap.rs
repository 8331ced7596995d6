//! `/services/Soap/m/NN.0`: the Metadata API over SOAP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use eca_model::{ApiVersion, MetadataType};
use serde_json::{Map, Value, json};

use crate::core::Core;
use crate::ids::RecordKind;
use crate::metadata::crud::Write;
use crate::metadata::job::options::Options;
use crate::metadata::job::status::Status;
use crate::metadata::job::{Cancellation, RetrieveJob, poll, start};
use crate::metadata::package::OLDEST;
use crate::metadata::retrieve::{file_properties, path_of};
use crate::metadata::wire::envelope::Envelope;
use crate::metadata::wire::node::Node;
use crate::metadata::wire::opening::Opening;
use crate::metadata::wire::result::deploy_result;
use crate::metadata::wire::retrieve_request::RetrieveRequest;
use crate::metadata::wire::xml::{soap_fault, soap_reply};
use crate::metadata::{MAY_NOT, MAY_USE, crud, describe};
use crate::oauth::session;
use crate::oauth::session::Access;
use crate::server::call::{Call, Reply};

/// The first version whose SOAP API accepts access tokens in JWT format.
const JWT_SINCE: ApiVersion = ApiVersion::new(68);

/// A fault: code and text.
type Fault = (&'static str, String);

/// Answers a request; `version` is the path segment after `/services/Soap/m/`.
pub(crate) fn answer(core: &Core, call: &Call, version: &str) -> Reply {
    match operate(core, call, version) {
        Ok((operation, result)) => soap_reply(&operation, &result),
        Err((fault, message)) => soap_fault(fault, &message),
    }
}

/// Whether a request that begins with these bytes is a deploy. The error is the fault for a request
/// whose session is not among them, or not valid.
pub(crate) fn is_deploy(core: &Core, version: &str, start: &[u8]) -> Result<bool, Box<Reply>> {
    let opening = Opening::read(start);
    supported(core, version)
        .and_then(|version| authorize(core, opening.session.as_deref(), version))
        .map_err(|(fault, message)| Box::new(soap_fault(fault, &message)))?;
    Ok(opening.operation.as_deref() == Some("deploy"))
}

fn supported(core: &Core, version: &str) -> Result<ApiVersion, Fault> {
    version
        .parse::<ApiVersion>()
        .ok()
        .filter(|version| (OLDEST..=core.config.api_version).contains(version))
        .ok_or_else(|| {
            (
                "UNSUPPORTED_API_VERSION",
                "Invalid Api version specified on URL".to_owned(),
            )
        })
}

fn operate(core: &Core, call: &Call, version: &str) -> Result<(String, Value), Fault> {
    let version = supported(core, version)?;
    // Salesforce's code for unreadable envelopes is not documented for this API; this is the code
    // of its other SOAP APIs.
    let envelope = Envelope::parse(call.body(), core.config.is_strict)
        .map_err(|message| ("INVALID_SOAP_HEADER", message))?;
    if let Some(deviation) = envelope.deviation {
        // This org's own wording: Salesforce has no strict mode.
        return Err(("SCHEMA_VIOLATION", deviation));
    }
    authorize(core, envelope.session.as_deref(), version)?;
    let (operation, token) = (&envelope.operation, envelope.session.as_deref());
    let write = |how| crud::write(core, token, operation, version, how, envelope.all_or_none);
    let result = match operation.name.as_str() {
        "deploy" => deploy(core, token, operation),
        "checkDeployStatus" => check_deploy_status(core, operation, version),
        "checkStatus" => check_status(core, operation),
        "cancelDeploy" => cancel_deploy(core, operation, version),
        "deployRecentValidation" => deploy_recent_validation(core, token, operation),
        "retrieve" => Ok(retrieve(core, operation, version)),
        "checkRetrieveStatus" => check_retrieve_status(core, operation, version),
        "listMetadata" => list_metadata(core, operation),
        "describeMetadata" => Ok(describe::metadata(operation, version)),
        "describeValueType" => describe::value_type(operation, version),
        "readMetadata" => crud::read(core, operation, version),
        "createMetadata" => write(Write::Create),
        "updateMetadata" => write(Write::Update),
        "upsertMetadata" => write(Write::Upsert),
        "deleteMetadata" => crud::delete(core, token, operation, version),
        "renameMetadata" => crud::rename(core, operation),
        other => Err((
            "INVALID_OPERATION",
            format!("No operation available for request {other}"),
        )),
    }?;
    Ok((operation.name.clone(), result))
}

fn authorize(core: &Core, token: Option<&str>, version: ApiVersion) -> Result<(), Fault> {
    let invalid = |message: &str| Err(("INVALID_SESSION_ID", message.to_owned()));
    let Some(token) = token else {
        return invalid("Invalid Session ID found in SessionHeader: Illegal Session");
    };
    if is_jwt(token) && version < JWT_SINCE {
        return invalid(
            "Invalid Session ID found in SessionHeader: JWT-format access tokens need API version 68.0 or later",
        );
    }
    match session::access(core, token) {
        Access::Granted if !session::may(core, Some(token), MAY_USE) => {
            Err(("INSUFFICIENT_ACCESS", MAY_NOT.to_owned()))
        }
        Access::Granted => Ok(()),
        Access::Insufficient => Err((
            "INSUFFICIENT_ACCESS",
            "insufficient access rights".to_owned(),
        )),
        Access::Unknown => invalid("Invalid Session ID found in SessionHeader: Illegal Session"),
    }
}

fn is_jwt(token: &str) -> bool {
    token.starts_with("eyJ") && token.matches('.').count() == 2
}

fn deploy(core: &Core, token: Option<&str>, operation: &Node) -> Result<Value, Fault> {
    let zip = operation
        .text_of(&["ZipFile"])
        .filter(|text| !text.is_empty())
        .ok_or_else(|| {
            (
                "INVALID_OPERATION",
                "No zip file content passed in".to_owned(),
            )
        })?;
    // xsd:base64Binary may contain white space.
    let zip: String = zip.split_ascii_whitespace().collect();
    let zip = STANDARD
        .decode(zip)
        .map(Bytes::from)
        .map_err(|_| ("INVALID_OPERATION", "ZipFile is not base64".to_owned()))?;
    let nothing = Node::default();
    let given = operation.child(&["DeployOptions"]).unwrap_or(&nothing);
    let flag = |name: &str| given.flag(&[name]).unwrap_or(false);
    let options = Options {
        allow_missing_files: flag("allowMissingFiles"),
        check_only: flag("checkOnly"),
        ignore_warnings: flag("ignoreWarnings"),
        purge_on_delete: flag("purgeOnDelete"),
        rollback_on_error: flag("rollbackOnError"),
        run_tests: given
            .children_named("runTests")
            .map(|test| test.text.trim().to_owned())
            .collect(),
        single_package: flag("singlePackage"),
        test_level: given.text_of(&["testLevel"]).map(str::to_owned),
    };
    let id = start::deploy(core, token, &zip, options);
    Ok(json!({ "done": false, "id": id.as_str(), "state": "Queued" }))
}

/// The id that an operation refers to, whatever the name of its element.
fn job_id(operation: &Node) -> Result<&str, Fault> {
    operation
        .text_of(&["asyncProcessId", "String", "id", "validationId"])
        .or_else(|| operation.children.first().map(|child| child.text.trim()))
        .filter(|id| !id.is_empty())
        .ok_or_else(|| ("MALFORMED_ID", "bad id".to_owned()))
}

fn unknown(id: &str) -> Fault {
    (
        "INVALID_CROSS_REFERENCE_KEY",
        format!("invalid cross reference id: {id}"),
    )
}

fn check_deploy_status(core: &Core, operation: &Node, version: ApiVersion) -> Result<Value, Fault> {
    let id = job_id(operation)?;
    let include_details = operation.flag(&["includeDetails"]).unwrap_or(false);
    poll::count_poll(core, id);
    let state = core.read();
    let job = state.jobs.deploy(id).ok_or_else(|| unknown(id))?;
    let mut result = deploy_result(job, &state, &core.config, version, include_details);
    // `details` is required by the WSDL, even when it was not requested.
    if let Some(members) = result.as_object_mut() {
        members.entry("details").or_insert_with(|| json!({}));
    }
    Ok(result)
}

/// The old operation for the status of jobs, which jsforce 1 still uses: `AsyncResult`s by id.
fn check_status(core: &Core, operation: &Node) -> Result<Value, Fault> {
    let ids: Vec<_> = operation
        .children
        .iter()
        .map(|child| child.text.trim())
        .filter(|id| !id.is_empty())
        .collect();
    let mut results = Vec::new();
    for id in ids {
        poll::count_poll(core, id);
        let state = core.read();
        let (id, status) = if let Some(job) = state.jobs.deploy(id) {
            (&job.id, job.status)
        } else if let Some(job) = state.jobs.retrieve(id) {
            (&job.id, job.status)
        } else {
            return Err(unknown(id));
        };
        let text = match status {
            Status::Pending => "Queued",
            status if !status.is_done() => "InProgress",
            status if status.is_success() => "Completed",
            _ => "Error",
        };
        results.push(json!({ "done": status.is_done(), "id": id.as_str(), "state": text }));
    }
    Ok(Value::Array(results))
}

fn cancel_deploy(core: &Core, operation: &Node, version: ApiVersion) -> Result<Value, Fault> {
    let id = job_id(operation)?;
    core.transact(|state, now| {
        let job = state.jobs.deploy_mut(id).ok_or_else(|| unknown(id))?;
        let cancellation = job.cancel(version, now);
        match cancellation.refusal(id) {
            Some(fault) => Err(fault),
            // `done` is true when the deploy has stopped already.
            None => Ok(json!({
                "done": cancellation == Cancellation::Stopped,
                "id": job.id.as_str(),
            })),
        }
    })
}

fn deploy_recent_validation(
    core: &Core,
    token: Option<&str>,
    operation: &Node,
) -> Result<Value, Fault> {
    let id = job_id(operation)?;
    core.transact(|state, now| start::quick_deploy(state, token, id, now))
        .map(|id| json!(id.as_str()))
        .ok_or_else(|| unknown(id))
}

fn retrieve(core: &Core, operation: &Node, version: ApiVersion) -> Value {
    let request = operation
        .child(&["retrieveRequest", "request"])
        .or(operation.children.first())
        .map_or_else(
            || RetrieveRequest::parse(&Node::default(), version),
            |node| RetrieveRequest::parse(node, version),
        );
    let id = core.transact(|state, now| {
        let id = state.ids.next(RecordKind::Retrieve);
        let job = RetrieveJob::new(id.clone(), request, now);
        state.jobs.retrieves.push(job);
        id
    });
    json!({ "done": false, "id": id.as_str(), "state": "Queued" })
}

fn check_retrieve_status(
    core: &Core,
    operation: &Node,
    version: ApiVersion,
) -> Result<Value, Fault> {
    let id = job_id(operation)?;
    let include_zip = operation.flag(&["includeZip"]).unwrap_or(true);
    poll::count_poll(core, id);
    let mut transaction = core.begin();
    let job = transaction.jobs.retrieve(id).ok_or_else(|| unknown(id))?;
    let mut result = Map::new();
    result.insert("done".into(), json!(job.status.is_done()));
    if let Some(outcome) = &job.outcome {
        if let Some((code, message)) = &outcome.error {
            result.insert("errorMessage".into(), json!(message));
            result.insert("errorStatusCode".into(), json!(code));
        }
        result.insert("fileProperties".into(), json!(outcome.files));
        result.insert("messages".into(), json!(outcome.messages));
    }
    result.insert("id".into(), json!(job.id.as_str()));
    result.insert("status".into(), json!(job.status.at(version)));
    result.insert("success".into(), json!(job.status == Status::Succeeded));
    let has_zip = job
        .outcome
        .as_ref()
        .is_some_and(|outcome| outcome.zip.is_some());
    // Only one answer contains the zip.
    let zip = if include_zip && has_zip {
        let job = transaction.jobs.retrieve_mut(id);
        job.and_then(|job| job.outcome.as_mut()?.zip.take())
    } else {
        None
    };
    transaction.commit();
    result.insert("zipFile".into(), json!(zip.map(|zip| STANDARD.encode(zip))));
    Ok(Value::Object(result))
}

fn list_metadata(core: &Core, operation: &Node) -> Result<Value, Fault> {
    let state = core.read();
    let mut found = Vec::new();
    for query in operation.children_named("queries") {
        let name = query.text_of(&["type"]).unwrap_or_default();
        let mut kinds = MetadataType::by_manifest_name(name, "*").peekable();
        if kinds.peek().is_none() {
            return Err(("INVALID_TYPE", format!("Unknown type:{name}")));
        }
        for (id, component) in kinds.flat_map(|kind| state.metadata.of_type(kind)) {
            found.push(file_properties(
                id,
                component,
                &path_of(id),
                &state,
                &core.config,
            ));
        }
    }
    Ok(Value::Array(found))
}
