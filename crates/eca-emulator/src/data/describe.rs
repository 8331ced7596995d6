//! `sobjects` and `describe`: with every member that Salesforce sends, since typed clients require
//! them (REST API Developer Guide, "Describe Global" and "sObject Describe").

use eca_model::ApiVersion;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::core::Core;
use crate::data::objects;
use crate::data::table::{Api, Table};
use crate::server::call::{Call, Reply, json_reply, not_found};

/// All objects of an API.
pub(super) fn objects(core: &Core, call: &Call, version: ApiVersion, api: Api) -> Reply {
    let state = core.read();
    let view = super::view(core, &state, call);
    let objects: Vec<_> = objects::NAMES
        .iter()
        .filter_map(|name| objects::table(&view, api, name))
        .map(|table| summary(&table, version, api))
        .collect();
    json_reply(
        StatusCode::OK,
        &json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects }),
    )
}

/// One object with its fields.
pub(super) fn object(
    core: &Core,
    call: &Call,
    version: ApiVersion,
    api: Api,
    object: &str,
) -> Reply {
    let state = core.read();
    let view = super::view(core, &state, call);
    let Some(table) = objects::table(&view, api, object) else {
        return not_found();
    };
    let mut described = summary(&table, version, api);
    let fields: Vec<_> = table
        .fields
        .iter()
        .map(|name| field(name, &table))
        .collect();
    let more = members(&json!({
        "actionOverrides": [],
        "childRelationships": [],
        "compactLayoutable": false,
        "defaultImplementation": null,
        "extendedBy": null,
        "extendsInterfaces": null,
        "fields": fields,
        "implementedBy": null,
        "implementsInterfaces": null,
        "listviewable": null,
        "lookupLayoutable": null,
        "namedLayoutInfos": [],
        "networkScopeFieldName": null,
        "recordTypeInfos": [],
        "searchLayoutable": false,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{ "label": format!("All {}s", table.name), "name": "everything" }],
    }));
    described.extend(more);
    json_reply(StatusCode::OK, &Value::Object(described))
}

/// Members of an object that are false here: nothing can be written over this API.
const FALSE: &[&str] = &[
    "activateable",
    "createable",
    "custom",
    "customSetting",
    "deepCloneable",
    "deletable",
    "deprecatedAndHidden",
    "feedEnabled",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
    "layoutable",
    "mergeable",
    "mruEnabled",
    "replicateable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
];

/// The members that both answers have.
fn summary(table: &Table, version: ApiVersion, api: Api) -> Map<String, Value> {
    let path = format!(
        "/services/data/v{version}/{}sobjects/{}",
        api.segment(),
        table.name
    );
    let id = table.rows.first().and_then(|row| row.get("Id")?.as_str());
    let known = members(&json!({
        "associateEntityType": null,
        "associateParentEntity": null,
        "keyPrefix": id.and_then(|id| id.get(..3)),
        "label": table.name,
        "labelPlural": format!("{}s", table.name),
        "name": table.name,
        "queryable": true,
        "retrieveable": true,
        "urls": {
            "describe": format!("{path}/describe"),
            "rowTemplate": format!("{path}/{{ID}}"),
            "sobject": path,
        },
    }));
    with(known, FALSE, &json!(false))
}

/// Members of a field that are false, null or 0 here.
const FALSE_OF_FIELDS: &[&str] = &[
    "aiPredictionField",
    "autoNumber",
    "calculated",
    "cascadeDelete",
    "caseSensitive",
    "createable",
    "custom",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "externalId",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "namePointing",
    "permissionable",
    "polymorphicForeignKey",
    "queryByDistance",
    "restrictedDelete",
    "restrictedPicklist",
    "searchPrefilterable",
    "unique",
    "updateable",
    "writeRequiresMasterRead",
];
const NULL_OF_FIELDS: &[&str] = &[
    "calculatedFormula",
    "compoundFieldName",
    "controllerName",
    "defaultValue",
    "defaultValueFormula",
    "extraTypeInfo",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipName",
    "relationshipOrder",
];
const ZERO_OF_FIELDS: &[&str] = &["digits", "precision", "scale"];

fn field(name: &str, table: &Table) -> Map<String, Value> {
    let is_id = name == "Id";
    let value = table.rows.first().and_then(|row| row.get(name));
    let (kind, soap, length) = match value {
        _ if is_id => ("id", "tns:ID", 18),
        Some(Value::Bool(_)) => ("boolean", "xsd:boolean", 0),
        Some(Value::Number(_)) => ("int", "xsd:int", 0),
        _ if name.ends_with("Date") || name.ends_with("Time") => ("datetime", "xsd:dateTime", 0),
        _ if name.ends_with("Id") => ("reference", "tns:ID", 18),
        _ => ("string", "xsd:string", 255),
    };
    let known = members(&json!({
        "aggregatable": true,
        "byteLength": 3 * length,
        "defaultedOnCreate": is_id,
        "filterable": true,
        "groupable": true,
        "idLookup": is_id,
        "label": name,
        "length": length,
        "name": name,
        "nameField": name == "Name",
        "nillable": !is_id,
        "picklistValues": [],
        "referenceTo": [],
        "soapType": soap,
        "sortable": true,
        "type": kind,
    }));
    let known = with(known, FALSE_OF_FIELDS, &json!(false));
    let known = with(known, NULL_OF_FIELDS, &Value::Null);
    with(known, ZERO_OF_FIELDS, &json!(0))
}

fn members(object: &Value) -> Map<String, Value> {
    object.as_object().cloned().unwrap_or_default()
}

fn with(mut known: Map<String, Value>, names: &[&str], value: &Value) -> Map<String, Value> {
    known.extend(names.iter().map(|name| ((*name).to_owned(), value.clone())));
    known
}
