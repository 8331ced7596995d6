//! An edit changes its own lines and nothing else.

use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthIpRange, ExtlClntAppOauthSettings,
};
use eca_model::{EditError, File};

use crate::{XMLNS, oauth_settings};

/// Edits a file and compares the whole text.
fn check(
    name: &str,
    before: &str,
    change: impl FnOnce(&mut ExtlClntAppOauthSettings),
    after: &str,
) {
    let file = File::<ExtlClntAppOauthSettings>::parse(before).unwrap();
    let edited = file.edit(change).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(edited.text(), after, "{name}");
}

const SETTINGS: &str = "    <!-- who we are -->
    <externalClientApplication>Shop</externalClientApplication>
    <label>Shop</label> <!-- shown to people -->
    <trustedIpRanges>
        <endIpAddress>10.0.0.9</endIpAddress>
        <startIpAddress>10.0.0.1</startIpAddress>
    </trustedIpRanges>
    <trustedIpRanges><endIpAddress>10.1.0.9</endIpAddress><startIpAddress>10.1.0.1</startIpAddress></trustedIpRanges>
    <unheardOf>kept</unheardOf>
";

#[test]
fn scalars() {
    let before = oauth_settings(SETTINGS);
    check("no change", &before, |_| {}, &before);
    check(
        "a new value is escaped and its comment stays",
        &before,
        |s| s.label = Some("Tom & \"Jerry\"".into()),
        &before.replace(">Shop</label>", ">Tom &amp; &quot;Jerry&quot;</label>"),
    );
    check(
        "a new element goes where Salesforce's order wants it",
        &before,
        |s| s.client_assertion_certificate = Some("MIIB".into()),
        &before.replace(
            "    <!-- who we are -->",
            "    <clientAssertionCertificate>MIIB</clientAssertionCertificate>\n    <!-- who we are -->",
        ),
    );
    check(
        "a new first element goes above the comments of the one that was first",
        &oauth_settings(
            "    <!-- one\n         two -->\n    <!-- three -->\n    <label>x</label>\n",
        ),
        |s| s.client_assertion_certificate = Some("MIIB".into()),
        &oauth_settings(
            "    <clientAssertionCertificate>MIIB</clientAssertionCertificate>\n    <!-- one\n         two -->\n    <!-- three -->\n    <label>x</label>\n",
        ),
    );
    check(
        "a new element behind its neighbour's remark",
        &before,
        |s| s.oauth_link = Some("x".into()),
        &before.replace(
            "shown to people -->\n",
            "shown to people -->\n    <oauthLink>x</oauthLink>\n",
        ),
    );
    check(
        "a cleared element takes its line along",
        &before,
        |s| s.external_client_application = None,
        &before.replace(
            "    <externalClientApplication>Shop</externalClientApplication>\n",
            "",
        ),
    );
    check(
        "a cleared element leaves the remark on its line",
        &before,
        |s| s.label = None,
        &before.replace("<label>Shop</label>", ""),
    );
}

#[test]
fn lists() {
    let before = oauth_settings(SETTINGS);
    let range = |start: &str| ExtlClntAppOauthIpRange {
        start_ip_address: Some(start.into()),
        ..Default::default()
    };
    let first = "    <trustedIpRanges>\n        <endIpAddress>10.0.0.9</endIpAddress>\n        <startIpAddress>10.0.0.1</startIpAddress>\n    </trustedIpRanges>\n";
    check(
        "a removed item takes exactly its lines along",
        &before,
        |s| drop(s.trusted_ip_ranges.remove(0)),
        &before.replace(first, ""),
    );
    check(
        "an item in the middle",
        &before,
        |s| s.trusted_ip_ranges.insert(1, range("10.9.0.1")),
        &before.replace(
            first,
            &format!("{first}    <trustedIpRanges>\n        <startIpAddress>10.9.0.1</startIpAddress>\n    </trustedIpRanges>\n"),
        ),
    );
    check(
        "a member of an item",
        &before,
        |s| s.trusted_ip_ranges[1].end_ip_address = Some("10.1.0.99".into()),
        &before.replace(">10.1.0.9<", ">10.1.0.99<"),
    );
    check(
        "a new member of an item",
        &before,
        |s| s.trusted_ip_ranges[0].description = Some("office".into()),
        &before.replace(
            "        <endIpAddress>10.0.0.9",
            "        <description>office</description>\n        <endIpAddress>10.0.0.9",
        ),
    );
}

