//! What cannot be read is refused quickly, with a place and a reason.

use eca_model::types::ExternalClientApplication;
use eca_model::{File, Metadata};

use crate::XMLNS;

#[test]
fn reasons() {
    let deep = format!(
        "<ExternalClientApplication {XMLNS}>{}",
        "<a>".repeat(500_000)
    );
    let cases: Vec<(&str, String, &str)> = vec![
        ("empty", String::new(), "1:1: no XML element found"),
        (
            "prose",
            "just a note\n".to_owned(),
            "1:1: no XML element found",
        ),
        ("json", "{\"a\": 1}".to_owned(), "1:1: no XML element found"),
        (
            "unclosed",
            "<ExternalClientApplication>\n<label>".to_owned(),
            "2:8: not well-formed XML",
        ),
        ("mismatched", root("<a></b>"), "not well-formed XML"),
        (
            "lone ampersand",
            root("<a>x & y</a>"),
            "not well-formed XML",
        ),
        (
            "unknown entity",
            root("<a>&nbsp;</a>"),
            "`&nbsp;` is not defined",
        ),
        (
            "reference to a control character",
            root("<a>&#0;</a>"),
            "`&#0;` is not defined",
        ),
        (
            "control character",
            root("<a>\u{1}</a>"),
            "control character U+0001",
        ),
        (
            "noncharacter",
            root("<a>\u{fffe}</a>"),
            "control character U+FFFE",
        ),
        (
            "DTD",
            format!("<!DOCTYPE a [<!ENTITY b \"c\">]>\n{}", root("&b;")),
            "1:1: a DTD is not allowed",
        ),
        (
            "second root",
            root("") + "\n<b/>",
            "2:1: a second root element `b`",
        ),
        (
            "text behind the root",
            root("") + "\nx",
            "2:1: not well-formed XML: text outside",
        ),
        (
            "attribute twice",
            root("<a b=\"1\" b=\"2\"/>"),
            "not well-formed XML",
        ),
        (
            "attribute without quotes",
            root("<a b=1/>"),
            "not well-formed XML",
        ),
        ("deep", deep, "nested deeper than 64 levels"),
        (
            "no namespace",
            "<ExternalClientApplication/>".to_owned(),
            "is in namespace ``",
        ),
        (
            "other namespace",
            "<ExternalClientApplication xmlns=\"urn:x\"/>".to_owned(),
            "is in namespace `urn:x`",
        ),
        (
            "other type",
            format!("<PermissionSet {XMLNS}/>"),
            "root element is `PermissionSet`, expected `ExternalClientApplication`",
        ),
        (
            "too large",
            " ".repeat((16 << 20) + 1),
            "more than the limit of 16777216",
        ),
    ];
    cases.into_iter().for_each(check);
}

fn root(inner: &str) -> String {
    format!("<ExternalClientApplication {XMLNS}>{inner}</ExternalClientApplication>")
}

/// A text, and words of the message that refuses it, its place included.
fn check((name, text, message): (&str, String, &str)) {
    let error = File::<ExternalClientApplication>::parse(text)
        .err()
        .unwrap_or_else(|| panic!("{name} is read"));
    let shown = format!("{}: {error}", error.position());
    assert!(shown.contains(message), "{name}: {shown}");
}

