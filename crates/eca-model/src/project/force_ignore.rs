//! `.forceignore`: files that do not belong to the metadata of a project.

use std::fmt;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The rules of a `.forceignore` file, which are those of a `.gitignore` (Salesforce DX Developer
/// Guide, "How to Exclude Source When Syncing or Converting"). Paths are relative to the folder of
/// the file, with `/`.
pub(crate) struct ForceIgnore {
    matcher: Gitignore,
}

impl ForceIgnore {
    /// The file's name.
    pub(crate) const FILE: &'static str = ".forceignore";

    /// Reads the rules. A line that is not a pattern is ignored, as in git.
    pub(crate) fn parse(text: &str) -> Self {
        let mut builder = GitignoreBuilder::new("");
        for line in text.trim_start_matches('\u{feff}').lines() {
            let _ = builder.add_line(None, &forward_slashes(line));
        }
        Self {
            matcher: builder.build().unwrap_or_else(|_| Gitignore::empty()),
        }
    }

    /// Whether a rule ignores a file or one of its folders.
    pub(crate) fn ignores_file(&self, path: &str) -> bool {
        self.ignores(path, false)
    }

    /// Whether a rule ignores a folder with everything in it.
    pub(crate) fn ignores_folder(&self, path: &str) -> bool {
        self.ignores(path, true)
    }

    fn ignores(&self, path: &str, is_folder: bool) -> bool {
        // The matcher accepts only paths below its folder.
        let mut path = path;
        while let Some(rest) = path.strip_prefix('/').or_else(|| path.strip_prefix("./")) {
            path = rest;
        }
        let path = Path::new(path);
        !path.has_root()
            && self
                .matcher
                .matched_path_or_any_parents(path, is_folder)
                .is_ignore()
    }
}

/// Windows projects write `force-app\main`. A backslash before a letter escapes nothing in git's
/// rules, so it is a separator.
fn forward_slashes(line: &str) -> String {
    let mut characters = line.chars().peekable();
    let mut clean = String::with_capacity(line.len());
    while let Some(character) = characters.next() {
        let separates = |next: &char| next.is_alphanumeric() || *next == '_';
        clean.push(match character {
            '\\' if characters.peek().is_some_and(separates) => '/',
            other => other,
        });
    }
    clean
}

impl fmt::Debug for ForceIgnore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ForceIgnore")
            .field("rules", &self.matcher.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::ForceIgnore;

    #[test]
    fn rules_are_those_of_git() {
        let rules = ForceIgnore::parse(
            "\u{feff}# comment\n**/.*\n/dist/\n*.ecaPlcy-meta.xml\n!keep.ecaPlcy-meta.xml\nforce-app\\old\n[\n\\#a\n",
        );
        for (path, ignored) in [
            ("force-app/.hidden/a.eca", true),
            ("dist/a.eca", true),
            ("/dist/a.eca", true),
            (".//dist/a.eca", true),
            ("#a/b.eca", true),
            ("force-app/dist/a.eca", false),
            ("x/a.ecaPlcy-meta.xml", true),
            ("x/keep.ecaPlcy-meta.xml", false),
            ("force-app/old/a.eca", true),
            ("force-app/older/a.eca", false),
        ] {
            assert_eq!(rules.ignores_file(path), ignored, "{path}");
        }
        assert!(rules.ignores_folder("dist"));
        assert!(!rules.ignores_file("dist"));
        assert!(!ForceIgnore::parse("").ignores_file("a"));
        assert_eq!(format!("{rules:?}"), "ForceIgnore { rules: 7 }");
    }
}
