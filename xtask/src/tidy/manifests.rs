//! Manifests inherit from the workspace.

use toml::{Table, Value};

use crate::workspace::Crate;

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// The keys that every manifest inherits from the root manifest.
const INHERITED: [&str; 4] = ["version", "edition", "rust-version", "license"];
/// The only members that are never published.
const UNPUBLISHED: [&str; 2] = ["eca-tests", "xtask"];
/// The tables whose entries take their version from the root manifest.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the manifest of every crate.
pub(crate) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for krate in crates {
        match tree.entry(&krate.manifest).and_then(|entry| entry.text()) {
            Some(text) => problems.extend(check_text(&krate.manifest, text)),
            None => problems.push(Problem::of_file(
                &krate.manifest,
                "not a text file in the tree",
            )),
        }
    }
    problems
}

fn check_text(path: &str, text: &str) -> Vec<Problem> {
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Problem::of_file(path, format!("not TOML: {error}"))],
    };
    let mut messages = Vec::new();
    let empty = Table::new();
    let package = manifest
        .get("package")
        .and_then(Value::as_table)
        .unwrap_or(&empty);
    for key in INHERITED {
        if !package.get(key).is_some_and(is_inherited) {
            messages.push(format!(
                "{key} is not inherited: write `{key}.workspace = true`"
            ));
        }
    }
    if !manifest.get("lints").is_some_and(is_inherited) {
        messages.push("the lints are not inherited: write `[lints] workspace = true`".to_owned());
    }
    let name = package
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let published = package.get("publish") != Some(&Value::Boolean(false));
    match (UNPUBLISHED.contains(&name), published) {
        (true, true) => messages.push(format!("{name} needs `publish = false`")),
        (false, false) => messages.push(format!("{name} must not have `publish = false`")),
        _ => {}
    }
    if package
        .get("description")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        messages.push("no description".to_owned());
    }
    for table in DEPENDENCIES {
        let entries = manifest
            .get(table)
            .and_then(Value::as_table)
            .into_iter()
            .flatten();
        let free = |value: &Value| table == "dev-dependencies" && is_here(value);
        for (dependency, _) in entries.filter(|(_, value)| !is_inherited(value) && !free(value)) {
            messages.push(format!(
                "{dependency} in [{table}] has its own version: move it to the root manifest"
            ));
        }
    }
    messages
        .into_iter()
        .map(|message| Problem::of_file(path, message))
        .collect()
}

/// Whether it is a path without a version: a member for tests and examples of the repository.
fn is_here(value: &Value) -> bool {
    value
        .as_table()
        .is_some_and(|table| table.contains_key("path") && !table.contains_key("version"))
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    const GOOD: &str = r#"
        [package]
        name = "eca-model"
        description = "Typed metadata"
        version.workspace = true
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        [lints]
        workspace = true
        [dependencies]
        serde.workspace = true
        tokio = { workspace = true, features = ["net"] }
    "#;

    fn check(replace: &str, with: &str) -> Vec<String> {
        let text = GOOD.replace(replace, with);
        assert_ne!(text, GOOD, "nothing replaced");
        lines(&check_text("Cargo.toml", &text))
    }

    #[test]
    fn a_plain_manifest_passes() {
        assert_eq!(check_text("Cargo.toml", GOOD), []);
    }

    #[test]
    fn inherited_keys_are_not_repeated() {
        assert_eq!(
            check("edition.workspace = true", "edition = \"2024\""),
            ["Cargo.toml: edition is not inherited: write `edition.workspace = true`"]
        );
        assert_eq!(
            check("license.workspace = true", ""),
            ["Cargo.toml: license is not inherited: write `license.workspace = true`"]
        );
        assert_eq!(
            check("serde.workspace = true", "serde = \"1\""),
            [
                "Cargo.toml: serde in [dependencies] has its own version: move it to the root manifest"
            ]
        );
        assert_eq!(
            check(
                "[lints]\n        workspace = true",
                "[lints.rust]\nunused = \"warn\""
            ),
            ["Cargo.toml: the lints are not inherited: write `[lints] workspace = true`"]
        );
    }

    #[test]
    fn only_listed_members_are_unpublished() {
        assert_eq!(
            check("[lints]", "publish = false\n[lints]"),
            ["Cargo.toml: eca-model must not have `publish = false`"]
        );
        assert_eq!(
            check("\"eca-model\"", "\"xtask\""),
            ["Cargo.toml: xtask needs `publish = false`"]
        );
    }

    #[test]
    fn text_that_is_not_toml_is_a_problem() {
        assert_eq!(check_text("Cargo.toml", "[package").len(), 1);
    }
}
