//! `DeployResult` and its parts, for REST and SOAP alike.

use eca_model::ApiVersion;
use serde_json::{Map, Value, json};

use crate::metadata::job::DeployJob;
use crate::metadata::job::message::Message;
use crate::metadata::job::options::Options;
use crate::metadata::job::status::Status;
use crate::state::users::User;
use crate::state::{OrgConfig, State};
use crate::testing::clock::timestamp;

/// `DeployResult` (WSDL 66.0), in a version of the API.
pub(crate) fn deploy_result(
    job: &DeployJob,
    state: &State,
    config: &OrgConfig,
    version: ApiVersion,
    include_details: bool,
) -> Value {
    let admin = state.users.get(&config.admin_username);
    let creator = job.creator.as_ref();
    let creator = creator.and_then(|name| state.users.get(name)).or(admin);
    let components = |failed: bool| {
        job.messages()
            .iter()
            .filter(|message| message.kind.is_some() && message.failed == failed)
            .count()
    };
    let errors = job
        .messages()
        .iter()
        .filter(|message| message.failed)
        .count();
    let mut result = Map::new();
    let mut set = |name: &str, value: Value| {
        result.insert(name.to_owned(), value);
    };
    if matches!(job.status, Status::Canceling | Status::Canceled) {
        set("canceledBy", json!(admin.map(|user| user.id.as_str())));
        set("canceledByName", json!(admin.map(User::display_name)));
    }
    set("checkOnly", json!(job.options.check_only));
    if let Some(completed) = job.completed {
        set("completedDate", json!(timestamp(completed)));
    }
    set(
        "createdBy",
        json!(creator.map_or("", |user| user.id.as_str())),
    );
    set(
        "createdByName",
        json!(creator.map(User::display_name).unwrap_or_default()),
    );
    set("createdDate", json!(timestamp(job.created)));
    if include_details {
        set("details", details(job));
    }
    set("done", json!(job.status.is_done()));
    if job.status == Status::Failed
        && let Err(error) = &job.package
    {
        set("errorMessage", json!(error.to_string()));
        set("errorStatusCode", json!(error.code()));
    }
    set("id", json!(job.id.as_str()));
    set("ignoreWarnings", json!(job.options.ignore_warnings));
    set(
        "lastModifiedDate",
        json!(timestamp(
            job.completed.or(job.started).unwrap_or(job.created)
        )),
    );
    set("numberComponentErrors", json!(errors));
    set("numberComponentsDeployed", json!(components(false)));
    set("numberComponentsTotal", json!(job.total));
    set("numberTestErrors", json!(0));
    set("numberTestsCompleted", json!(0));
    set("numberTestsTotal", json!(0));
    set("rollbackOnError", json!(job.options.rollback_on_error));
    set("runTestsEnabled", json!(job.options.runs_tests()));
    if let Some(started) = job.started {
        set("startDate", json!(timestamp(started)));
    }
    if job.status == Status::InProgress
        && let Some(kind) = job.messages().iter().rev().find_map(|message| message.kind)
    {
        set("stateDetail", json!(format!("Processing Type: {kind}")));
    }
    set("status", json!(job.status.at(version)));
    set("success", json!(job.status.is_success()));
    set("zipSize", json!(job.zip_size));
    Value::Object(result)
}

/// `DeployDetails`.
fn details(job: &DeployJob) -> Value {
    let date = timestamp(job.completed.or(job.started).unwrap_or(job.created));
    let messages = |failed: bool| -> Vec<Value> {
        job.messages()
            .iter()
            .filter(|part| part.failed == failed)
            .map(|part| message(part, &date))
            .collect()
    };
    json!({
        "componentFailures": messages(true),
        "componentSuccesses": messages(false),
        "runTestResult": { "numFailures": 0, "numTestsRun": 0, "totalTime": 0.0 },
    })
}

/// `DeployMessage`.
fn message(part: &Message, date: &str) -> Value {
    let mut message = Map::new();
    let mut set = |name: &str, value: Value| {
        message.insert(name.to_owned(), value);
    };
    set("changed", json!(part.changed));
    let position = part.problem.as_ref().and_then(|problem| problem.position);
    if let Some(position) = position {
        set("columnNumber", json!(position.column));
    }
    set(
        "componentType",
        json!(part.kind.map_or("", |kind| kind.manifest_name())),
    );
    set("created", json!(part.created));
    set("createdDate", json!(date));
    set("deleted", json!(part.deleted));
    set("fileName", json!(part.path));
    set("fullName", json!(part.full_name));
    if let Some(id) = &part.id {
        set("id", json!(id.as_str()));
    }
    if let Some(position) = position {
        set("lineNumber", json!(position.line));
    }
    if let Some(problem) = &part.problem {
        set("problem", json!(problem.text));
        // A warning that is not ignored fails the component like an error.
        set(
            "problemType",
            json!(if problem.is_warning {
                "Warning"
            } else {
                "Error"
            }),
        );
    }
    set("success", json!(!part.failed));
    Value::Object(message)
}

/// `deployOptions` of the REST resource.
pub(crate) fn deploy_options(options: &Options) -> Value {
    json!({
        "allowMissingFiles": options.allow_missing_files,
        "autoUpdatePackage": false,
        "checkOnly": options.check_only,
        "ignoreWarnings": options.ignore_warnings,
        "performRetrieve": false,
        "purgeOnDelete": options.purge_on_delete,
        "rollbackOnError": options.rollback_on_error,
        "runTests": options.run_tests,
        "singlePackage": options.single_package,
        "testLevel": options.test_level,
    })
}
