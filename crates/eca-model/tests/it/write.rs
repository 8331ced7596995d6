//! Files are written whole or not at all.

use std::io;
use std::path::Path;

use eca_model::fs::{Access, create_atomic, create_reproducible, write_all, write_atomic};

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_file_that_cannot_be_replaced_leaves_all_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new, taken] = ["old", "new/file", "taken"].map(|name| folder.path().join(name));
    std::fs::write(&old, "before").unwrap();
    std::fs::create_dir(&taken).unwrap();
    let files = [&old, &new, &taken].map(|path| (path.clone(), b"after".as_slice()));
    let error = write_all(files.clone()).unwrap_err();
    assert_eq!(error.path, taken);
    assert_eq!(std::fs::read_to_string(&old).unwrap(), "before");
    assert!(!new.exists());
    assert_eq!(names(folder.path()), ["new", "old", "taken"]);

    std::fs::remove_dir(&taken).unwrap();
    write_all(files).unwrap();
    for path in [&old, &new, &taken] {
        assert_eq!(std::fs::read_to_string(path).unwrap(), "after");
    }
}

#[test]
fn only_a_new_file_is_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    create_atomic(&path, b"first", Access::Inherited).unwrap();
    let error = create_atomic(&path, b"second", Access::Inherited).unwrap_err();
    assert_eq!(error.source.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(
        error.to_string(),
        format!("cannot write {}", path.display())
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"first");
    assert_eq!(names(folder.path()), ["a"]);
    let nowhere = folder.path().join("missing/a");
    create_atomic(&nowhere, b"", Access::Inherited).unwrap_err();
    let path = folder.path().join("again");
    create_reproducible(&path, b"first", Access::Inherited).unwrap();
    let error = create_reproducible(&path, b"second", Access::Inherited).unwrap_err();
    assert_eq!(error.source.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), b"first");
    write_atomic(&nowhere, b"", Access::Inherited).unwrap_err();
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn modes() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let umask = mode(&plain);
        for (existing, access, expected) in [
            (None, Access::Inherited, umask),
            (None, Access::Owner, 0o600),
            (Some(0o640), Access::Inherited, 0o640),
            (Some(0o600), Access::Inherited, 0o600),
            (Some(0o666), Access::Inherited, 0o666),
            (Some(0o644), Access::Owner, 0o600),
        ] {
            let path = folder.path().join("file");
            if let Some(mode) = existing {
                std::fs::write(&path, "before").unwrap();
                let permissions = std::fs::Permissions::from_mode(mode);
                std::fs::set_permissions(&path, permissions).unwrap();
            }
            write_atomic(&path, b"after", access).unwrap();
            assert_eq!(mode(&path), expected, "{existing:?} {access:?}");
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "untouched").unwrap();
        let path = folder.path().join("file");
        // The names that a predictable temporary file would have.
        for number in 0..3 {
            let name = format!(".file.{}.tmp", std::process::id() + number);
            symlink(&victim, folder.path().join(name)).unwrap();
        }
        write_atomic(&path, b"content", Access::Inherited).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"content");
        symlink(&victim, folder.path().join("link")).unwrap();
        create_atomic(&folder.path().join("link"), b"", Access::Owner).unwrap_err();
        write_atomic(&folder.path().join("link"), b"", Access::Owner).unwrap();
        assert_eq!(std::fs::read(&victim).unwrap(), b"untouched");
    }

    #[test]
    fn devices_stay() {
        let error = write_atomic(Path::new("/dev/null"), b"", Access::Inherited).unwrap_err();
        assert_eq!(error.source.to_string(), "it is not a regular file");
    }
}
