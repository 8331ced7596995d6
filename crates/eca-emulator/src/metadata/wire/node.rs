//! An element of a SOAP request, as a tree.

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// No structure of the Metadata API is nested nearly as deep.
pub(super) const MAX_DEPTH: usize = 32;

/// A call names at most 10,000 components (Metadata API Developer Guide, "Metadata Limits"), with a
/// few elements for each.
const MAX_ELEMENTS: usize = 100_000;

/// The character that a reference stands for; the error is the text of a fault.
pub(super) fn character(reference: &BytesRef<'_>) -> Result<String, String> {
    let name = reference.xml10_content();
    Ok(match &*name {
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
    })
}

/// An element of a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Local name.
    pub(crate) name: String,
    /// Only strict orgs check it.
    pub(crate) namespace: Option<String>,
    /// `xsi:type`, without its prefix.
    pub(crate) kind: Option<String>,
    /// Character data directly inside the element.
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// Reads a document; the error is the text of a fault.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut reader = NsReader::from_str(text);
        let mut open: Vec<Node> = vec![Node::default()];
        let mut elements = 0;
        loop {
            let (resolved, event) = reader
                .read_resolved_event()
                .map_err(|error| error.to_string())?;
            let namespace = match resolved {
                ResolveResult::Bound(Namespace(namespace)) => Some(namespace.to_owned()),
                ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
            };
            if let Event::Start(_) | Event::Empty(_) = event {
                elements += 1;
                if elements > MAX_ELEMENTS {
                    return Err(format!("the request has more than {MAX_ELEMENTS} elements"));
                }
            }
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
                    // The reader has matched the end with its start, so both exist.
                    if let Some(node) = open.pop()
                        && let Some(parent) = open.last_mut()
                    {
                        parent.children.push(node);
                    }
                }
                Event::Text(piece) => append(&mut open, &piece.xml10_content()),
                Event::CData(piece) => append(&mut open, &piece.xml10_content()),
                Event::GeneralRef(reference) => {
                    let text = character(&reference)?;
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

/// The value of `xsi:type`, with any prefixes.
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
    fn elements_are_counted() {
        for (count, is_refused) in [(MAX_ELEMENTS - 1, false), (MAX_ELEMENTS, true)] {
            for element in ["<b/>", "<b></b>"] {
                let text = format!("<a>{}</a>", element.repeat(count));
                let expected = "the request has more than 100000 elements";
                let refused = Node::read(&text).err();
                assert_eq!(refused.as_deref(), is_refused.then_some(expected));
            }
        }
    }
}
