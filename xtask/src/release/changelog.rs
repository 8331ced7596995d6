//! Turns the open section of the changelog into the section of a version.

const OPEN: &str = "## [Unreleased]";

/// Closes the open section of a changelog in the form of Keep a Changelog: its lines go under the
/// version and the date, an empty open section stays above, and the links at the end get one for
/// the version.
///
/// # Errors
/// When there is no open section, it is empty, or the version has a section already. The error is
/// a message for the user.
pub(crate) fn close(text: &str, version: &str, date: &str) -> Result<String, String> {
    let (before, rest) = text
        .split_once(OPEN)
        .ok_or_else(|| format!("it has no `{OPEN}`"))?;
    let end = rest
        .find("\n## ")
        .or_else(|| rest.find("\n[Unreleased]:"))
        .unwrap_or(rest.len());
    let (section, after) = rest.split_at(end);
    if !section
        .lines()
        .any(|line| line.trim_start().starts_with("- "))
    {
        return Err(format!("`{OPEN}` is empty; there is nothing to release"));
    }
    let heading = format!("## [{version}]");
    if text.contains(&heading) {
        return Err(format!("`{heading}` exists already"));
    }
    let mut closed = format!("{before}{OPEN}\n\n{heading} - {date}{section}{after}");
    if let Some(base) = repository(text) {
        closed = closed.trim_end().to_owned()
            + &format!("\n[{version}]: {base}/releases/tag/v{version}\n");
    }
    Ok(closed)
}

/// Whether the open section announces a breaking change.
pub(crate) fn announces_a_break(text: &str) -> bool {
    let open = text.split_once(OPEN).map_or("", |(_, rest)| rest);
    let section = open.split("\n## ").next().unwrap_or(open);
    section.contains("**Breaking")
}

/// The URL of the repository, from the link of the open section.
fn repository(text: &str) -> Option<&str> {
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("[Unreleased]:"))?
        .trim();
    link.split_once("/commits/")
        .or_else(|| link.split_once("/compare/"))
        .map(|(base, _)| base)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a thing\n\n[Unreleased]: https://example.org/eca/commits/main\n";

    #[test]
    fn closing() {
        let closed = close(TEXT, "0.2.0", "2026-11-20").unwrap();
        assert_eq!(
            closed,
            "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-20\n\n### Added\n\n- a thing\n\n[Unreleased]: https://example.org/eca/commits/main\n[0.2.0]: https://example.org/eca/releases/tag/v0.2.0\n"
        );
        let error = close(&closed, "0.3.0", "2026-11-21").unwrap_err();
        assert!(error.contains("is empty"), "{error}");
        let again = closed.replacen("## [Unreleased]\n", "## [Unreleased]\n\n- more\n", 1);
        assert!(
            close(&again, "0.2.0", "2026-11-21")
                .unwrap_err()
                .contains("exists already")
        );
        let second = close(&again, "0.3.0", "2026-11-21").unwrap();
        assert!(
            second.contains("## [0.3.0] - 2026-11-21\n\n- more\n\n## [0.2.0] - 2026-11-20"),
            "{second}"
        );
    }

    #[test]
    fn a_break_is_announced_in_the_open_section() {
        let line = "- **Breaking:** `Org::new` takes a clock";
        for (text, expected) in [
            (format!("## [Unreleased]\n\n{line}\n"), true),
            ("## [Unreleased]\n\n- more\n".to_owned(), false),
            (format!("## [Unreleased]\n\n## [0.1.0]\n\n{line}\n"), false),
            (line.to_owned(), false),
        ] {
            assert_eq!(announces_a_break(&text), expected, "{text}");
        }
    }

    #[test]
    fn without_an_open_section() {
        assert!(close("# Changelog\n", "1.0.0", "2026-11-20").is_err());
    }
}
