//! Absolute paths of a developer's machine. They do not exist on other machines.

use crate::tidy::problem::Problem;

/// The first folders of such paths, on developers' machines and CI services. Folders of every
/// machine (`/etc`, `/tmp`, `/usr`) are not listed.
const ROOTS: [&str; 10] = [
    "home",
    "root",
    "Users",
    "builds",
    "build",
    "workspace",
    "workspaces",
    "work",
    "mnt",
    "media",
];

/// Every such path in the text.
pub(crate) fn check(path: &str, text: &str) -> Vec<Problem> {
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let found = machine_path(line)?;
            Some(Problem::at(
                path,
                index,
                format!("a path of a developer's machine: {found}"),
            ))
        })
        .collect()
}

/// The first such path of the line.
fn machine_path(line: &str) -> Option<&str> {
    line.match_indices('/').find_map(|(start, _)| {
        let (before, rest) = (&line[..start], &line[start + 1..]);
        // A slash inside of a path, URL or template only separates; `file:///` begins a path.
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "_-.~/*})]>%".contains(c))
            || before.ends_with("file://");
        // A path follows: `/home` alone is no such path.
        let inside = ROOTS.iter().any(|root| {
            rest.strip_prefix(root)
                .and_then(|rest| rest.strip_prefix('/'))
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '.'))
        });
        (begins && inside).then(|| {
            let end = rest
                .find(|c: char| c.is_whitespace() || "\"'`<>|,;)".contains(c))
                .unwrap_or(rest.len());
            &line[start..=start + end]
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    #[test]
    fn paths_of_a_machine_are_found() {
        for (line, path) in [
            ("see {}me/notes.txt, please", "me/notes.txt"),
            ("include_str!(\"{}me/a.xml\")", "me/a.xml"),
            ("file://{}x/y", "x/y"),
        ] {
            for root in ROOTS {
                let folder = format!("/{root}/");
                let text = line.replace("{}", &folder);
                assert_eq!(
                    lines(&check("a.md", &text)),
                    [format!(
                        "a.md:1: a path of a developer's machine: {folder}{path}"
                    )]
                );
            }
        }
    }

    #[test]
    fn urls_and_common_paths_pass() {
        for line in [
            "https://example.com/home/index.html",
            "/services/oauth2/token",
            "/tmp/file and /etc/ssl/certs",
            "./build/out and target/build/x",
            "format!(\"{base}/home/{id}\")",
            "the /home folder",
            "crates/*/build/x",
        ] {
            assert_eq!(check("a.md", line), [], "{line}");
        }
    }
}
