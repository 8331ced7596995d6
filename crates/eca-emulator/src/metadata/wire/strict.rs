//! `--strict`: SOAP requests against the schema of the WSDL (66.0), where Salesforce is lenient.
//!
//! Names, namespaces, order, required elements, and the kinds of values are checked. The tables
//! below are the WSDL's message types; components are checked by the model's schema.

use eca_model::{FieldKind, MetadataType, RecordSchema};

use crate::metadata::wire::node::Node;
use crate::metadata::wire::strict::Kind::{
    Base64, Boolean, Component, Double, Id, OneOf, Record, Text,
};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const METADATA: &str = "http://soap.sforce.com/2006/04/metadata";

/// The content of an element.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Boolean,
    Double,
    Base64,
    /// 18 letters and digits.
    Id,
    OneOf(&'static [&'static str]),
    Record(&'static [Element]),
    /// A component, of the type in `xsi:type`.
    Component,
}

/// An element of a sequence.
#[derive(Clone, Copy)]
struct Element {
    name: &'static str,
    is_required: bool,
    is_list: bool,
    kind: Kind,
}

const fn one(name: &'static str, kind: Kind) -> Element {
    Element {
        name,
        is_required: true,
        is_list: false,
        kind,
    }
}

const fn maybe(name: &'static str, kind: Kind) -> Element {
    Element {
        is_required: false,
        ..one(name, kind)
    }
}

const fn many(name: &'static str, kind: Kind) -> Element {
    Element {
        is_list: true,
        ..maybe(name, kind)
    }
}

const DEPLOY_OPTIONS: &[Element] = &[
    one("allowMissingFiles", Boolean),
    one("autoUpdatePackage", Boolean),
    one("checkOnly", Boolean),
    one("ignoreWarnings", Boolean),
    one("performRetrieve", Boolean),
    one("purgeOnDelete", Boolean),
    one("rollbackOnError", Boolean),
    many("runTests", Text),
    one("singlePackage", Boolean),
    one(
        "testLevel",
        OneOf(&[
            "NoTestRun",
            "RunSpecifiedTests",
            "RunLocalTests",
            "RunAllTestsInOrg",
            "RunRelevantTests",
        ]),
    ),
];

const PACKAGE: &[Element] = &[
    maybe("fullName", Text),
    maybe("module", Text),
    maybe("apiAccessLevel", Text),
    maybe("description", Text),
    maybe("namespacePrefix", Text),
    many("objectPermissions", Text),
    maybe("packageType", Text),
    maybe("postInstallClass", Text),
    maybe("setupWeblink", Text),
    many("types", Record(&[many("members", Text), one("name", Text)])),
    maybe("uninstallClass", Text),
    one("version", Text),
];

const RETRIEVE_REQUEST: &[Element] = &[
    one("apiVersion", Double),
    many("packageNames", Text),
    many("rootTypesWithDependencies", Text),
    one("singlePackage", Boolean),
    many("specificFiles", Text),
    maybe("unpackaged", Record(PACKAGE)),
];

const NAMES: &[Element] = &[one("type", Text), many("fullNames", Text)];
const COMPONENTS: &[Element] = &[many("metadata", Component)];

/// The operations with their elements.
const OPERATIONS: &[(&str, &[Element])] = &[
    (
        "deploy",
        &[
            one("ZipFile", Base64),
            one("DeployOptions", Record(DEPLOY_OPTIONS)),
        ],
    ),
    (
        "checkDeployStatus",
        &[one("asyncProcessId", Id), one("includeDetails", Boolean)],
    ),
    ("checkStatus", &[many("asyncProcessId", Id)]),
    ("cancelDeploy", &[one("String", Id)]),
    ("deployRecentValidation", &[one("validationId", Id)]),
    (
        "retrieve",
        &[one("retrieveRequest", Record(RETRIEVE_REQUEST))],
    ),
    (
        "checkRetrieveStatus",
        &[one("asyncProcessId", Id), one("includeZip", Boolean)],
    ),
    (
        "listMetadata",
        &[
            many(
                "queries",
                Record(&[maybe("folder", Text), one("type", Text)]),
            ),
            one("asOfVersion", Double),
        ],
    ),
    ("describeMetadata", &[one("asOfVersion", Double)]),
    ("describeValueType", &[one("type", Text)]),
    ("readMetadata", NAMES),
    ("createMetadata", COMPONENTS),
    ("updateMetadata", COMPONENTS),
    ("upsertMetadata", COMPONENTS),
    ("deleteMetadata", NAMES),
    (
        "renameMetadata",
        &[
            one("type", Text),
            one("oldFullName", Text),
            one("newFullName", Text),
        ],
    ),
];

/// The headers with their elements.
const HEADERS: &[(&str, &[Element])] = &[
    ("SessionHeader", &[one("sessionId", Text)]),
    (
        "CallOptions",
        &[
            one("client", Text),
            one("perfOption", OneOf(&["NONE", "MINIMUM"])),
            one("uiRequestId", Text),
        ],
    ),
    ("AllOrNoneHeader", &[one("allOrNone", Boolean)]),
    (
        "DebuggingHeader",
        &[
            many(
                "categories",
                Record(&[one("category", Text), one("level", Text)]),
            ),
            one("debugLevel", Text),
        ],
    ),
];

/// The first deviation of an envelope from the schema: the place and the deviation.
pub(crate) fn deviation(envelope: &Node) -> Option<String> {
    check_envelope(envelope).err()
}

