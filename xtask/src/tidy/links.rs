//! Broken links and file names in Markdown.

use crate::tidy::problem::Problem;
use crate::tidy::tree::Tree;

/// Inline code with one of these prefixes names a file or folder of the repository.
const PLACES: [&str; 6] = ["crates/", "xtask/", "examples/", "docs/", ".ci/", ".cargo/"];

/// Every relative link and every file name in inline code whose target does not exist. Names with a
/// placeholder (`NAME`, `*`, `…`) are not checked.
pub(crate) fn check(path: &str, text: &str, tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        for target in link_targets(line) {
            if !resolve(path, target).is_some_and(|resolved| tree.has(&resolved)) {
                problems.push(Problem::at(path, index, format!("a broken link: {target}")));
            }
        }
        for name in line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| is_place(name))
        {
            if !tree.has(name.trim_end_matches('/')) {
                problems.push(Problem::at(path, index, format!("no such file: {name}")));
            }
        }
    }
    problems
}

/// The relative targets of the line's inline links, without their fragments.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains(':'))
}

/// The target as a path from the root; `None` when it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn is_place(code: &str) -> bool {
    let placeholder = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default();
        // README and LICENSE-MIT are files; a lone NAME before an extension is not.
        stem.len() > 1 && stem.chars().all(|c| c.is_ascii_uppercase()) && stem != "README"
    };
    PLACES.iter().any(|place| code.starts_with(place))
        && !code.contains(|c: char| c.is_whitespace() || "*{}<>…$:".contains(c))
        && !code.split('/').any(placeholder)
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::super::tree::Entry;
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::new([
            Entry::new("README.md", ""),
            Entry::new("docs/architecture.md", ""),
            Entry::new("crates/eca-model/src/lib.rs", ""),
        ]);
        lines(&super::check(path, text, &tree))
    }

    #[test]
    fn existing_targets_pass() {
        for text in [
            "[a](architecture.md#map) and [b](../README.md), [c](../crates/eca-model/)",
            "[a](https://example.com/x), [b](#here), [c](mailto:a@example.com)",
            "`crates/eca-model/src/lib.rs`, `crates/eca-model/`, `crates/*/src`, `crates/NAME/x.rs`",
            "`docs/` and `x/y.rs` and `cargo test`",
            "```\n[a](nowhere.md) `crates/none`\n```",
        ] {
            assert_eq!(check("docs/guide.md", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_missing_target_is_reported_with_its_line() {
        assert_eq!(
            check(
                "docs/guide.md",
                "x\n[a](gone.md)\n`crates/eca-model/src/gone.rs`\n"
            ),
            [
                "docs/guide.md:2: a broken link: gone.md",
                "docs/guide.md:3: no such file: crates/eca-model/src/gone.rs",
            ]
        );
    }

    #[test]
    fn a_link_out_of_the_repository_is_broken() {
        assert_eq!(
            check("README.md", "[a](../other/README.md)"),
            ["README.md:1: a broken link: ../other/README.md"]
        );
    }
}
