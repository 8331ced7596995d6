//! Reading SOAP requests, as leniently as Salesforce does.
//!
//! Real clients deviate from the WSDL in element names (`request` for `retrieveRequest`, `id` for
//! `String`), in prefixes and in order, and all of them work in production. So elements are found
//! by local name, ignoring namespace and case, and a single argument by its place.

use crate::metadata::wire::node::Node;
use crate::metadata::wire::strict;

/// A SOAP request.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// The first deviation from the schema, in a strict org.
    pub(crate) deviation: Option<String>,
    /// `SessionHeader/sessionId`.
    pub(crate) session: Option<String>,
    /// `AllOrNoneHeader/allOrNone`.
    pub(crate) all_or_none: bool,
    /// The element inside the body: the operation.
    pub(crate) operation: Node,
}

impl Envelope {
    /// Reads an envelope; the error is the text of a fault.
    pub(crate) fn parse(body: &[u8], is_strict: bool) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "request is not UTF-8".to_owned())?;
        let mut envelope = Node::read(text)?;
        if envelope.name != "Envelope" {
            return Err(format!("expected a SOAP Envelope, found {}", envelope.name));
        }
        let deviation = is_strict.then(|| strict::deviation(&envelope)).flatten();
        let session = envelope
            .child(&["Header"])
            .and_then(|header| header.child(&["SessionHeader"]))
            .and_then(|header| header.text_of(&["sessionId"]))
            .map(str::to_owned);
        let all_or_none = envelope
            .child(&["Header"])
            .and_then(|header| header.child(&["AllOrNoneHeader"]))
            .and_then(|header| header.flag(&["allOrNone"]))
            .unwrap_or(false);
        let operation = envelope
            .children
            .iter_mut()
            .find(|child| child.name == "Body")
            .and_then(|body| (!body.children.is_empty()).then(|| body.children.swap_remove(0)))
            .ok_or_else(|| "no operation in the SOAP Body".to_owned())?;
        Ok(Self {
            deviation,
            session,
            all_or_none,
            operation,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_order_and_escapes_do_not_matter() {
        let envelope = Envelope::parse(
            br#"<?xml version="1.0"?>
            <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
                xmlns:met="http://soap.sforce.com/2006/04/metadata">
            <s:Header><met:CallOptions/><met:SessionHeader>
                <met:sessionId>00D!a&amp;&#98;<![CDATA[c]]></met:sessionId>
            </met:SessionHeader></s:Header>
            <s:Body><met:checkDeployStatus>
                <met:includeDetails>true</met:includeDetails>
                <met:asyncProcessId> 0Af </met:asyncProcessId>
            </met:checkDeployStatus></s:Body></s:Envelope>"#,
            false,
        )
        .unwrap();
        assert_eq!(envelope.session.as_deref(), Some("00D!a&bc"));
        assert_eq!(envelope.operation.name, "checkDeployStatus");
        assert_eq!(
            envelope.operation.text_of(&["id", "asyncProcessId"]),
            Some("0Af")
        );
        assert_eq!(envelope.operation.flag(&["includeDetails"]), Some(true));
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(body: Vec<u8>, text in "(<[a:/!?]{0,4}>|&[a#x0-9;]{0,4}|[ -~])*") {
            let _ = Envelope::parse(&body, true);
            let _ = Envelope::parse(text.as_bytes(), true);
        }
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        for (body, expected) in [
            ("", "ends too early"),
            ("<a/>", "expected a SOAP Envelope"),
            ("<Envelope><Body/></Envelope>", "no operation"),
            ("<Envelope><Body><a></Body></Envelope>", ""),
            ("<!DOCTYPE a><Envelope/>", "document type"),
            (
                "<Envelope><Body><a>&b;</a></Body></Envelope>",
                "unknown entity",
            ),
        ] {
            let error = Envelope::parse(body.as_bytes(), false).unwrap_err();
            assert!(error.contains(expected), "{body}: {error}");
        }
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert!(
            Envelope::parse(deep.as_bytes(), false)
                .unwrap_err()
                .contains("too deep")
        );
    }
}
