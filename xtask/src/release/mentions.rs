//! The pages that name the version to install.

use semver::Version;

/// The pages.
pub(crate) const PAGES: [&str; 2] = ["README.md", "docs/tutorials/ci-in-a-team.md"];

/// What stands before a version of this program there.
const BEFORE: [&str; 6] = [
    "eca@v",
    "`v",
    "/v",
    "version: ",
    "--version ",
    "Until version ",
];

/// The page with the new version in place of the old one.
pub(crate) fn update(page: &str, old: &Version, new: &Version) -> String {
    let mut text = page.to_owned();
    for before in BEFORE {
        text = text.replace(&format!("{before}{old}"), &format!("{before}{new}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::release::version;

    #[test]
    fn every_mention_is_updated_and_nothing_else() {
        let (old, new) = (Version::new(0, 1, 0), Version::new(0, 2, 0));
        assert_eq!(
            update(
                "eca@v0.1.0 { version: 0.1.0 } serde 0.1.0 10.1.0",
                &old,
                &new
            ),
            "eca@v0.2.0 { version: 0.2.0 } serde 0.1.0 10.1.0"
        );
    }

    #[test]
    fn the_pages_name_the_version_of_the_manifest() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
        let present = version::present(&read("Cargo.toml")).unwrap();
        for page in PAGES {
            let text = read(page);
            let named: Vec<_> = ["eca@v", "version: "]
                .iter()
                .flat_map(|before| text.split(before).skip(1))
                .map(|rest| rest.split([' ', '\n', '`', '/']).next().unwrap())
                .collect();
            assert!(named.len() > 1, "{page}");
            assert!(
                named.iter().all(|one| *one == present.to_string()),
                "{page}: {named:?}"
            );
            // No mention is of a form that a release does not update.
            let next = Version::new(99, 0, 0);
            let updated = update(&text, &present, &next);
            assert!(!updated.contains(&present.to_string()), "{page}");
        }
    }
}