fn check_envelope(envelope: &Node) -> Result<(), String> {
    in_namespace(envelope, SOAP)?;
    let mut body = None;
    for child in &envelope.children {
        in_namespace(child, SOAP)?;
        match child.name.as_str() {
            "Header" if body.is_none() => {
                for header in &child.children {
                    message(header, HEADERS, "header")?;
                }
            }
            "Body" if body.is_none() => body = Some(child),
            other => return Err(format!("Envelope: {other} is not expected here")),
        }
    }
    match body.map(|body| body.children.as_slice()) {
        Some([operation]) => message(operation, OPERATIONS, "operation"),
        _ => Err("Body: exactly one operation is expected".to_owned()),
    }
}

fn message(node: &Node, known: &[(&str, &'static [Element])], what: &str) -> Result<(), String> {
    in_namespace(node, METADATA)?;
    let (_, elements) = known
        .iter()
        .find(|(name, _)| *name == node.name)
        .ok_or_else(|| format!("{} is not a valid {what} of this version", node.name))?;
    sequence(&node.name, node, elements)
}

fn in_namespace(node: &Node, namespace: &str) -> Result<(), String> {
    if node.namespace.as_deref() == Some(namespace) {
        return Ok(());
    }
    Err(format!(
        "{}: the namespace is {:?}, expected {namespace:?}",
        node.name,
        node.namespace.as_deref().unwrap_or_default()
    ))
}

/// Children in the order of the table, each at most as often as allowed.
fn sequence(path: &str, node: &Node, elements: &'static [Element]) -> Result<(), String> {
    let mut place = 0;
    let mut last: Option<&str> = None;
    for child in &node.children {
        in_namespace(child, METADATA).map_err(|text| format!("{path}/{text}"))?;
        let name = child.name.as_str();
        let Some(index) = elements.iter().position(|element| element.name == name) else {
            return Err(format!("{path}: {name} is not in the schema"));
        };
        let element = &elements[index];
        if last == Some(name) && !element.is_list {
            return Err(format!("{path}: {name} may occur only once"));
        }
        if index < place && last != Some(name) {
            return Err(format!("{path}: {name} is out of order"));
        }
        // A skipped element must not be required.
        if let Some(missing) = elements
            .get(place..index)
            .and_then(|passed| passed.iter().find(|element| element.is_required))
        {
            return Err(format!("{path}: {} is missing before {name}", missing.name));
        }
        place = index + 1;
        last = Some(name);
        value(&format!("{path}/{name}"), child, element.kind)?;
    }
    match elements[place..].iter().find(|element| element.is_required) {
        Some(missing) => Err(format!("{path}: {} is missing", missing.name)),
        None => Ok(()),
    }
}

fn value(path: &str, node: &Node, kind: Kind) -> Result<(), String> {
    let text = node.text.trim();
    let refuse = |expected: &str| Err(format!("{path}: the value is not a valid {expected}"));
    match kind {
        Record(elements) => return sequence(path, node, elements),
        Component => return component(path, node),
        _ if !node.children.is_empty() => {
            return Err(format!("{path}: no elements are expected in it"));
        }
        Boolean if !matches!(text, "true" | "false" | "1" | "0") => return refuse("xsd:boolean"),
        Double if text.parse::<f64>().is_err() => return refuse("xsd:double"),
        Base64
            if !text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n\t ".contains(&byte)) =>
        {
            return refuse("xsd:base64Binary");
        }
        Id if text.len() != 18 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            return refuse("ID of 18 characters");
        }
        OneOf(values) if !values.contains(&text) => return refuse("value of its enumeration"),
        Text | Boolean | Double | Base64 | Id | OneOf(_) => {}
    }
    Ok(())
}

fn component(path: &str, node: &Node) -> Result<(), String> {
    let Some(kind) = node
        .kind
        .as_deref()
        .and_then(|name| name.parse::<MetadataType>().ok())
    else {
        return Err(format!("{path}: xsi:type names no metadata type"));
    };
    // Members of the base type come first.
    let inherited = node
        .children
        .iter()
        .take_while(|child| matches!(child.name.as_str(), "fullName" | "module"))
        .count();
    if node.children[..inherited]
        .first()
        .map(|child| child.name.as_str())
        != Some("fullName")
    {
        return Err(format!("{path}: fullName is not its first element"));
    }
    members(path, &node.children[inherited..], kind.schema().record)
}

fn members(path: &str, children: &[Node], schema: &RecordSchema) -> Result<(), String> {
    let mut place = 0;
    let mut last: Option<&str> = None;
    for child in children {
        in_namespace(child, METADATA).map_err(|text| format!("{path}/{text}"))?;
        let name = child.name.as_str();
        let Some(index) = schema.fields.iter().position(|field| field.element == name) else {
            if schema.partial {
                continue;
            }
            return Err(format!("{path}: {name} is not in the schema"));
        };
        let field = &schema.fields[index];
        if last == Some(name) && !field.list {
            return Err(format!("{path}: {name} may occur only once"));
        }
        if index < place && last != Some(name) {
            return Err(format!("{path}: {name} is out of order"));
        }
        place = index;
        last = Some(name);
        if let FieldKind::Record(inner) = field.kind {
            members(&format!("{path}/{name}"), &child.children, inner)?;
        }
    }
    Ok(())
}
