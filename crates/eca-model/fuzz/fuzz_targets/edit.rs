//! An edit gives the requested value or an error; an edit without a change gives the same bytes.

#![no_main]

use eca_model::File;
use eca_model::types::{ExtlClntAppOauthIpRange, ExtlClntAppOauthSettings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (String, String, Option<bool>, u8)| {
    let (text, value, flag, index) = input;
    let Ok(file) = File::<ExtlClntAppOauthSettings>::parse(text.as_str()) else {
        return;
    };
    let untouched = file.edit(|_| {}).expect("nothing changed");
    assert_eq!(untouched.text(), text);
    let change = |settings: &mut ExtlClntAppOauthSettings| {
        settings.label = Some(value.clone());
        settings.is_first_party_app_enabled = flag;
        let ranges = &mut settings.trusted_ip_ranges;
        if usize::from(index) < ranges.len() {
            ranges.remove(usize::from(index));
        } else {
            ranges.push(ExtlClntAppOauthIpRange {
                start_ip_address: Some(value.clone()),
                ..Default::default()
            });
        }
    };
    if let Ok(edited) = file.edit(change) {
        let mut expected = file.value().clone();
        change(&mut expected);
        assert_eq!(edited.value(), &expected);
    }
});
