//! The types of a metadata WSDL.

use std::collections::BTreeMap;

use eca_model::ApiVersion;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The types of one API version.
#[derive(Debug)]
pub(crate) struct Wsdl {
    /// The API version, from the address of the service.
    pub(crate) version: ApiVersion,
    /// The complex types by name.
    pub(crate) records: BTreeMap<String, Record>,
    /// The values of enumerations by the name of the simple type.
    pub(crate) enumerations: BTreeMap<String, Vec<String>>,
}

/// A complex type.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The type that it extends, without a prefix.
    pub(crate) base: Option<String>,
    /// Its own members, in the file's order.
    pub(crate) members: Vec<Member>,
}

/// One element of a complex type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The element's name.
    pub(crate) name: String,
    /// Its type with the file's prefix: `xsd:boolean`, `tns:AccessMethod`.
    pub(crate) kind: String,
    /// Whether it may repeat.
    pub(crate) list: bool,
    /// Whether it is required.
    pub(crate) required: bool,
}

/// Why a text is not a metadata WSDL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WsdlError {
    /// Not XML.
    #[error("not well-formed XML")]
    Xml(#[from] quick_xml::Error),
    /// An attribute is not well-formed.
    #[error("not well-formed XML in an attribute")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    /// No address that ends like `/services/Soap/m/66.0`.
    #[error("no address of a Metadata API with its version, such as `…/services/Soap/m/66.0`")]
    Version,
    /// No complex type at all.
    #[error("no complex type")]
    Empty,
}

impl Wsdl {
    /// Reads a WSDL.
    ///
    /// # Errors
    /// See [`WsdlError`].
    pub(crate) fn parse(text: &str) -> Result<Self, WsdlError> {
        let mut version = None;
        let mut records = BTreeMap::new();
        let mut enumerations = BTreeMap::new();
        // The current complex type and simple type. Anonymous types are skipped.
        let mut record: Option<(String, Record)> = None;
        let mut enumeration: Option<(String, Vec<String>)> = None;
        let mut reader = Reader::from_str(text);
        loop {
            match reader.read_event()? {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "complexType" => {
                        record = attribute(&tag, "name")?.map(|name| (name, Record::default()));
                    }
                    "simpleType" => {
                        enumeration = attribute(&tag, "name")?.map(|name| (name, Vec::new()));
                    }
                    "extension" => {
                        if let Some((_, record)) = &mut record {
                            record.base = attribute(&tag, "base")?.map(|base| local(&base).into());
                        }
                    }
                    "element" => {
                        if let Some((_, record)) = &mut record {
                            record.members.extend(member(&tag)?);
                        }
                    }
                    "enumeration" => {
                        if let Some((_, values)) = &mut enumeration {
                            values.extend(attribute(&tag, "value")?);
                        }
                    }
                    "address" => {
                        let location = attribute(&tag, "location")?.unwrap_or_default();
                        let last = location.rsplit_once("/m/").map(|(_, last)| last);
                        version = last.and_then(|last| last.parse().ok());
                    }
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "complexType" => records.extend(record.take()),
                    "simpleType" => {
                        enumerations.extend(enumeration.take().filter(|(_, v)| !v.is_empty()));
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        if records.is_empty() {
            return Err(WsdlError::Empty);
        }
        Ok(Self {
            version: version.ok_or(WsdlError::Version)?,
            records,
            enumerations,
        })
    }

    /// Whether files can be of this type: it extends the type Metadata, directly or not.
    pub(crate) fn is_metadata(&self, name: &str) -> bool {
        let mut base = self.records.get(name).and_then(|one| one.base.as_deref());
        // The limit ends a circle of base types.
        for _ in 0..self.records.len() {
            match base {
                Some("Metadata") => return true,
                Some(next) => base = self.records.get(next).and_then(|one| one.base.as_deref()),
                None => return false,
            }
        }
        false
    }
}

fn member(tag: &BytesStart<'_>) -> Result<Option<Member>, WsdlError> {
    let (Some(name), Some(kind)) = (attribute(tag, "name")?, attribute(tag, "type")?) else {
        return Ok(None);
    };
    Ok(Some(Member {
        name,
        kind,
        list: attribute(tag, "maxOccurs")?.is_some_and(|most| most != "1"),
        required: attribute(tag, "minOccurs")?.is_none_or(|least| least != "0"),
    }))
}

/// The value of an attribute. Names, numbers and addresses need no unescaping.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, WsdlError> {
    let found = tag.try_get_attribute(name)?;
    Ok(found.map(|found| found.value.clone().into_owned()))
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::super::tests::CUT;
    use super::*;

    #[test]
    fn types_and_their_members() {
        let wsdl = Wsdl::parse(CUT).unwrap();
        assert_eq!(wsdl.version, ApiVersion::new(66));
        let canvas = &wsdl.records["ExtlClntAppCanvasSettings"];
        assert_eq!(canvas.base.as_deref(), Some("Metadata"));
        let options = canvas
            .members
            .iter()
            .find(|one| one.name == "canvasOptions");
        let expected = Member {
            name: "canvasOptions".to_owned(),
            kind: "tns:CanvasOptions".to_owned(),
            list: true,
            required: false,
        };
        assert_eq!(options, Some(&expected));
        assert_eq!(
            wsdl.enumerations["CanvasOptions"],
            ["HideShare", "HideHeader", "PersonalEnabled"]
        );
        assert!(wsdl.is_metadata("Certificate"), "over MetadataWithContent");
        assert!(!wsdl.is_metadata("ExternalAppIdTokenConfig"));
    }

    #[test]
    fn other_documents_are_refused() {
        for (text, message) in [
            ("<definitions/>", "no complex type"),
            (
                r#"<a><complexType name="A"></complexType></a>"#,
                "no address of a Metadata API",
            ),
            ("<a></b>", "not well-formed XML"),
        ] {
            let error = Wsdl::parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
