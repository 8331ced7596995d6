//! `query`: rows in pages.

use http::StatusCode;
use serde_json::{Map, Value, json};

use eca_model::ApiVersion;

use crate::core::Core;
use crate::core::cursor::Cursor;
use crate::data::objects;
use crate::data::soql::{self, Query};
use crate::data::table::{Api, Table};
use crate::server::call::{Call, Reply, json_reply, rest_error};

/// The sizes of a page that `Sforce-Query-Options` can ask for; the largest is the default (REST
/// API Developer Guide, "Query Options Header").
const SMALLEST_PAGE: usize = 200;
const LARGEST_PAGE: usize = 2000;

/// Answers a query: its first page.
pub(super) fn first(core: &Core, call: &Call, version: ApiVersion, api: Api) -> Reply {
    let text = call.query_value("q").unwrap_or_default();
    page(core, call, version, api, Cursor::new(text), 0)
}

/// Answers the locator of a next page, `01g…-2000`.
pub(super) fn next(
    core: &Core,
    call: &Call,
    version: ApiVersion,
    api: Api,
    locator: &str,
) -> Reply {
    let found = locator.rsplit_once('-').and_then(|(id, row)| {
        let cursor = core.cursors().get(id)?;
        Some((cursor, row.parse().ok()?))
    });
    match found {
        Some((cursor, row)) => page(core, call, version, api, cursor, row),
        None => rest_error(
            StatusCode::BAD_REQUEST,
            "INVALID_QUERY_LOCATOR",
            "invalid query locator",
        ),
    }
}

fn page(
    core: &Core,
    call: &Call,
    version: ApiVersion,
    api: Api,
    cursor: Cursor,
    start: usize,
) -> Reply {
    let bad = |code, message: &str| rest_error(StatusCode::BAD_REQUEST, code, message);
    let query = match Query::parse(cursor.text()) {
        Ok(query) => query,
        Err(message) => return bad("MALFORMED_QUERY", &message),
    };
    let state = core.read();
    let view = super::view(core, &state, call);
    let Some(table) = objects::table(&view, api, &query.object) else {
        return bad(
            "INVALID_TYPE",
            &format!("sObject type '{}' is not supported.", query.object),
        );
    };
    drop(state);
    if let Some(unknown) = query.names().find(|name| !table.has(name)) {
        return bad(
            "INVALID_FIELD",
            &format!("No such column '{unknown}' on entity '{}'.", table.name),
        );
    }
    let mut deciding = query.deciding();
    if let Some((field, how)) = deciding.find(|(field, _)| table.is_only_shown(field)) {
        let message = format!("field '{field}' can not be {how} in a query call");
        return bad("INVALID_FIELD", &message);
    }
    // `sf data query` sends this request first, for the names of its columns.
    if call.query_value("columns").as_deref() == Some("true") {
        return columns(&query, &table);
    }
    let rows = query.select(&table.rows);
    if query.is_count {
        let count = json!({ "totalSize": rows.len(), "done": true, "records": [] });
        return json_reply(StatusCode::OK, &count);
    }
    let last = rows.len().min(table.most_rows);
    let size = page_size(call).min(table.largest_page);
    let end = last.min(start.saturating_add(size));
    let records: Vec<_> = rows
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .map(|row| record(&query, &table, version, api, row))
        .collect();
    let mut answer = json!({
        "totalSize": rows.len(),
        "done": end == last,
        "records": records,
    });
    if end < last {
        let id = core.cursors().keep(cursor);
        answer["nextRecordsUrl"] = json!(format!(
            "/services/data/v{version}/{}query/{id}-{end}",
            api.segment()
        ));
    }
    json_reply(StatusCode::OK, &answer)
}

/// The rows that a page has at most: `Sforce-Query-Options: batchSize=500`.
fn page_size(call: &Call) -> usize {
    let asked = call
        .headers
        .get("Sforce-Query-Options")
        .and_then(|options| options.to_str().ok()?.trim().strip_prefix("batchSize="))
        .and_then(|size| size.trim().parse().ok());
    asked
        .unwrap_or(LARGEST_PAGE)
        .clamp(SMALLEST_PAGE, LARGEST_PAGE)
}

fn record(
    query: &Query,
    table: &Table,
    version: ApiVersion,
    api: Api,
    row: &Map<String, Value>,
) -> Value {
    let asked_for = |field: &&&str| {
        let mut names = query.fields.iter();
        names.any(|name| name.eq_ignore_ascii_case(field))
    };
    let mut record = Map::new();
    record.insert(
        "attributes".into(),
        attributes(version, api, table.name, row),
    );
    for field in table.fields.iter().filter(asked_for) {
        let value = soql::value(row, field).clone();
        nest(&mut record, field, value);
    }
    Value::Object(record)
}

/// Puts a field into the record; a field of a parent is nested in the parent. A record without the
/// parent has null in its place.
fn nest(record: &mut Map<String, Value>, field: &str, value: Value) {
    let Some((parent, field)) = field.split_once('.') else {
        record.insert(field.to_owned(), value);
        return;
    };
    let entry = record.entry(parent.to_owned()).or_insert(Value::Null);
    if entry.is_null() && !value.is_null() {
        *entry = json!({});
    }
    if let Value::Object(inner) = entry {
        nest(inner, field, value);
    }
}

fn columns(query: &Query, table: &Table) -> Reply {
    let columns: Vec<_> = query
        .fields
        .iter()
        .map(|name| {
            let field = table
                .fields
                .iter()
                .find(|field| field.eq_ignore_ascii_case(name))
                .copied()
                .unwrap_or_default();
            json!({
                "aggregate": false,
                "apexType": "String",
                "booleanType": false,
                "columnName": field,
                "custom": false,
                "displayName": field,
                "foreignKeyName": null,
                "insertable": false,
                "joinColumns": [],
                "numberType": false,
                "textType": true,
                "updatable": false,
            })
        })
        .collect();
    json_reply(
        StatusCode::OK,
        &json!({
            "columnMetadata": columns,
            "entityName": table.name,
            "groupBy": false,
            "idSelected": query.fields.iter().any(|name| name.eq_ignore_ascii_case("Id")),
            "underlyingEntityName": table.name,
        }),
    )
}

pub(super) fn attributes(
    version: ApiVersion,
    api: Api,
    object: &str,
    row: &Map<String, Value>,
) -> Value {
    let id = soql::value(row, "Id").as_str().unwrap_or_default();
    json!({
        "type": object,
        "url": format!("/services/data/v{version}/{}sobjects/{object}/{id}", api.segment()),
    })
}
