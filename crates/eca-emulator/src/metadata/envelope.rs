//! Reading SOAP requests, as leniently as Salesforce does.
//!
//! Real clients deviate from the WSDL in element names (`request` for `retrieveRequest`, `id` for
//! `String`), in prefixes and in order, and all of them work in production. So elements are found
//! by local name among several, without regard to namespace or case, and a lone argument by its
//! place.

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
};

use crate::metadata::strict;

/// Nothing that the Metadata API defines comes near this nesting.
const MAX_DEPTH: usize = 32;

/// An element of a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Local name.
    pub(crate) name: String,
    /// Looked at by strict orgs only.
    pub(crate) namespace: Option<String>,
    /// `xsi:type`, without its prefix.
    pub(crate) kind: Option<String>,
    /// Character data directly inside the element.
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// The first child with one of these names.
    pub(crate) fn child(&self, names: &[&str]) -> Option<&Self> {
        names.iter().find_map(|name| {
            self.children
                .iter()
                .find(|child| child.name.eq_ignore_ascii_case(name))
        })
    }

    pub(crate) fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children
            .iter()
            .filter(move |child| child.name.eq_ignore_ascii_case(name))
    }

    /// The text of the first child with one of these names.
    pub(crate) fn text_of(&self, names: &[&str]) -> Option<&str> {
        self.child(names).map(|child| child.text.trim())
    }

    /// A boolean child; anything but `true` and `1` is false, as in XML Schema.
    pub(crate) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.text_of(names)
            .map(|text| matches!(text, "true" | "1" | "True" | "TRUE"))
    }
}

/// A SOAP request.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// What is against the schema, if that was to be found out.
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
        let mut envelope = tree(text)?;
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

fn tree(text: &str) -> Result<Node, String> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        let (resolved, event) = reader
            .read_resolved_event()
            .map_err(|error| error.to_string())?;
        let namespace = match resolved {
            ResolveResult::Bound(Namespace(namespace)) => Some(namespace.to_owned()),
            ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
        };
        match event {
            Event::Start(start) => {
                if open.len() > MAX_DEPTH {
                    return Err("elements are nested too deep".to_owned());
                }
                open.push(Node {
                    name: start.local_name().as_ref().to_owned(),
                    namespace,
                    kind: kind(&start),
                    ..Node::default()
                });
            }
            Event::Empty(start) => {
                let node = Node {
                    name: start.local_name().as_ref().to_owned(),
                    namespace,
                    kind: kind(&start),
                    ..Node::default()
                };
                if let Some(parent) = open.last_mut() {
                    parent.children.push(node);
                }
            }
            Event::End(_) => {
                // The reader has matched the end with its start, so both are here.
                if let Some(node) = open.pop()
                    && let Some(parent) = open.last_mut()
                {
                    parent.children.push(node);
                }
            }
            Event::Text(piece) => append(&mut open, &piece.xml10_content()),
            Event::CData(piece) => append(&mut open, &piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let text = match &*name {
                    "amp" => "&".to_owned(),
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "quot" => "\"".to_owned(),
                    "apos" => "'".to_owned(),
                    _ => reference
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .map(String::from)
                        .ok_or_else(|| format!("unknown entity {name}"))?,
                };
                append(&mut open, &text);
            }
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match open.as_mut_slice() {
        [root] if root.children.len() == 1 => Ok(root.children.swap_remove(0)),
        _ => Err("the document ends too early".to_owned()),
    }
}

/// The value of `xsi:type`, whatever the prefixes are.
fn kind(start: &BytesStart<'_>) -> Option<String> {
    let attribute = start
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == "type")?;
    let value = &*attribute.value;
    Some(value.rsplit(':').next().unwrap_or(value).to_owned())
}

fn append(open: &mut [Node], text: &str) {
    // Text outside the root element is white space only.
    if let [_, .., node] = open {
        node.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_order_and_escapes_do_not_matter() {
        let envelope = Envelope::parse(
            br#"<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:met="http://soap.sforce.com/2006/04/metadata">
            <s:Header><met:CallOptions/><met:SessionHeader><met:sessionId>00D!a&amp;&#98;<![CDATA[c]]></met:sessionId></met:SessionHeader></s:Header>
            <s:Body><met:checkDeployStatus><met:includeDetails>true</met:includeDetails><met:asyncProcessId> 0Af </met:asyncProcessId></met:checkDeployStatus></s:Body></s:Envelope>"#,
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
