//! The tutorials and guides: what they tell to type does what they say.

#![expect(
    clippy::expect_used,
    reason = "what the tests share fails by panicking"
)]

use std::path::Path;

use eca_tests::{Page, program, repository};

#[test]
fn tutorials() {
    check("docs/tutorials");
}

#[test]
fn guides() {
    check("docs/how-to");
}

/// Each page of a folder starts in an empty folder of its own.
fn check(folder: &str) {
    let mut pages = 0;
    let mut untrue = String::new();
    for entry in std::fs::read_dir(repository().join(folder)).expect("a listing") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            untrue.push_str(&carry_out(&path));
            pages += 1;
        }
    }
    assert!(pages > 0, "{folder} has no page");
    assert!(untrue.is_empty(), "{untrue}");
}

/// What on this page is not as it says.
fn carry_out(path: &Path) -> String {
    let markdown = std::fs::read_to_string(path).expect("a text file");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = Page::parse(&markdown);
    let differences = page.carry_out(folder.path(), &program());
    if differences.is_empty() {
        return differences;
    }
    format!("{}:\n\n{differences}", path.display())
}
