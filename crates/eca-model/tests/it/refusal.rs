//! Unreadable files are refused quickly, with a position and a reason.

use eca_model::types::ExternalClientApplication;
use eca_model::{Document, File, Metadata};

use crate::XMLNS;

fn root(inner: &str) -> String {
    format!("<ExternalClientApplication {XMLNS}>{inner}</ExternalClientApplication>")
}

/// Checks that a text is refused with this message, which may begin with the position.
fn check(text: impl Into<String>, message: &str) {
    let text = text.into();
    let start: String = text.chars().take(100).collect();
    let error = File::<ExternalClientApplication>::parse(text)
        .err()
        .unwrap_or_else(|| panic!("accepted: {start}"));
    let shown = format!("{}: {error}", error.position());
    assert!(shown.contains(message), "{start}: {shown}");
}

#[test]
fn files_of_another_kind() {
    for (text, message) in [
        ("", "1:1: no XML element found"),
        ("just a note\n", "1:1: no XML element found"),
        ("{\"a\": 1}", "1:1: no XML element found"),
        ("<ExternalClientApplication/>", "is in namespace ``"),
        (
            "<ExternalClientApplication xmlns=\"urn:x\"/>",
            "is in namespace `urn:x`",
        ),
    ] {
        check(text, message);
    }
    check(
        format!("<PermissionSet {XMLNS}/>"),
        "root element is `PermissionSet`, expected `ExternalClientApplication`",
    );
}

#[test]
fn limits() {
    check(root(&"<a>".repeat(500_000)), "deeper than 64 levels");
    check(" ".repeat((16 << 20) + 1), "the file is larger than 16 MiB");
    check(root(&"<a/>".repeat(500_000)), "more than 500000 elements");
    let most = root(&"<a/>".repeat(499_999));
    assert!(Document::parse(most).is_ok());
}

#[test]
fn whole_documents_that_are_not_well_formed() {
    for (text, message) in [
        ("</a>", "an end tag without a start tag"),
        ("<a b=\"1\"", "1:1: not well-formed XML: a tag has no end"),
        ("<a b=\"1>", "the value of attribute `b` has no end"),
        ("<a>\n<label>", "2:8: not well-formed XML"),
    ] {
        check(text, message);
    }
    let dtd = "<!DOCTYPE a [<!ENTITY b \"c\">]>\n";
    check(dtd.to_owned() + &root("&b;"), "1:1: a DTD is not allowed");
    check(root("") + "\n<b/>", "2:1: a second root element `b`");
    let message = "2:1: not well-formed XML: text outside";
    check(root("") + "\nx", message);
}

#[test]
fn prefixes_that_are_not_declared() {
    for (content, message) in [
        ("<m:label/>", "the prefix `m` is not declared"),
        (
            "<label xsi:nil=\"true\"/>",
            "the prefix `xsi` is not declared",
        ),
        // Declared, and out of scope.
        (
            "<label xmlns:m=\"urn:m\"/><m:label/>",
            "the prefix `m` is not declared",
        ),
        (
            "<a><label xmlns:m=\"urn:m\"/></a><m:label/>",
            "the prefix `m` is not declared",
        ),
        (
            "<a><b xmlns:m=\"urn:m\"><m:c/></b><m:d/></a>",
            "the prefix `m` is not declared",
        ),
    ] {
        check(root(content), message);
    }
    for content in [
        "<label xml:space=\"preserve\">a</label>",
        "<label xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>",
        "<a xmlns:m=\"urn:m\"><m:b m:c=\"1\"><m:d/></m:b><m:e/></a>",
    ] {
        assert!(Document::parse(root(content)).is_ok(), "{content}");
    }
}

/// Elements of another namespace are unknown ones, whatever their prefix is.
#[test]
fn other_namespaces() {
    let namespace = "http://soap.sforce.com/2006/04/metadata";
    let prefixed = format!(
        "<m:ExternalClientApplication xmlns:m=\"{namespace}\"><m:label>A</m:label></m:ExternalClientApplication>"
    );
    let own = root(&format!("<x:label xmlns:x=\"{namespace}\">A</x:label>"));
    for text in [prefixed, own] {
        let file = File::<ExternalClientApplication>::parse(text).unwrap();
        assert_eq!(file.problems(), &[]);
        assert_eq!(file.value().label.as_deref(), Some("A"));
    }
    for (content, expected) in [
        (
            "<x:label xmlns:x=\"urn:x\">A</x:label>",
            "unknown element `x:label xmlns:x=\"urn:x\"`",
        ),
        (
            "<label xmlns=\"urn:x\" >A</label>",
            "unknown element `label xmlns=\"urn:x\"`",
        ),
        ("<label xmlns=\"\"/>", "unknown element `label xmlns=\"\"`"),
        (
            "<label>A</label>oops",
            "the text `oops` stands between elements",
        ),
        (
            "<label>A</label><![CDATA[oops]]>",
            "the text `oops` stands between elements",
        ),
        // No white space of XML.
        (
            "<label>A</label>\u{a0}",
            "the text `\u{a0}` stands between elements",
        ),
        (
            "<isProtected>\u{a0}true</isProtected>",
            "`isProtected` is `\u{a0}true`, expected true or false",
        ),
    ] {
        let file = File::<ExternalClientApplication>::parse(root(content)).unwrap();
        let problems: Vec<_> = file.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, [expected], "{content}");
    }
    let comment = root("<label>A</label><!-- a --> <!-- b -->");
    let file = File::<ExternalClientApplication>::parse(comment).unwrap();
    assert_eq!(file.problems(), &[]);
}

