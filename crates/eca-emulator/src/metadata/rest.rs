//! `/services/data/vNN.0/metadata/deployRequest` (Metadata API Developer Guide, "Deploying and
//! Retrieving Metadata with REST").

use eca_model::ApiVersion;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::core::Core;
use crate::ids::RecordId;
use crate::metadata::job::options::Options;
use crate::metadata::job::{poll, start};
use crate::metadata::wire::result::{deploy_options, deploy_result};
use crate::metadata::{MAY_NOT, MAY_USE};
use crate::oauth::session;
use crate::server::call::{
    Call, Part, Payload, Reply, json_reply, not_found, rest_error, wrong_method,
};

/// The largest JSON in bytes. Options take less than 1 KiB; the limit of the whole body is that of
/// a zip, and JSON takes up to 60 times its length when it is read.
const MAX_JSON: usize = 1 << 20;

/// Answers a request for the resource; `id` is the part after its path. The caller has checked the
/// session.
pub(crate) fn answer(core: &Core, call: &Call, id: Option<&str>) -> Reply {
    if let Some(reply) = refuse_user(core, call.bearer()) {
        return reply;
    }
    match (&call.method, id) {
        (&Method::POST, None) => match &call.payload {
            Payload::Parts(_) => create(core, call),
            Payload::Bytes(body) => match read_json(body) {
                Some(body) => match body["validatedDeployRequestId"].as_str() {
                    Some(validated) => quick_deploy(core, call, validated),
                    None => malformed("expected a multipart body or validatedDeployRequestId"),
                },
                None => {
                    malformed("the body is neither multipart/form-data nor JSON of at most 1 MiB")
                }
            },
        },
        (&Method::POST, Some(id)) => quick_deploy(core, call, id),
        (&Method::GET, Some(id)) => status(core, call, id),
        (&Method::PATCH, Some(id)) => cancel(core, call, id),
        _ => wrong_method(call),
    }
}

/// Reads JSON of at most [`MAX_JSON`] bytes.
fn read_json(text: &[u8]) -> Option<Value> {
    if text.len() > MAX_JSON {
        return None;
    }
    serde_json::from_slice(text).ok()
}

/// The answer to a token that may not deploy.
pub(crate) fn refuse(core: &Core, token: Option<&str>) -> Option<Reply> {
    session::refuse(core, token).or_else(|| refuse_user(core, token))
}

fn refuse_user(core: &Core, token: Option<&str>) -> Option<Reply> {
    let may = session::may(core, token, MAY_USE);
    (!may).then(|| rest_error(StatusCode::FORBIDDEN, "INSUFFICIENT_ACCESS", MAY_NOT))
}

fn create(core: &Core, call: &Call) -> Reply {
    let Payload::Parts(parts) = &call.payload else {
        return malformed("expected a multipart body");
    };
    let find = |essence: &str| {
        parts.iter().find(|part| {
            part.content_type
                .split(';')
                .next()
                .is_some_and(|value| value.trim().eq_ignore_ascii_case(essence))
        })
    };
    let Some(part) = find("application/json") else {
        return malformed("no part with content type application/json");
    };
    let Some(zip) = find("application/zip").or_else(|| find("application/octet-stream")) else {
        return malformed("no part with content type application/zip");
    };
    let Some(body) = read_json(&part.bytes) else {
        return malformed("the JSON part is not JSON, or has more than 1 MiB");
    };
    let Some(given) = body["deployOptions"].as_object() else {
        return malformed("the JSON part has no deployOptions");
    };
    if core.config.is_strict
        && let Some(deviation) = deviation(parts, given)
    {
        return rest_error(StatusCode::BAD_REQUEST, "SCHEMA_VIOLATION", &deviation);
    }
    let options = match options(given) {
        Ok(options) => options,
        Err(name) => {
            return malformed(&format!("deployOptions.{name} has a value of another type"));
        }
    };
    let id = start::deploy(core, call.bearer(), &zip.bytes, options);
    created(core, call, id.as_str())
}

fn quick_deploy(core: &Core, call: &Call, validated: &str) -> Reply {
    let queued =
        core.transact(|state, now| start::quick_deploy(state, call.bearer(), validated, now));
    let Some(id) = queued else {
        return not_found();
    };
    created(core, call, id.as_str())
}

