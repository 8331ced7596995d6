//! Properties over generated values and texts.

use eca_model::types::{
    ExtlClntAppOauthIpRange, ExtlClntAppOauthSettings, ExtlClntAppOauthSettingsAttribute,
};
use eca_model::{Document, File, canonical, encode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A text that XML 1.0 allows, with many characters that need escaping.
fn text() -> impl Strategy<Value = String> {
    "[ -~\t\n\ré😀&<>'\"]{0,12}"
}

fn settings() -> impl Strategy<Value = ExtlClntAppOauthSettings> {
    let attribute = (option::of(text()), option::of(text()))
        .prop_map(|(formula, key)| ExtlClntAppOauthSettingsAttribute { formula, key });
    let range =
        (option::of(text()), option::of(text())).prop_map(|(description, end_ip_address)| {
            ExtlClntAppOauthIpRange {
                description,
                end_ip_address,
                start_ip_address: None,
            }
        });
    (
        option::of(text()),
        option::of(text()),
        option::of(any::<bool>()),
        option::of(any::<i32>()),
        vec(attribute, 0..5),
        vec(range, 0..5),
    )
        .prop_map(
            |(label, certificate, first_party, validity, attributes, ranges)| {
                ExtlClntAppOauthSettings {
                    label,
                    client_assertion_certificate: certificate,
                    is_first_party_app_enabled: first_party,
                    asset_token_validity: validity,
                    custom_attributes: attributes,
                    trusted_ip_ranges: ranges,
                    ..Default::default()
                }
            },
        )
}

proptest! {
    #[test]
    fn decode_of_encode_is_the_value(value in settings()) {
        let text = encode(&value);
        let file = File::<ExtlClntAppOauthSettings>::parse(text.clone()).unwrap();
        prop_assert_eq!(file.value(), &value);
        prop_assert_eq!(file.problems(), &[]);
        prop_assert_eq!(canonical(file.document()), text, "encode writes the canonical form");
    }

    #[test]
    fn an_edit_reads_back_and_keeps_foreign_lines(before in settings(), after in settings()) {
        // Comments and unknown elements of a team, between the members.
        let text = encode(&before).replace("    <label>", "    <!-- ours -->\n    <house>rules</house>\n    <label>");
        let file = File::<ExtlClntAppOauthSettings>::parse(text.clone()).unwrap();
        let edited = file.edit(|value| *value = after.clone()).unwrap();
        prop_assert_eq!(edited.value(), &after);
        if before.label.is_some() {
            for line in ["    <!-- ours -->\n", "    <house>rules</house>\n"] {
                prop_assert!(edited.text().contains(line), "{}", edited.text());
            }
        }
        // And back: the meaning is the same, the order of the lines may differ.
        let back = edited.edit(|value| *value = before.clone()).unwrap();
        prop_assert_eq!(back.value(), &before);
    }

    #[test]
    fn an_edit_of_one_member_changes_one_line(value in settings(), label in "[a-z]{1,8}") {
        let mut value = value;
        value.label = Some("before".into());
        let text = encode(&value);
        let file = File::<ExtlClntAppOauthSettings>::parse(text.clone()).unwrap();
        let edited = file.edit(|value| value.label = Some(label.clone())).unwrap();
        prop_assert_eq!(edited.text(), text.replacen("<label>before<", &format!("<label>{label}<"), 1));
    }

    #[test]
    fn no_text_panics(text in "[<>/a-c!?&;\\[\\]\"'= \n-]{0,64}") {
        let _ = Document::parse(text);
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..256)) {
        let _ = Document::from_bytes(bytes);
    }

    #[test]
    fn a_broken_file_never_panics(value in settings(), at in 0usize..2000, junk in "[<>/&\u{0}x\"]{0,3}") {
        let mut text = encode(&value);
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert_str(at, &junk);
        if let Ok(file) = File::<ExtlClntAppOauthSettings>::parse(text.clone()) {
            prop_assert_eq!(file.text(), text);
            let _ = file.edit(|value| value.label = Some("x".into()));
        }
    }
}
