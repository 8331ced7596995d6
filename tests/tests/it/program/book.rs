//! The tutorials and guides: what they tell to type does what they say.

use std::path::Path;

use eca_tests::{Page, program, repository, run};

#[test]
fn tutorials() {
    check("docs/tutorials");
}

#[test]
fn guides() {
    check("docs/how-to");
}

/// What comes after the tutorials needs a real org; that its `eca.toml` is read can be seen without
/// one.
#[test]
fn real_orgs_are_configured_as_shown() {
    for page in ["README.md", "docs/tutorials/first-app.md"] {
        let text = std::fs::read_to_string(repository().join(page)).expect("a page");
        let block = text.split("```toml\n").nth(1).expect("a block");
        let block = block.split("```").next().expect("its text");
        // No consumer key has an ellipsis.
        let block = block.replace('…', "x");
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("eca.toml"), block).expect("a written file");
        std::fs::write(folder.path().join("sfdx-project.json"), "{}").expect("a written file");
        let done = run(folder.path(), &["list"]);
        assert_eq!(done.code, 4, "{page}: {done:?}");
        assert!(
            done.stderr.contains("STAGING_SECRET is not set"),
            "{done:?}"
        );
    }
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
