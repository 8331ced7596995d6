//! The commands of the tutorials and guides print what the pages show.

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

/// The pages run without a terminal, where a question is a refusal. So a page that runs asks
/// nothing beside its `eca trust`, and on a terminal it asks once in its place.
#[test]
fn a_tutorial_asks_for_trust_at_most_once() {
    let folder = repository().join("docs/tutorials");
    for entry in std::fs::read_dir(&folder).expect("a listing") {
        let path = entry.expect("an entry").path();
        let page = Page::parse(&std::fs::read_to_string(&path).expect("a text file"));
        let asked = page.commands_with("eca trust");
        let is_first = path.ends_with("first-app.md");
        assert!(
            asked <= 1 && (!is_first || asked == 1),
            "{}",
            path.display()
        );
    }
}

/// A login into a real org cannot be tested here. That its `eca.toml` is read can.
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

/// Runs the commands of each page of a folder, each page in its own empty folder.
fn check(folder: &str) {
    let mut pages = 0;
    let mut differences = String::new();
    for entry in std::fs::read_dir(repository().join(folder)).expect("a listing") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            differences.push_str(&run_page(&path));
            pages += 1;
        }
    }
    assert!(pages > 0, "{folder} has no page");
    assert!(differences.is_empty(), "{differences}");
}

/// Runs the commands of a page; the differences from what it shows.
fn run_page(path: &Path) -> String {
    let markdown = std::fs::read_to_string(path).expect("a text file");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = Page::parse(&markdown);
    let differences = page.run(folder.path(), &program());
    if differences.is_empty() {
        return differences;
    }
    format!("{}:\n\n{differences}", path.display())
}
