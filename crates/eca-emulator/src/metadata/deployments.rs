//! `/services/data/vNN.0/tooling/query`: the deploys of the org, as records of `DeployRequest`.
//!
//! Of SOQL it understands what clients that list deploys send: `SELECT fields FROM DeployRequest`, an `ORDER BY
//! CreatedDate` in either direction, and a `LIMIT`. Anything else is refused rather than half answered. Which fields
//! the object has is not published; these are the ones that published clients ask for.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{
    call::{Call, Reply, json_reply, rest_error},
    clock::timestamp,
    metadata::{
        jobs::{self, DeployJob},
        result::deploy_result,
    },
    state::{Core, Facts, State, users::User},
};

/// How many records an answer has at most.
const MOST: usize = 2000;

struct Query {
    fields: Vec<String>,
    ascending: bool,
    limit: usize,
}

/// Answers a query. The caller has checked the session.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    let text = call.query_value("q").unwrap_or_default();
    let query = match Query::parse(&text) {
        Ok(query) => query,
        Err((fault, message)) => return rest_error(StatusCode::BAD_REQUEST, fault, &message),
    };
    let (mut state, now) = core.state();
    jobs::settle(&mut state, &core.facts, now);
    let mut found: Vec<_> = state.jobs.deploys.iter().collect();
    if !query.ascending {
        found.reverse();
    }
    let mut records = Vec::new();
    for job in found.into_iter().take(query.limit) {
        match record(job, &state, &core.facts, &query.fields) {
            Ok(record) => records.push(record),
            Err(field) => {
                return rest_error(
                    StatusCode::BAD_REQUEST,
                    "INVALID_FIELD",
                    &format!("No such column '{field}' on entity 'DeployRequest'"),
                );
            }
        }
    }
    json_reply(
        StatusCode::OK,
        &json!({
            "size": records.len(),
            "totalSize": records.len(),
            "done": true,
            "queryLocator": null,
            "entityTypeName": "DeployRequest",
            "records": records,
        }),
    )
}

impl Query {
    fn parse(text: &str) -> Result<Self, (&'static str, String)> {
        let malformed = |text: &str| ("MALFORMED_QUERY", format!("unexpected token: {text}"));
        let text = text.trim();
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        let is = |at: usize, word: &str| {
            words
                .get(at)
                .is_some_and(|own| own.eq_ignore_ascii_case(word))
        };
        let from = (0..words.len()).find(|at| is(*at, "FROM"));
        let Some(from) = from.filter(|from| is(0, "SELECT") && *from > 1) else {
            return Err(malformed(words.first().unwrap_or(&"<EOF>")));
        };
        let fields = words[1..from].concat();
        let entity = words.get(from + 1).copied().unwrap_or("<EOF>");
        if !entity.eq_ignore_ascii_case("DeployRequest") {
            let message = format!("sObject type '{entity}' is not supported.");
            return Err(("INVALID_TYPE", message));
        }
        let mut query = Self {
            fields: fields.split(',').map(str::to_owned).collect(),
            ascending: true,
            limit: MOST,
        };
        let mut at = from + 2;
        if is(at, "ORDER") && is(at + 1, "BY") && is(at + 2, "CreatedDate") {
            at += 3;
            query.ascending = !is(at, "DESC");
            if is(at, "DESC") || is(at, "ASC") {
                at += 1;
            }
            if is(at, "NULLS") && (is(at + 1, "LAST") || is(at + 1, "FIRST")) {
                at += 2;
            }
        }
        if is(at, "LIMIT") {
            let limit = words.get(at + 1).and_then(|limit| limit.parse().ok());
            query.limit = limit.ok_or_else(|| malformed("LIMIT"))?;
            at += 2;
        }
        match words.get(at) {
            None => Ok(query),
            Some(word) => Err(malformed(word)),
        }
    }
}

fn record(
    job: &DeployJob,
    state: &State,
    facts: &Facts,
    fields: &[String],
) -> Result<Value, String> {
    // The records have the members of the result, under names that begin with a capital.
    let result = deploy_result(job, state, facts, false);
    let admin = state.users.get(&facts.admin_username);
    let mut record = Map::new();
    record.insert("attributes".into(), json!({ "type": "DeployRequest" }));
    for field in fields {
        let value = match field.as_str() {
            "CreatedBy.Name" => {
                let name = admin.map(User::display_name);
                record.insert(
                    "CreatedBy".into(),
                    json!({ "attributes": { "type": "User" }, "Name": name }),
                );
                continue;
            }
            "Id" => json!(job.id.as_str()),
            "CreatedDate" => json!(timestamp(job.created)),
            "Status"
            | "CheckOnly"
            | "StartDate"
            | "CompletedDate"
            | "StateDetail"
            | "NumberComponentsTotal"
            | "NumberComponentsDeployed"
            | "NumberComponentErrors"
            | "NumberTestsTotal"
            | "NumberTestsCompleted"
            | "NumberTestErrors"
            | "ErrorMessage" => {
                let member = field[..1].to_ascii_lowercase() + &field[1..];
                result[&member].clone()
            }
            _ => return Err(field.clone()),
        };
        record.insert(field.clone(), value);
    }
    Ok(Value::Object(record))
}
