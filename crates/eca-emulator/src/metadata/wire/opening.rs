//! The opening of a SOAP request, of which the rest has not arrived yet.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::metadata::wire::node::{MAX_DEPTH, character};

/// What the first bytes of an envelope tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// `SessionHeader/sessionId`, if all of it is there.
    pub(crate) session: Option<String>,
    /// The local name of the operation.
    pub(crate) operation: Option<String>,
}

impl Opening {
    /// Reads up to the operation, or to the end of the bytes.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        // A character at the end may be cut.
        let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let mut reader = Reader::from_str(text);
        let mut opening = Self::default();
        let mut path: Vec<String> = Vec::new();
        let mut session = String::new();
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(start) | Event::Empty(start) if is_body(&path) => {
                    opening.operation = Some(start.local_name().as_ref().to_owned());
                    break;
                }
                Event::Start(start) if path.len() < MAX_DEPTH => {
                    path.push(start.local_name().as_ref().to_owned());
                    session.clear();
                }
                Event::End(_) => {
                    if is_session(&path) && opening.session.is_none() {
                        opening.session = Some(session.trim().to_owned());
                    }
                    path.pop();
                }
                Event::Text(piece) => session.push_str(&piece.xml10_content()),
                Event::CData(piece) => session.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) => match character(&reference) {
                    Ok(text) => session.push_str(&text),
                    Err(_) => break,
                },
                Event::Start(_) | Event::DocType(_) | Event::Eof => break,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        opening
    }
}

fn is_body(path: &[String]) -> bool {
    matches!(path, [envelope, body] if envelope == "Envelope" && body == "Body")
}

fn is_session(path: &[String]) -> bool {
    let [envelope, rest @ ..] = path else {
        return false;
    };
    let names = ["Header", "SessionHeader", "sessionId"];
    envelope == "Envelope"
        && rest.len() == names.len()
        && rest
            .iter()
            .zip(names)
            .all(|(own, name)| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"x\"><s:Header><CallOptions/>\
        <m:SessionHeader xmlns:m=\"y\"><m:sessionId> 00D!a&amp;<![CDATA[b]]>&#99; </m:sessionId>\
        </m:SessionHeader></s:Header>";

    #[test]
    fn session_and_operation_are_found_in_the_first_bytes() {
        for (text, session, operation) in [
            (
                format!("{HEAD}<s:Body><m:deploy><ZipFile>UEsD"),
                Some("00D!a&bc"),
                Some("deploy"),
            ),
            (
                format!("{HEAD}<s:Body><describeMetadata/>"),
                Some("00D!a&bc"),
                Some("describeMetadata"),
            ),
            (format!("{HEAD}<s:Body>"), Some("00D!a&bc"), None),
            (HEAD.to_owned(), Some("00D!a&bc"), None),
            // A session that is cut is none.
            (HEAD[..HEAD.len() - 29].to_owned(), Some("00D!a&bc"), None),
            (HEAD[..HEAD.len() - 30].to_owned(), None, None),
            (
                "<Envelope><Body><sessionId>00D!x</sessionId>".to_owned(),
                None,
                Some("sessionId"),
            ),
            (
                "<Envelope><Header><sessionId>00D!x</sessionId>".to_owned(),
                None,
                None,
            ),
            (
                "<!DOCTYPE a><Envelope><Body><deploy/>".to_owned(),
                None,
                None,
            ),
            ("nonsense".to_owned(), None, None),
            (String::new(), None, None),
        ] {
            let expected = Opening {
                session: session.map(str::to_owned),
                operation: operation.map(str::to_owned),
            };
            assert_eq!(Opening::read(text.as_bytes()), expected, "{text}");
            // A cut character at the end changes nothing.
            let cut = [text.as_bytes(), &[0xe2, 0x82]].concat();
            assert_eq!(Opening::read(&cut), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(bytes: Vec<u8>, text in "(<[a:/!?]{0,4}>|&[a#x0-9;]{0,4}|[ -~])*") {
            let _ = Opening::read(&bytes);
            let _ = Opening::read(text.as_bytes());
        }
    }
}
