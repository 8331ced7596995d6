//! Order and indentation for files that people write.

use eca_model::types::ExtlClntAppOauthSettings;
use eca_model::xml::{canonical, format};
use eca_model::{Document, File};
use proptest::prelude::*;

use crate::{XMLNS, oauth_settings};

/// Formats a document, and the result once more.
fn check(name: &str, text: &str, expected: &str) {
    let formatted = format(&Document::parse(text).unwrap());
    assert_eq!(formatted, expected, "{name}");
    let again = format(&Document::parse(formatted).unwrap());
    assert_eq!(again, expected, "{name}, twice");
}

#[test]
fn comments_stay_with_their_elements() {
    let root = format!("ExtlClntAppOauthSettings {XMLNS}");
    check(
        "everything at once",
        &format!(
            "\u{feff}<?xml version='1.0' ?>\r\n<!-- owner -->\r\n<?editor wide?>\r\n<{root}>\r\n\r\n  <!-- of label -->\r\n  <label>a &amp; \"b\"</label> <!-- seen by people --> <!-- really -->\r\n<!-- two\r\n     lines --><externalClientApplication\r\n  >Shop</externalClientApplication\r\n  ><oauthLink/><!-- before future --><future a='1\"'><![CDATA[<x>]]></future>\r\n  <!-- at the end -->\r\n</ExtlClntAppOauthSettings> <!-- bye -->\r\n<!-- end -->"
        ),
        &format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- owner -->\n<?editor wide?>\n<{root}>\n    <!-- two\n     lines -->\n    <externalClientApplication>Shop</externalClientApplication>\n    <!-- before future -->\n    <future a=\"1&quot;\">&lt;x&gt;</future>\n    <!-- of label -->\n    <label>a &amp; &quot;b&quot;</label> <!-- seen by people --> <!-- really -->\n    <oauthLink></oauthLink>\n    <!-- at the end -->\n</ExtlClntAppOauthSettings> <!-- bye -->\n<!-- end -->\n"
        ),
    );
    check(
        "nested elements",
        &oauth_settings(
            "<trustedIpRanges><startIpAddress>1</startIpAddress><!-- last --><endIpAddress>2</endIpAddress></trustedIpRanges>\n<trustedIpRanges>\n</trustedIpRanges>\n",
        ),
        &oauth_settings(
            "    <trustedIpRanges>\n        <!-- last -->\n        <endIpAddress>2</endIpAddress>\n        <startIpAddress>1</startIpAddress>\n    </trustedIpRanges>\n    <trustedIpRanges>\n</trustedIpRanges>\n",
        ),
    );
    check(
        "text between elements is left alone, and so is a comment inside of text",
        &oauth_settings("<b>x<c/>  y</b><a>1<!-- 2 -->3</a>\n"),
        &oauth_settings("    <a>1<!-- 2 -->3</a>\n    <b>x<c/>  y</b>\n"),
    );
    check(
        "prefixes, nil and an empty root",
        "<m:A xmlns:m=\"u\" xmlns:xsi='v'><m:b xsi:nil=\"true\"></m:b></m:A>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<m:A xmlns:m=\"u\" xmlns:xsi=\"v\">\n    <m:b xsi:nil=\"true\"/>\n</m:A>\n",
    );
    check(
        "an empty root",
        "<A><!-- c --></A>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A>\n    <!-- c -->\n</A>\n",
    );
    check(
        "an empty root",
        "<A>\n</A>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A/>\n",
    );
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<label>a</label>"),
        Just("<label/>"),
        Just("<externalClientApplication> S&#x41; </externalClientApplication>"),
        Just(
            "<trustedIpRanges><startIpAddress>1</startIpAddress><!-- r --><endIpAddress>2</endIpAddress></trustedIpRanges>"
        ),
        Just("<isFirstPartyAppEnabled>true</isFirstPartyAppEnabled>"),
        Just("<future><a/>t</future>"),
        Just("<!-- one -->"),
        Just("<!-- two\n lines -->"),
        Just("<?p i?>"),
        Just("\n"),
        Just("\r\n  "),
        Just(" "),
        Just("\r"),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn formatting_keeps_the_meaning_and_is_stable(pieces in pieces()) {
        let text = oauth_settings(&pieces);
        let file = File::<ExtlClntAppOauthSettings>::parse(text.as_str()).unwrap();
        let formatted = format(file.document());
        let again = File::<ExtlClntAppOauthSettings>::parse(formatted.as_str()).unwrap();
        prop_assert_eq!(again.value(), file.value());
        prop_assert_eq!(format(again.document()), formatted.as_str());
        for remark in ["<!-- one -->", "<!-- two\n lines -->", "<!-- r -->", "<?p i?>"] {
            prop_assert_eq!(formatted.matches(remark).count(), text.matches(remark).count());
        }
        let no_remarks = !text.contains("<!--") && !text.contains("<?p") && !text.contains("<future>");
        if no_remarks && !file.document().root().text().is_empty() {
            prop_assert_eq!(canonical(file.document()), formatted);
        }
    }
}
