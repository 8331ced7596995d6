//! Writes the elements of requests.

/// Writes one element with escaped text.
pub(super) fn element(xml: &mut String, name: &str, text: &str) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    xml.push_str(&quick_xml::escape::partial_escape(text));
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

/// The WSDL's spelling of a boolean.
pub(super) fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
