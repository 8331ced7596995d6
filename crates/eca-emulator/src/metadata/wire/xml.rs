//! Writing SOAP answers.

use std::fmt::Write as _;

use http::StatusCode;
use quick_xml::escape::partial_escape;
use serde_json::Value;

use crate::server::call::{Reply, reply};

/// Writes a JSON value as elements: the types of the Metadata API have the same members in REST and
/// SOAP, and in SOAP they are sorted by name, as in a JSON object here. An array is a repeated
/// element, `null` is `xsi:nil`.
pub(crate) fn element(xml: &mut String, name: &str, value: &Value) {
    let _ = match value {
        Value::Array(items) => {
            for item in items {
                element(xml, name, item);
            }
            return;
        }
        Value::Null => write!(xml, r#"<{name} xsi:nil="true"/>"#),
        Value::String(text) => write!(xml, "<{name}>{}</{name}>", partial_escape(text)),
        Value::Bool(_) | Value::Number(_) => write!(xml, "<{name}>{value}</{name}>"),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // Components begin with their inherited member.
            members.sort_by_key(|(name, _)| (*name != "fullName" || !value_has_type(value), *name));
            let _ = write!(xml, "<{name}");
            if let Some(kind) = value[TYPE].as_str() {
                let _ = write!(xml, r#" {}="{kind}""#, &TYPE[1..]);
            }
            xml.push('>');
            for (name, value) in members {
                if name != TYPE {
                    element(xml, name, value);
                }
            }
            write!(xml, "</{name}>")
        }
    };
}

/// The member that becomes the attribute `xsi:type`.
const TYPE: &str = "@xsi:type";

fn value_has_type(value: &Value) -> bool {
    value[TYPE].is_string()
}

/// The answer to `operation`: `result` once, or once for each item of an array.
pub(crate) fn soap_reply(operation: &str, result: &Value) -> Reply {
    let mut body = format!("<{operation}Response>");
    element(&mut body, "result", result);
    let _ = write!(body, "</{operation}Response>");
    envelope(
        StatusCode::OK,
        r#" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#,
        &body,
    )
}

/// A fault, which Salesforce sends with status 500.
pub(crate) fn soap_fault(code: &str, message: &str) -> Reply {
    envelope(
        StatusCode::INTERNAL_SERVER_ERROR,
        r#" xmlns:sf="http://soap.sforce.com/2006/04/metadata""#,
        &format!(
            "<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {}</faultstring></soapenv:Fault>",
            partial_escape(message)
        ),
    )
}

fn envelope(status: StatusCode, namespaces: &str, body: &str) -> Reply {
    reply(
        status,
        "text/xml;charset=UTF-8",
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"{namespaces}>\
             <soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_becomes_elements() {
        let mut xml = String::new();
        element(
            &mut xml,
            "r",
            &json!({ "b": ["<", true], "a": { "n": 1 }, "zip": null, "none": [] }),
        );
        assert_eq!(
            xml,
            r#"<r><a><n>1</n></a><b>&lt;</b><b>true</b><zip xsi:nil="true"/></r>"#
        );
    }
}
