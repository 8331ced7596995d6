//! Reading a component's file for one API version.
//!
//! The model reads leniently and reports problems; an org reads strictly and stops at the first
//! thing that the version's schema does not have. This is the strict reading, based on the schema
//! table. The wording is Salesforce's unless a comment states otherwise.

#[cfg(test)]
mod versions;

use eca_model::{ApiVersion, Document, Element, FieldKind, FieldSchema, RecordSchema};

use crate::metadata::job::problem::Problem;
use crate::state::component_key::ComponentKey;
use crate::state::record::{Record, Value};

const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// A component that was read.
pub(crate) struct Decoded {
    pub(crate) record: Record,
    pub(crate) document: Document,
}

/// Reads a file, or returns the problem that the org reports.
pub(crate) fn decode(
    id: &ComponentKey,
    bytes: &[u8],
    version: ApiVersion,
) -> Result<Decoded, Problem> {
    let schema = id.kind.schema();
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::new("Error parsing file: the file is not UTF-8"))?;
    let document = Document::parse(text)
        .map_err(|error| Problem::at(error.position(), format!("Error parsing file: {error}")))?
        .in_namespace(NAMESPACE);
    let root = document.root();
    let namespace = root.declared_namespace();
    if root.name() != schema.name || namespace.as_deref() != Some(NAMESPACE) {
        // Inferred wording.
        return Err(Problem::at(
            root.position(),
            format!(
                "Error parsing file: expected {{{NAMESPACE}}}{}, found {{{}}}{}",
                schema.name,
                namespace.unwrap_or_default(),
                root.name()
            ),
        ));
    }
    if version < schema.since || schema.until.is_some_and(|until| until < version) {
        // Inferred wording.
        return Err(Problem::at(
            root.position(),
            format!("{} is not available in API version {version}", schema.name),
        ));
    }
    if let (false, Some(namespace)) = (schema.free_names, namespace_of(&id.name)) {
        return Err(Problem::at(
            root.position(),
            format!(
                "Cannot create a new component with the namespace: {namespace}. Only components in the \
                 same namespace as the organization can be created through the API"
            ),
        ));
    }
    if !schema.free_names && !is_developer_name(&id.name) {
        return Err(Problem::at(
            root.position(),
            format!(
                "The {} API Name can only contain underscores and alphanumeric characters. It must be \
                 unique, begin with a letter, not include spaces, not end with an underscore, and \
                 not contain two consecutive underscores.",
                schema.name
            ),
        ));
    }
    let record = record(root, schema.name, schema.record, version, true)?;
    Ok(Decoded { record, document })
}

fn record(
    element: Element<'_>,
    type_name: &str,
    schema: &RecordSchema,
    version: ApiVersion,
    is_root: bool,
) -> Result<Record, Problem> {
    let mut record = Record::default();
    let mut last = None;
    for child in element.children() {
        let name = child.name();
        // Members that every type inherits; they are left out, because the file name counts.
        if is_root && matches!(name, "fullName" | "module") {
            continue;
        }
        let Some(field) = schema.field(name).filter(|field| field.is_in(version)) else {
            if schema.partial && schema.field(name).is_none() {
                record.push(name, untyped(child));
                continue;
            }
            // Orgs write members of the past as nil, and so accept them.
            if child.is_nil() && schema.field(name).is_some() {
                continue;
            }
            return Err(Problem::at(
                child.position(),
                format!(
                    "Error parsing file: Element {} invalid at this location in type {type_name}",
                    expanded(child)
                ),
            ));
        };
        // Elements of a list are adjacent; any other element occurs once.
        if record.has(name) && !(field.list && last == Some(field.element)) {
            return Err(Problem::at(
                child.position(),
                format!(
                    "Error parsing file: Element {name} is duplicated at this location in type {type_name}"
                ),
            ));
        }
        last = Some(field.element);
        // A nil element is absent (retrieved settings files have such).
        if !child.is_nil() {
            record.push(name, value(child, field, version)?);
        }
    }
    if element.stray_text().is_some() {
        // Inferred wording.
        return Err(Problem::at(
            element.position(),
            format!("Error parsing file: text is not allowed between the elements of {type_name}"),
        ));
    }
    for field in schema.fields {
        let is_given = match record.members().find(|(name, _)| *name == field.element) {
            Some((_, Value::Text(text))) => !text.trim().is_empty(),
            Some((_, Value::Record(_))) => true,
            None => false,
        };
        if field.required && field.is_in(version) && !is_given {
            return Err(Problem::at(
                element.position(),
                format!("Required field is missing: {}", field.element),
            ));
        }
    }
    Ok(record)
}

/// `{namespace}name`.
fn expanded(element: Element<'_>) -> String {
    let namespace = element.namespace().unwrap_or_default();
    let name = element.qualified_name();
    let name = name.split_once(':').map_or(name, |(_, name)| name);
    format!("{{{namespace}}}{name}")
}

