//! Every page is in the book's summary, the summary names only pages, and no relative link leaves
//! the book: the rendered book does not have its target.

use std::collections::{BTreeMap, BTreeSet};

const SUMMARY: &str = "SUMMARY.md";

/// Problems of the summary and of links, each with its page.
pub(super) fn check(pages: &BTreeMap<String, String>) -> Vec<String> {
    let Some(summary) = pages.get(SUMMARY) else {
        return vec![format!("{SUMMARY}: missing")];
    };
    let named: BTreeSet<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    let missing = named
        .iter()
        .filter(|path| !pages.contains_key(**path))
        .map(|path| format!("{SUMMARY}: {path} does not exist"));
    let unnamed = pages
        .keys()
        .filter(|path| *path != SUMMARY && !named.contains(path.as_str()))
        .map(|path| format!("{path}: not in {SUMMARY}"));
    let leaving = pages.iter().flat_map(|(path, text)| leaving(path, text));
    missing.chain(unnamed).chain(leaving).collect()
}

/// Links of a page to files of the repository that are not in the book.
fn leaving(path: &str, text: &str) -> Vec<String> {
    let depth = path.matches('/').count();
    let targets = text.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| target.split('/').take_while(|part| *part == "..").count() > depth)
        .map(|target| format!("{path}: {target} is not in the book: use its URL"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_summary_match() {
        let page = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let pages = BTreeMap::from([
            page(SUMMARY, "- [A](a.md)\n- [Gone](gone.md)\n"),
            page("a.md", "# A\n"),
            page("stray.md", "# Stray\n"),
            page(
                "how/to.md",
                "[fine](../a.md) [address](https://e.example/../x) [gone](../../README.md)",
            ),
        ]);
        assert_eq!(
            check(&pages),
            [
                "SUMMARY.md: gone.md does not exist",
                "how/to.md: not in SUMMARY.md",
                "stray.md: not in SUMMARY.md",
                "how/to.md: ../../README.md is not in the book: use its URL",
            ]
        );
    }
}