#[test]
fn rules_of_xml() {
    let cases: Vec<(&str, String, &str)> = vec![
        (
            "comment without end",
            root("<!-- "),
            "1:76: not well-formed XML: a comment has no end",
        ),
        (
            "two hyphens",
            root("<!-- -- -->"),
            "`--` must not stand in a comment",
        ),
        (
            "CDATA without end",
            root("<![CDATA[ ]]"),
            "a CDATA section has no end",
        ),
        (
            "end of CDATA in text",
            root("]]>"),
            "`]]>` must not stand in text",
        ),
        (
            "late declaration",
            root("<?xml version=\"1.0\"?>"),
            "the XML declaration must come first",
        ),
        (
            "instruction without name",
            root("<? x?>"),
            "`<?` must be followed by a name",
        ),
        (
            "instruction without end",
            root("<?x "),
            "a processing instruction has no end",
        ),
        (
            "tag without end",
            "<a b=\"1\"".to_owned(),
            "1:1: not well-formed XML: a tag has no end",
        ),
        (
            "attributes without space",
            root("<a b=\"1\"c=\"2\"/>"),
            "white space is missing in a tag",
        ),
        (
            "attribute without end",
            "<a b=\"1>".to_owned(),
            "the value of attribute `b` has no end",
        ),
        (
            "tag in an attribute",
            root("<a b=\"<\"/>"),
            "`<` must not stand in an attribute",
        ),
        (
            "entity in an attribute",
            root("<a b=\"&x;\"/>"),
            "`&x;` is not defined",
        ),
        (
            "ampersand in an attribute",
            root("<a b=\"&\">;</a>"),
            "not well-formed XML",
        ),
        (
            "number as a name",
            root("<1/>"),
            "`1` is not an element name",
        ),
        (
            "two colons in a name",
            root("<a:b:c/>"),
            "`a:b:c` is not an element name",
        ),
        (
            "less-than in text",
            root("1 < 2"),
            "`<` must be written `&lt;`",
        ),
        (
            "end tag first",
            "</a>".to_owned(),
            "an end tag without a start tag",
        ),
        (
            "end tag of a longer name",
            root("<a></ab>"),
            "end tag `</ab>` where `</a>` is due",
        ),
    ];
    cases.into_iter().for_each(check);
}

#[test]
fn bytes_that_are_no_text() {
    let mut bytes = format!("<ExternalClientApplication {XMLNS}>\n<label>").into_bytes();
    bytes.extend([0xff, 0xfe]);
    let error = File::<ExternalClientApplication>::from_bytes(bytes).unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    assert_eq!(error.position().to_string(), "2:8");
}

#[test]
fn an_unknown_root_is_no_metadata_of_this_field() {
    let error = File::<Metadata>::parse(format!("<ApexClass {XMLNS}/>")).unwrap_err();
    assert!(error.to_string().contains("`ApexClass`"), "{error}");
}

/// Were any of them read in time that grows with the square of its length, this would take hours,
/// not be a bit slow.
#[test]
fn a_mebibyte_of_anything_is_refused() {
    const SIZE: usize = 1 << 20;
    let fill = |piece: &str| root(&piece.repeat(SIZE / piece.len()));
    let truncated = {
        let whole = fill("<label>a &amp; b</label>\n");
        whole[..whole.len() - 3].to_owned()
    };
    for (name, text, message) in [
        ("nested", fill("<a>"), "nested deeper than 64 levels"),
        (
            "nested, with attributes",
            fill("<a b='c'>"),
            "nested deeper than 64 levels",
        ),
        ("truncated", truncated, "not well-formed XML"),
        ("open comments", fill("<!--"), "not well-formed XML"),
        ("open CDATA", fill("<![CDATA["), "not well-formed XML"),
        ("open instructions", fill("<?a "), "not well-formed XML"),
        ("open tags", fill("<a "), "not well-formed XML"),
        ("ampersands", fill("&"), "`&` must be written"),
        ("end tags", fill("</a>"), "not well-formed XML"),
        (
            "one name",
            format!("<{}>", "a".repeat(SIZE)),
            "is never closed",
        ),
        (
            "one attribute many times",
            format!("<a {}>", "b='c' ".repeat(SIZE / 6)),
            "not well-formed XML",
        ),
        ("zero bytes", "\0".repeat(SIZE), "control character U+0000"),
    ] {
        check((name, text, message));
    }
    let binary: Vec<u8> = (0x80..=0xff_u8).cycle().take(SIZE).collect();
    let error = File::<ExternalClientApplication>::from_bytes(binary).unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
}

/// What is well-formed is read, however odd, and each of its problems has its place: with work in
/// proportion to the length, or this would take hours.
#[test]
fn a_mebibyte_of_unknown_elements_is_reported() {
    let count = (1 << 20) / "<é/>".len();
    let text = root(&"<é/>".repeat(count));
    let start = root("").len() - "</ExternalClientApplication>".len();
    let file = File::<ExternalClientApplication>::parse(text).unwrap();
    assert_eq!(file.problems().len(), count);
    let last = file.problems().last().unwrap();
    assert_eq!(last.path, format!("é[{}]", count - 1));
    let column = start + (count - 1) * "<e/>".len() + 1;
    assert_eq!(last.position.to_string(), format!("1:{column}"));
}