/// 201 with the request.
fn created(core: &Core, call: &Call, id: &str) -> Reply {
    let Some(body) = view(core, call, id, false) else {
        return not_found();
    };
    let mut reply = json_reply(StatusCode::CREATED, &body);
    let path = call.path.as_str();
    let resource = path
        .find("/deployRequest")
        .map_or(path, |end| &path[..end + "/deployRequest".len()]);
    if let Ok(location) = HeaderValue::from_str(&format!("{resource}/{id}")) {
        reply.headers_mut().insert(header::LOCATION, location);
    }
    reply
}

fn status(core: &Core, call: &Call, id: &str) -> Reply {
    let include_details = call
        .query_value("includeDetails")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    poll::count_poll(core, id);
    view(core, call, id, include_details)
        .map_or_else(not_found, |body| json_reply(StatusCode::OK, &body))
}

fn cancel(core: &Core, call: &Call, id: &str) -> Reply {
    let asked = read_json(call.body()).and_then(|body| {
        body["deployResult"]["status"]
            .as_str()
            .map(|status| matches!(status, "Canceling" | "Canceled"))
    });
    if asked != Some(true) {
        return malformed(r#"expected {"deployResult":{"status":"Canceling"}}"#);
    }
    let version = version(core, call);
    let cancellation = core.transact(|state, now| {
        let job = state.jobs.deploy_mut(id)?;
        Some(job.cancel(version, now))
    });
    let Some(cancellation) = cancellation else {
        return not_found();
    };
    if let Some((code, message)) = cancellation.refusal(id) {
        return rest_error(StatusCode::BAD_REQUEST, code, &message);
    }
    view(core, call, id, false)
        .map_or_else(not_found, |body| json_reply(StatusCode::ACCEPTED, &body))
}

/// The version in the path of a call.
fn version(core: &Core, call: &Call) -> ApiVersion {
    let segment = call
        .path
        .split('/')
        .find_map(|segment| segment.strip_prefix('v'));
    segment
        .and_then(|segment| segment.parse().ok())
        .unwrap_or(core.config.api_version)
}

fn view(core: &Core, call: &Call, id: &str, include_details: bool) -> Option<Value> {
    let state = core.read();
    let job = state.jobs.deploy(id)?;
    Some(json!({
        "deployOptions": deploy_options(&job.options),
        "deployResult": deploy_result(job, &state, &core.config, version(core, call), include_details),
        "id": job.id.as_str(),
        "validatedDeployRequestId": job.validated.as_ref().map(RecordId::as_str),
    }))
}

/// The first deviation of a request from the Metadata API Developer Guide ("Deploying and
/// Retrieving Metadata with REST"): names and order of the parts, members and their types.
fn deviation(parts: &[Part], given: &Map<String, Value>) -> Option<String> {
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    if names != ["json", "file"] {
        return Some(format!(
            "the parts are {}, expected json, file",
            names.join(", ")
        ));
    }
    given.iter().find_map(|(name, value)| {
        let fits = match name.as_str() {
            "allowMissingFiles" | "autoUpdatePackage" | "checkOnly" | "ignoreWarnings"
            | "performRetrieve" | "purgeOnDelete" | "rollbackOnError" | "singlePackage" => {
                value.is_boolean()
            }
            "runTests" => value.is_array() || value.is_null(),
            "testLevel" => value.is_string(),
            _ => return Some(format!("deployOptions: {name} is not in the schema")),
        };
        (!fits).then(|| format!("deployOptions/{name}: the value has another type"))
    })
}

/// Reads `deployOptions`. Some clients send booleans as strings; unknown members, such as
/// `runAllTests`, are ignored.
fn options(given: &Map<String, Value>) -> Result<Options, &'static str> {
    let flag = |name: &'static str| match given.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(name),
    };
    let run_tests = match given.get("runTests") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(names)) => names
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or("runTests"))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err("runTests"),
    };
    let test_level = match given.get("testLevel") {
        None | Some(Value::Null) => None,
        Some(Value::String(level)) => Some(level.clone()),
        Some(_) => return Err("testLevel"),
    };
    Ok(Options {
        allow_missing_files: flag("allowMissingFiles")?,
        check_only: flag("checkOnly")?,
        ignore_warnings: flag("ignoreWarnings")?,
        purge_on_delete: flag("purgeOnDelete")?,
        rollback_on_error: flag("rollbackOnError")?,
        run_tests,
        single_package: flag("singlePackage")?,
        test_level,
    })
}

/// The code is that of unreadable REST bodies; the wording is this org's.
fn malformed(message: &str) -> Reply {
    rest_error(StatusCode::BAD_REQUEST, "JSON_PARSER_ERROR", message)
}
