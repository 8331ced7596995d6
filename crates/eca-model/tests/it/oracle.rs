//! A second XML reader agrees: it reads what this crate reads and finds the same elements at the
//! same positions. This crate reads what it formats.

use eca_model::xml::format;
use eca_model::{Document, Element};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

/// The elements of a text as quick-xml sees them: name, first byte, and the byte behind the end.
fn elements_by_quick_xml(text: &str) -> Result<Vec<(String, usize, usize)>, String> {
    let mut reader = Reader::from_str(text);
    let base = if text.starts_with('\u{feff}') { 3 } else { 0 };
    reader.config_mut().check_comments = true;
    let (mut elements, mut open) = (Vec::new(), Vec::new());
    let place = |reader: &Reader<&[u8]>| base + usize::try_from(reader.buffer_position()).unwrap();
    loop {
        let start = place(&reader);
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let end = place(&reader);
        match event {
            Event::Start(tag) => {
                tag.attributes()
                    .try_for_each(|a| a.map(drop))
                    .map_err(|e| e.to_string())?;
                open.push(elements.len());
                elements.push((tag.name().as_ref().to_owned(), start, end));
            }
            Event::Empty(tag) => {
                tag.attributes()
                    .try_for_each(|a| a.map(drop))
                    .map_err(|e| e.to_string())?;
                elements.push((tag.name().as_ref().to_owned(), start, end));
            }
            Event::End(_) => elements[open.pop().unwrap()].2 = end,
            Event::Eof if open.is_empty() => return Ok(elements),
            Event::Eof => return Err("not closed".to_owned()),
            _ => {}
        }
    }
}

fn collect(element: Element<'_>, elements: &mut Vec<(String, usize, usize)>) {
    let range = element.range();
    elements.push((element.qualified_name().to_owned(), range.start, range.end));
    for child in element.children() {
        collect(child, elements);
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let Ok(document) = Document::parse(text) else {
        return Ok(());
    };
    let mut ours = Vec::new();
    collect(document.root(), &mut ours);
    prop_assert_eq!(Ok(ours), elements_by_quick_xml(text), "{}", text);
    let formatted = format(&document);
    let again = Document::parse(formatted.as_str()).map(|document| format(&document));
    prop_assert_eq!(again, Ok(formatted), "formatted twice: {}", text);
    Ok(())
}

fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "<a>",
        "</a>",
        "<b x='1'>",
        "</b>",
        "<c/>",
        "<d e=\"&lt;\" f='>' />",
        "</ a>",
        "</a\n>",
        "<a",
        ">",
        "/>",
        "<",
        "&amp;",
        "&#65;",
        "&",
        ";",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "--",
        "<?p",
        "?>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE a>",
        " ",
        "\n",
        "text",
        "ü",
        "\u{feff}",
        "x='2'",
        "'",
        "\"",
        "=",
        "<n:a xmlns:n='u'>",
        "</n:a>",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..16)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn markup_soup(soup in soup()) {
        check(&soup)?;
        check(&format!("<r>{soup}</r>"))?;
    }

    #[test]
    fn cut_files(at in 0_usize..400, insert in soup()) {
        let text = crate::oauth_settings("    <!-- c -->\n    <label a='1' b=\"2\">ü &amp; <![CDATA[<]]></label>\n    <trustedIpRanges>\n        <endIpAddress/>\n    </trustedIpRanges>\n");
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        check(&text[..at])?;
        check(&format!("{}{insert}{}", &text[..at], &text[at..]))?;
    }
}