/// Finding the longest common part of two such lists exactly takes a table of 256 million numbers.
#[test]
fn long_lists_in_another_order() {
    const ITEMS: usize = 16_000;
    let line = |item: usize| {
        let address = format!("<startIpAddress>10.{item}</startIpAddress>");
        format!("    <trustedIpRanges>\n        {address}\n    </trustedIpRanges>\n")
    };
    let lines = |items: &[usize]| -> String {
        let items: String = items.iter().copied().map(line).collect();
        oauth_settings(&format!(
            "    <label>Shop</label> <!-- ours -->\n{items}    <unheardOf/>\n"
        ))
    };
    let range = |item: &usize| ExtlClntAppOauthIpRange {
        start_ip_address: Some(format!("10.{item}")),
        ..Default::default()
    };
    let ascending: Vec<_> = (0..ITEMS).collect();
    for (name, after) in [
        ("backwards", (0..ITEMS).rev().collect()),
        (
            "few values",
            (0..ITEMS).map(|item| item * item % 3).collect(),
        ),
        ("in another place", (9_000..ITEMS).chain(0..9_000).collect()),
    ] as [(&str, Vec<usize>); 3]
    {
        let file = File::<ExtlClntAppOauthSettings>::parse(lines(&ascending)).unwrap();
        let edited = file.edit(|s| s.trusted_ip_ranges = after.iter().map(range).collect());
        assert!(edited.unwrap().text() == lines(&after), "{name}");
    }
}

#[test]
fn odd_formats() {
    let minified =
        format!("<ExtlClntAppOauthSettings {XMLNS}><label>a</label></ExtlClntAppOauthSettings>");
    check(
        "on one line",
        &minified,
        |s| s.is_first_party_app_enabled = Some(true),
        &minified.replace(
            "<label>",
            "<isFirstPartyAppEnabled>true</isFirstPartyAppEnabled><label>",
        ),
    );
    let windows = oauth_settings("\t<label>a</label>\n").replace('\n', "\r\n");
    check(
        "carriage returns and tabs",
        &windows,
        |s| s.oauth_link = Some("x".into()),
        &windows.replace("</label>\r\n", "</label>\r\n\t<oauthLink>x</oauthLink>\r\n"),
    );
    check(
        "a root that closes itself",
        &format!("<ExtlClntAppOauthSettings {XMLNS} />\n"),
        |s| s.label = Some("a".into()),
        &format!(
            "<ExtlClntAppOauthSettings {XMLNS}>\n    <label>a</label>\n</ExtlClntAppOauthSettings>\n"
        ),
    );
    check(
        "an empty element",
        &oauth_settings("    <label/>\n"),
        |s| s.label = Some("a".into()),
        &oauth_settings("    <label>a</label>\n"),
    );
    check(
        "a prefix",
        "<m:ExtlClntAppOauthSettings xmlns:m=\"http://soap.sforce.com/2006/04/metadata\">\n  <m:label>a</m:label>\n</m:ExtlClntAppOauthSettings>",
        |s| s.oauth_link = Some("x".into()),
        "<m:ExtlClntAppOauthSettings xmlns:m=\"http://soap.sforce.com/2006/04/metadata\">\n  <m:label>a</m:label>\n  <m:oauthLink>x</m:oauthLink>\n</m:ExtlClntAppOauthSettings>",
    );
}

#[test]
fn nil_and_unreadable_values_can_be_set() {
    let text = format!(
        "<ExtlClntAppGlobalOauthSettings {XMLNS} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n    <isMtlsEnabled xsi:nil=\"true\"/>\n    <isPkceRequired>${{PKCE}}</isPkceRequired>\n</ExtlClntAppGlobalOauthSettings>\n"
    );
    let file = File::<ExtlClntAppGlobalOauthSettings>::parse(text.clone()).unwrap();
    let edited = file
        .edit(|s| {
            s.is_mtls_enabled = Some(true);
            s.is_pkce_required = Some(true);
        })
        .unwrap();
    assert_eq!(
        edited.text(),
        text.replace(
            "<isMtlsEnabled xsi:nil=\"true\"/>",
            "<isMtlsEnabled>true</isMtlsEnabled>"
        )
        .replace("${PKCE}", "true")
    );
}

#[test]
fn what_xml_cannot_carry_is_refused() {
    let file = File::<ExtlClntAppOauthSettings>::parse(oauth_settings("")).unwrap();
    let error = file.edit(|s| s.label = Some("\u{7}".into())).unwrap_err();
    assert!(
        matches!(error, EditError::ControlCharacter { character: 7, .. }),
        "{error}"
    );
}
