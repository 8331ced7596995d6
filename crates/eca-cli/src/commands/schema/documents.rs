//! The JSON Schemas of the documents of `--json`, derived from the types that are printed.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::commands::schema::{DocumentList, OneDocument, OneType, TypeList, diff as schema_diff};
use crate::commands::{
    apply, attest, cert, completions, demo, deploys, diff, doctor, drift, emulate, explain, fmt,
    graph, key, lint, list, login, logout, manual, package, plan, retrieve, show, state, token,
    trust,
};
use crate::exit::Exit;
use crate::failure::FailureDocument;
use crate::shapes;
use crate::ui::deploy_result::DeployDocument;

/// Adds a type to a schema.
type Body = fn(&mut SchemaGenerator) -> Schema;

fn body<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

/// Each command's name in `schema`, and what it prints besides `schema` and `outcome`.
const DOCUMENTS: [(&str, &[Body]); 43] = [
    ("apply", &[body::<apply::Document>]),
    ("attest-inspect", &[body::<attest::verify::Inspected>]),
    ("attest-mint", &[body::<attest::Document<'static>>]),
    ("attest-verify", &[body::<attest::verify::Verified>]),
    ("cert-check", &[body::<cert::check::Document>]),
    ("cert-inspect", &[body::<cert::inspect::Document>]),
    ("cert-match", &[body::<cert::check::Matched>]),
    ("cert-new", &[body::<cert::new::Document>]),
    ("cert-register", &[body::<cert::register::Document>]),
    ("completions", &[body::<completions::Document>]),
    ("demo", &[body::<demo::Document<'static, FailureDocument>>]),
    ("deploy", &[body::<DeployDocument<'static>>]),
    ("deploys-list", &[body::<deploys::Document>]),
    ("deploys-show", &[body::<DeployDocument<'static>>]),
    ("deploys-watch", &[body::<DeployDocument<'static>>]),
    (
        "describe",
        &[
            body::<shapes::DescribedTypes>,
            body::<shapes::DescribedMembers>,
        ],
    ),
    ("diff", &[body::<diff::Document>]),
    ("doctor-headless", &[body::<doctor::Document<'static>>]),
    ("doctor-login", &[body::<doctor::Document<'static>>]),
    ("doctor-org", &[body::<doctor::Document<'static>>]),
    ("drift", &[body::<drift::Document<'static>>]),
    ("emulate", &[body::<emulate::introduction::Introduction>]),
    ("explain", &[body::<explain::Document>]),
    ("fmt", &[body::<fmt::Document<'static>>]),
    ("graph", &[body::<graph::Document<'static>>]),
    ("key-convert", &[body::<key::Document>]),
    ("lint", &[body::<lint::Document<'static>>]),
    (
        "list",
        &[body::<list::Document>, body::<list::apps::AppList>],
    ),
    ("login", &[body::<login::Document>]),
    ("logout", &[body::<logout::Document<'static>>]),
    ("manual", &[body::<manual::Document>]),
    ("package", &[body::<package::Document>]),
    ("plan", &[body::<plan::Document<'static>>]),
    ("retrieve", &[body::<retrieve::Document>]),
    (
        "schema",
        &[
            body::<TypeList>,
            body::<OneType>,
            body::<OneDocument>,
            body::<DocumentList>,
        ],
    ),
    ("schema-diff", &[body::<schema_diff::Document>]),
    ("show", &[body::<show::Document<'static>>]),
    ("state-forget", &[body::<state::forget::Document<'static>>]),
    ("state-list", &[body::<state::list::Document<'static>>]),
    ("state-show", &[body::<state::show::Document>]),
    ("state-unlock", &[body::<state::unlock::Document>]),
    ("token", &[body::<token::Document<'static>>]),
    ("trust", &[body::<trust::Document<'static>>]),
];

/// The names of all documents.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.iter().map(|(name, _)| *name)
}

/// The schema of a command's document: its result, or its failure.
pub(super) fn schema(name: &str) -> Option<(&'static str, Value)> {
    let (name, bodies) = DOCUMENTS.iter().find(|(known, _)| *known == name)?;
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut generator = settings.into_generator();
    let failure: Body = body::<Failed>;
    let documents: Vec<_> = bodies
        .iter()
        .chain([&failure])
        .map(|body| {
            let mut document = body(&mut generator);
            add_envelope(&mut document, name);
            close(&mut document);
            document.to_value()
        })
        .collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("eca/{name}/1"),
        "anyOf": documents,
    });
    let mut definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        for definition in definitions.values_mut() {
            if let Ok(schema) = <&mut Schema>::try_from(definition) {
                close(schema);
            }
        }
        schema["$defs"] = Value::Object(definitions);
    }
    Some((name, schema))
}

/// A command that failed before it had a result.
#[derive(serde::Serialize, JsonSchema)]
struct Failed {
    error: FailureDocument,
}

/// `schema` and `outcome`, which every document has.
fn add_envelope(document: &mut Schema, name: &str) {
    let document = document.ensure_object();
    let properties = document.entry("properties").or_insert_with(|| json!({}));
    properties["schema"] = json!({ "const": format!("eca/{name}/1") });
    properties["outcome"] = json!({ "enum": Exit::ALL.map(Exit::name) });
    let required = document.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        required.splice(..0, [json!("schema"), json!("outcome")]);
    }
}

/// No member but those that the type has.
fn close(schema: &mut Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    transform_subschemas(&mut close, schema);
}
