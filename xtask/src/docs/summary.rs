//! Every page is in the book's summary, and the summary names only pages.

use std::collections::{BTreeMap, BTreeSet};

const SUMMARY: &str = "SUMMARY.md";

/// Problems of the summary, each with the page that it is about.
pub(super) fn check(pages: &BTreeMap<String, String>) -> Vec<String> {
    let Some(summary) = pages.get(SUMMARY) else {
        return vec![format!("{SUMMARY}: not there")];
    };
    let named: BTreeSet<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    let missing = named
        .iter()
        .filter(|path| !pages.contains_key(**path))
        .map(|path| format!("{SUMMARY}: names {path}, which is not there"));
    let unnamed = pages
        .keys()
        .filter(|path| *path != SUMMARY && !named.contains(path.as_str()))
        .map(|path| format!("{path}: not in {SUMMARY}"));
    missing.chain(unnamed).collect()
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
        ]);
        assert_eq!(
            check(&pages),
            [
                "SUMMARY.md: names gone.md, which is not there",
                "stray.md: not in SUMMARY.md"
            ]
        );
    }
}