fn value(child: Element<'_>, field: &FieldSchema, version: ApiVersion) -> Result<Value, Problem> {
    let at = |text: String| Problem::at(child.position(), text);
    if let FieldKind::Record(schema) = field.kind {
        return record(child, schema.name, schema, version, false).map(Value::Record);
    }
    if let Some(inner) = child.children().next() {
        return Err(Problem::at(
            inner.position(),
            format!(
                "Error parsing file: Unexpected element {} during simple type deserialization",
                expanded(inner)
            ),
        ));
    }
    let text = child.text();
    // The white space of XML 1.0 (section 2.3).
    let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
    match field.kind {
        FieldKind::Boolean => match trimmed {
            "true" | "1" => Ok(Value::Text("true".to_owned())),
            "false" | "0" => Ok(Value::Text("false".to_owned())),
            // Inferred wording, like the one of enumerations.
            _ => Err(at(format!(
                "'{trimmed}' is not a valid value for the type xsd:boolean"
            ))),
        },
        FieldKind::Integer => match trimmed.parse::<i32>() {
            Ok(number) => Ok(Value::Text(number.to_string())),
            Err(_) => Err(at(format!(
                "'{trimmed}' is not a valid value for the type xsd:int"
            ))),
        },
        FieldKind::Enumeration(schema) => {
            let is_known = schema
                .value(trimmed)
                .is_some_and(|value| value.is_in(version));
            if is_known {
                Ok(Value::Text(trimmed.to_owned()))
            } else {
                Err(at(format!(
                    "'{trimmed}' is not a valid value for the enum '{}'",
                    schema.name
                )))
            }
        }
        _ => match field.max_length {
            Some(limit) if text.chars().count() > limit as usize => Err(at(format!(
                // Inferred wording.
                "Value too long for field: {} maximum length is:{limit}",
                field.element
            ))),
            _ => Ok(Value::Text(text.into_owned())),
        },
    }
}

/// A member of a type that is described only in part.
fn untyped(element: Element<'_>) -> Value {
    let mut children = element.children().peekable();
    if children.peek().is_none() {
        return Value::Text(element.text().into_owned());
    }
    let mut record = Record::default();
    for child in children {
        record.push(child.name(), untyped(child));
    }
    Value::Record(record)
}

/// The namespace of a name such as `acme__Billing`. This org has no packages and no namespace of
/// its own, so it refuses each.
fn namespace_of(name: &str) -> Option<&str> {
    let (namespace, rest) = name.split_once("__")?;
    let is_namespace = is_developer_name(namespace) && namespace.len() <= 15;
    (is_namespace && is_developer_name(rest)).then_some(namespace)
}

/// The rule for API names that Salesforce's own messages state.
fn is_developer_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('_')
        && !name.contains("__")
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.len() <= 80
}

#[cfg(test)]
mod tests {
    use eca_model::MetadataType;

    use super::*;

    fn id() -> ComponentKey {
        ComponentKey {
            kind: MetadataType::ExtlClntAppOauthSettings,
            name: "A".to_owned(),
        }
    }

    #[test]
    fn developer_names() {
        for (name, is_one) in [
            ("A", true),
            ("Storefront_oauth2", true),
            ("", false),
            ("2A", false),
            ("A_", false),
            ("A__b", false),
            ("A b", false),
            ("Ä", false),
        ] {
            assert_eq!(is_developer_name(name), is_one, "{name}");
        }
        assert!(is_developer_name(&"a".repeat(80)) && !is_developer_name(&"a".repeat(81)));
    }

    #[test]
    fn booleans_have_two_spellings_and_nil_is_absent() {
        let text = format!(
            "<ExtlClntAppOauthSettings xmlns=\"{NAMESPACE}\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <externalClientApplication>A</externalClientApplication>\
             <isFirstPartyAppEnabled>1</isFirstPartyAppEnabled><label xsi:nil=\"true\"/>\
             </ExtlClntAppOauthSettings>"
        );
        let Ok(decoded) = decode(&id(), text.as_bytes(), ApiVersion::new(66)) else {
            panic!("the file is good");
        };
        assert_eq!(decoded.record.text("isFirstPartyAppEnabled"), Some("true"));
        assert!(!decoded.record.has("label"));
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(
            bytes: Vec<u8>,
            content in "(<(label|trustedIpRanges|x)/?>|</(label|trustedIpRanges|x)>|&lt;|[ -~])*",
        ) {
            let text = format!(
                r#"<ExtlClntAppOauthSettings xmlns="{NAMESPACE}">{content}</ExtlClntAppOauthSettings>"#
            );
            let _ = decode(&id(), &bytes, ApiVersion::new(66));
            let _ = decode(&id(), text.as_bytes(), ApiVersion::new(66));
        }
    }
}
