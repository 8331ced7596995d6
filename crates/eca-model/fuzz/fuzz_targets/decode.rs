//! No input makes reading panic, and the text that was read is unchanged.

#![no_main]

use eca_model::xml::{canonical, format};
use eca_model::{Document, File, Metadata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = Document::from_bytes(bytes.to_vec()) {
        assert_eq!(document.text().as_bytes(), bytes);
        let formatted = Document::parse(format(&document)).expect("formatted text can be read");
        assert_eq!(format(&formatted), formatted.text(), "formatting is stable");
        Document::parse(canonical(&document)).expect("canonical text can be read");
    }
    if let Ok(file) = File::<Metadata>::from_bytes(bytes.to_vec()) {
        for problem in file.problems() {
            file.position_of(&problem.path);
        }
        let formatted: File = File::parse(format(file.document())).expect("it was read before");
        assert_eq!(formatted.value(), file.value(), "formatting keeps the meaning");
    }
});
