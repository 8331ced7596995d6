//! Every path can be checked out on Linux, macOS and Windows.
//!
//! Source for Windows: Microsoft Learn, "Naming Files, Paths, and Namespaces". Git for Windows
//! checks a symbolic link out as a text file unless the user may make links and has asked for them.

use std::collections::BTreeMap;

use crate::tidy::problem::Problem;
use crate::tidy::tree::{Entry, Tree};

/// Names of devices, in any case and with any extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The longest path, in UTF-16 units: Windows allows 260 with the folder of the clone.
const MAX_PATH: usize = 180;

/// Every symbolic link, and every path that a system refuses or takes for another one.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let links = tree.links().iter().map(|path| {
        let message = "a symbolic link: Windows checks it out as a text file";
        Problem::of_file(path, message.to_owned())
    });
    let mut problems: Vec<_> = links.collect();
    let mut folded: BTreeMap<String, &str> = BTreeMap::new();
    let files = tree.entries().iter().map(Entry::path);
    for path in tree.folders().chain(files) {
        let mut problem = |message: String| problems.push(Problem::of_file(path, message));
        if let Some(other) = folded.insert(path.to_lowercase(), path) {
            problem(format!(
                "differs from {other} by case alone: they are one file on Windows and macOS"
            ));
        }
        if path.encode_utf16().count() > MAX_PATH {
            problem(format!("the path has more than {MAX_PATH} characters"));
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(reason) = refused(name) {
            problem(format!("Windows refuses the name: {reason}"));
        }
    }
    problems
}

/// Why Windows refuses a file of this name.
fn refused(name: &str) -> Option<String> {
    let is_refused = |c: char| c.is_control() || "<>:\"|?*\\".contains(c);
    if let Some(character) = name.chars().find(|&c| is_refused(c)) {
        return Some(format!("it contains {character:?}"));
    }
    if name.ends_with(['.', ' ']) {
        return Some("it ends with a dot or a space".to_owned());
    }
    let stem = name.split('.').next().unwrap_or(name);
    let stem = stem.trim_end().to_uppercase();
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    let is_port = port.is_some_and(|number| {
        let mut number = number.chars();
        number
            .next()
            .is_some_and(|c| "123456789\u{b9}\u{b2}\u{b3}".contains(c))
            && number.next().is_none()
    });
    (is_port || DEVICES.contains(&stem.as_str())).then(|| format!("{stem} is a device"))
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    #[test]
    fn names_that_windows_refuses_are_found() {
        for (name, reason) in [
            ("a:b", "it contains ':'"),
            ("what?", "it contains '?'"),
            ("a\\b", "it contains '\\\\'"),
            ("a\tb", "it contains '\\t'"),
            ("dot.", "it ends with a dot or a space"),
            ("space ", "it ends with a dot or a space"),
            ("nul", "NUL is a device"),
            ("Aux.rs", "AUX is a device"),
            ("aux .tar.gz", "AUX is a device"),
            ("com1.txt", "COM1 is a device"),
            ("LPT\u{b2}", "LPT\u{b2} is a device"),
        ] {
            assert_eq!(refused(name).as_deref(), Some(reason), "{name}");
        }
        for name in [
            "auxiliary.rs",
            "COM0",
            "com10.txt",
            "console",
            ".gitignore",
            "a b",
            "Ärger.md",
        ] {
            assert_eq!(refused(name), None, "{name}");
        }
    }

    #[test]
    fn links_case_and_length_are_found() {
        let long = format!("{}/x", "l".repeat(MAX_PATH));
        let tree = Tree::new([
            Entry::new("docs/a.md", ""),
            Entry::new("Docs/b.md", ""),
            Entry::new("docs/nul/x.md", ""),
            Entry::new("b/Ä.md", ""),
            Entry::new("b/ä.md", ""),
            Entry::new(long.clone(), ""),
        ])
        .with_links(vec!["crates/link".to_owned()]);
        let one = "they are one file on Windows and macOS";
        assert_eq!(
            lines(&check(&tree)),
            [
                "crates/link: a symbolic link: Windows checks it out as a text file".to_owned(),
                format!("docs: differs from Docs by case alone: {one}"),
                "docs/nul: Windows refuses the name: NUL is a device".to_owned(),
                format!("b/ä.md: differs from b/Ä.md by case alone: {one}"),
                format!("{long}: the path has more than {MAX_PATH} characters"),
            ]
        );
    }
}
