//! Every team's formatting is read, with positions, and kept.

use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};
use eca_model::{File, Position};

use crate::XMLNS;

/// Checks the values and positions of a document in some team's style, and that its text is kept.
fn check(style: &str, text: &str, expected: &[(&str, &str, &str)]) {
    let file =
        File::<ExtlClntAppOauthSettings>::parse(text).unwrap_or_else(|e| panic!("{style}: {e}"));
    assert_eq!(file.text(), text, "{style}: text changed");
    for (path, value, position) in expected {
        let element = file
            .locate(path)
            .unwrap_or_else(|| panic!("{style}: no {path}"));
        assert_eq!(element.text(), *value, "{style}: {path}");
        assert_eq!(element.position().to_string(), *position, "{style}: {path}");
    }
}

#[test]
fn styles() {
    let body = format!("<ExtlClntAppOauthSettings {XMLNS}>");
    check(
        "prettier",
        &format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n{body}\n    <label\n    >Shop</label\n    >\n</ExtlClntAppOauthSettings>"
        ),
        &[("label", "Shop", "3:5")],
    );
    check(
        "carriage returns and a byte order mark",
        &format!(
            "\u{feff}<?xml version=\"1.0\"?>\r\n{body}\r\n\t<label>a\r\nb</label>\r\n</ExtlClntAppOauthSettings>\r\n"
        ),
        &[("label", "a\nb", "3:2")],
    );
    check(
        "comments, also before the root",
        &format!(
            "<!-- owner: shop -->\n{body}\n<!-- <label>no</label> --><label>y<!-- hm -->es</label>\n</ExtlClntAppOauthSettings><!-- end -->"
        ),
        &[("label", "yes", "3:27")],
    );
    check(
        "CDATA and references",
        &format!(
            "{body}<label><![CDATA[a & <b>]]> &amp; &#x41;&#66; &apos;</label></ExtlClntAppOauthSettings>"
        ),
        &[("label", "a & <b> & AB '", "1:75")],
    );
    check(
        "placeholders, unusual order, unknown and repeated elements",
        &format!(
            "{body}<oauthLink>${{LINK}}</oauthLink><label>x</label><trustedIpRanges><endIpAddress>1</endIpAddress></trustedIpRanges><trustedIpRanges><endIpAddress>2</endIpAddress></trustedIpRanges><future>f</future></ExtlClntAppOauthSettings>"
        ),
        &[
            ("oauthLink", "${LINK}", "1:75"),
            ("trustedIpRanges[1].endIpAddress", "2", "1:203"),
            ("future", "f", "1:251"),
        ],
    );
}

#[test]
fn a_prefixed_namespace_is_the_same_namespace() {
    let text = "<m:ExtlClntAppOauthSettings xmlns:m=\"http://soap.sforce.com/2006/04/metadata\"><m:label>x</m:label></m:ExtlClntAppOauthSettings>";
    let file = File::<ExtlClntAppOauthSettings>::parse(text).unwrap();
    assert_eq!(file.value().label.as_deref(), Some("x"));
}

#[test]
fn untyped_content_is_reported_with_its_position() {
    let text = format!(
        "<ExtlClntAppGlobalOauthSettings {XMLNS} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <isPkceRequired>${{PKCE}}</isPkceRequired>\n  <isMtlsEnabled xsi:nil=\"true\"/>\n  <label>a</label>\n  <label>b</label>\n  <singularity/>\n  <idTokenConfig><idTokenValidityInMinutes>two</idTokenValidityInMinutes></idTokenConfig>\n</ExtlClntAppGlobalOauthSettings>"
    );
    let file = File::<ExtlClntAppGlobalOauthSettings>::parse(text).unwrap();
    let problems: Vec<_> = file
        .problems()
        .iter()
        .map(|p| format!("{}: {p}", p.position))
        .collect();
    assert_eq!(
        problems,
        [
            "2:3: `isPkceRequired` is `${PKCE}`, expected true or false",
            "5:3: `label[1]` occurs more than once, which orgs refuse",
            "6:3: unknown element `singularity`",
            "7:18: `idTokenConfig.idTokenValidityInMinutes` is `two`, expected a whole number",
        ]
    );
    assert_eq!(file.value().label.as_deref(), Some("a"));
    assert_eq!(file.value().is_mtls_enabled, None);
    assert_eq!(file.position_of("consumerKey"), Position::START);
}

#[test]
fn debug_shows_no_content() {
    let text = format!(
        "<ExtlClntAppGlobalOauthSettings {XMLNS}><consumerSecret>hunter2</consumerSecret></ExtlClntAppGlobalOauthSettings>"
    );
    let file = File::<ExtlClntAppGlobalOauthSettings>::parse(text).unwrap();
    let shown = format!("{file:?} {:?}", file.value());
    assert!(!shown.contains("hunter2"), "{shown}");
    let secret = file.value().consumer_secret.as_ref().unwrap();
    assert_eq!(secret.expose_secret(), "hunter2");
}
