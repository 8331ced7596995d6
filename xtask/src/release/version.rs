//! The version of the workspace, in the root manifest.

use semver::Version;
use toml_edit::{DocumentMut, Item, Value};

/// The kind of changes in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// No user-visible change.
    Patch,
    /// Additions; before 1.0 also breaking changes.
    Minor,
    /// Breaking changes.
    Major,
}

/// The version after this one.
fn next(version: &Version, level: Level) -> Version {
    let Version {
        major,
        minor,
        patch,
        ..
    } = *version;
    match level {
        Level::Patch => Version::new(major, minor, patch + 1),
        Level::Minor => Version::new(major, minor + 1, 0),
        Level::Major => Version::new(major + 1, 0, 0),
    }
}

/// The version that a root manifest has.
///
/// # Errors
/// When it has none.
pub(crate) fn present(manifest: &str) -> Result<Version, String> {
    let document: DocumentMut = manifest
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    let version = document
        .get("workspace")
        .and_then(|workspace| workspace.get("package"))
        .and_then(|package| package.get("version"))
        .and_then(Item::as_str)
        .ok_or("`workspace.package` has no `version`")?;
    version
        .parse()
        .map_err(|error| format!("`{version}`: {error}"))
}

/// The version to release, and the root manifest with it: in `workspace.package` and in each
/// dependency on a member. Comments and formatting stay. Without a level, the version is that of
/// the manifest: the first release.
///
/// # Errors
/// When the manifest has no such version.
pub(crate) fn bump(manifest: &str, level: Option<Level>) -> Result<(Version, String), String> {
    let old = present(manifest)?;
    let new = level.map_or_else(|| old.clone(), |level| next(&old, level));
    let mut document: DocumentMut = manifest
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    set(&mut document["workspace"]["package"]["version"], &new);
    let Some(dependencies) = document["workspace"]["dependencies"].as_table_like_mut() else {
        return Err("`workspace.dependencies` is missing".to_owned());
    };
    for (name, dependency) in dependencies.iter_mut() {
        if dependency.get("path").is_none() {
            continue;
        }
        match dependency.get("version").and_then(Item::as_str) {
            Some(version) if version == old.to_string() => set(&mut dependency["version"], &new),
            other => {
                return Err(format!(
                    "`{name}` has version {other:?}, the workspace {old}"
                ));
            }
        }
    }
    Ok((new, document.to_string()))
}

/// Replaces a text value and keeps the comments around it.
fn set(item: &mut Item, version: &Version) {
    if let Some(old) = item.as_value_mut() {
        let mut new = Value::from(version.to_string());
        *new.decor_mut() = old.decor().clone();
        *old = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.package]\nversion = \"0.1.9\" # one place\n\n[workspace.dependencies]\na = { path = \"a\", version = \"0.1.9\" }\nserde = \"1\"\n";

    #[test]
    fn levels() {
        for (level, expected) in [
            (None, "0.1.9"),
            (Some(Level::Patch), "0.1.10"),
            (Some(Level::Minor), "0.2.0"),
            (Some(Level::Major), "1.0.0"),
        ] {
            assert_eq!(bump(MANIFEST, level).unwrap().0.to_string(), expected);
        }
    }

    #[test]
    fn only_versions_change() {
        let (_, bumped) = bump(MANIFEST, Some(Level::Minor)).unwrap();
        assert_eq!(bumped.replace("0.2.0", "0.1.9"), MANIFEST);
        assert_eq!(bump(MANIFEST, None).unwrap().1, MANIFEST);
    }

    #[test]
    fn wrong_manifests_are_refused() {
        for (from, to, words) in [
            ("version = \"0.1.9\" #", "version = \"x\" #", "`x`"),
            (
                "version = \"0.1.9\" }",
                "version = \"0.1.8\" }",
                "`a` has version Some(\"0.1.8\")",
            ),
            ("[workspace.package]", "[package]", "has no `version`"),
        ] {
            for level in [None, Some(Level::Patch)] {
                let error = bump(&MANIFEST.replace(from, to), level).unwrap_err();
                assert!(error.contains(words), "{error}");
            }
        }
    }
}