#[test]
fn declarations() {
    let check_all = |cases: &[(&str, &str)], inner: &str| {
        for (members, message) in cases {
            check(format!("<?xml{members}?>{}", root(inner)), message);
        }
    };
    let other = "1:1: the encoding `";
    check_all(
        &[
            (" version=\"1.0\" encoding=\"UTF-16\"", other),
            (" version=\"1.0\" encoding=\"UTF-7\"", other),
            (" version='1.0' encoding='iso-8859-1'", other),
            (" version=\"1.1\" encoding=\"UTF-8\"", "XML version `1.1`"),
            ("", "the XML declaration must read"),
            (" encoding=\"UTF-8\"", "the XML declaration must read"),
            (" encoding=\"UTF-8\" version=\"1.0\"", "must read"),
            (" version=\"1.0\"encoding=\"UTF-8\"", "must read"),
            (" version=\"1.0\" standalone=\"maybe\"", "must read"),
            (" version=\"1.0\" x=\"y\"", "must read"),
            (" version=1.0", "must read"),
        ],
        "é",
    );
    check(
        "<?XML version=\"1.0\"?>".to_owned() + &root(""),
        "must read",
    );
    for (members, inner) in [
        (" version=\"1.0\"", "é"),
        (
            " version = '1.0'  encoding = 'utf-8' standalone='yes' ",
            "é",
        ),
        (" version=\"1.0\" encoding=\"ISO-8859-1\"", "e"),
        ("\tversion=\"1.0\"\nencoding=\"US-ASCII\"", "e"),
    ] {
        let text = format!("<?xml{members}?>{}", root(inner));
        let read = File::<ExternalClientApplication>::parse(text.as_str());
        assert!(read.is_ok(), "{text}");
    }
}

#[test]
fn content_that_is_not_well_formed() {
    for (inner, message) in [
        ("<!-- ", "1:76: not well-formed XML: a comment has no end"),
        ("<!-- -- -->", "`--` is not allowed in a comment"),
        ("<![CDATA[ ]]", "a CDATA section has no end"),
        ("]]>", "`]]>` is not allowed in text"),
        ("<?xml version=\"1.0\"?>", "declaration must come first"),
        ("<? x?>", "`<?` must be followed by a name"),
        ("<?x ", "a processing instruction has no end"),
        ("<a></b>", "not well-formed XML"),
        ("<a></ab>", "found end tag `</ab>`, expected `</a>`"),
        ("<1/>", "`1` is not an element name"),
        ("<a:b:c/>", "`a:b:c` is not an element name"),
        ("<a b=1/>", "not well-formed XML"),
        ("<a b=\"1\" b=\"2\"/>", "not well-formed XML"),
        ("<a b=\"1\"c=\"2\"/>", "white space is missing in a tag"),
        ("<a b=\"<\"/>", "`<` is not allowed in an attribute"),
        ("<a b=\"&x;\"/>", "`&x;` is not defined"),
        ("<a b=\"&\">;</a>", "not well-formed XML"),
        ("1 < 2", "`<` must be written `&lt;`"),
        ("x & y", "not well-formed XML"),
        ("&nbsp;", "`&nbsp;` is not defined"),
        ("&#0;", "`&#0;` is not defined"),
        ("\u{1}", "control character U+0001"),
        ("\u{fffe}", "control character U+FFFE"),
    ] {
        check(root(inner), message);
    }
}

#[test]
fn bytes_that_are_not_text() {
    let mut bytes = format!("<ExternalClientApplication {XMLNS}>\n<label>").into_bytes();
    bytes.extend([0xff, 0xfe]);
    let error = File::<ExternalClientApplication>::from_bytes(bytes).unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    assert_eq!(error.position().to_string(), "2:8");
}

#[test]
fn an_unknown_root_is_refused() {
    let error = File::<Metadata>::parse(format!("<ApexClass {XMLNS}/>")).unwrap_err();
    assert!(error.to_string().contains("`ApexClass`"), "{error}");
}

/// If reading one of them took quadratic time, this test would take hours.
#[test]
fn a_mebibyte_of_anything_is_refused() {
    const SIZE: usize = 1 << 20;
    let fill = |piece: &str| root(&piece.repeat(SIZE / piece.len()));
    let truncated = {
        let whole = fill("<label>a &amp; b</label>\n");
        whole[..whole.len() - 3].to_owned()
    };
    for (text, message) in [
        (fill("<a>"), "nested deeper than 64 levels"),
        (fill("<a b='c'>"), "nested deeper than 64 levels"),
        (truncated, "not well-formed XML"),
        (fill("<!--"), "not well-formed XML"),
        (fill("<![CDATA["), "not well-formed XML"),
        (fill("<?a "), "not well-formed XML"),
        (fill("<a "), "not well-formed XML"),
        (fill("&"), "`&` must be written"),
        (fill("</a>"), "not well-formed XML"),
        (format!("<{}>", "a".repeat(SIZE)), "is never closed"),
        (
            format!("<a {}>", "b='c' ".repeat(SIZE / 6)),
            "not well-formed XML",
        ),
        ("\0".repeat(SIZE), "control character U+0000"),
    ] {
        check(text, message);
    }
    let binary: Vec<u8> = (0x80..=0xff_u8).cycle().take(SIZE).collect();
    let error = File::<ExternalClientApplication>::from_bytes(binary).unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
}

/// Well-formed content is read, and each of its problems has its position. If that took quadratic
/// time, this test would take hours.
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
