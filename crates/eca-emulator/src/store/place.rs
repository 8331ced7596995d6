//! The folder and the file of a store: nobody but their owner can have put them there, or can
//! change them. On Windows only links are checked, not access.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use crate::store::error::StoreError;

/// Creates the folder if needed, for its owner only.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let is_link = fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_symlink());
    if is_link {
        return Err(untrusted(
            folder,
            "it is a symbolic link",
            "name the folder that it leads to".to_owned(),
        ));
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed(folder))?;
    let metadata = fs::symlink_metadata(folder).map_err(failed(folder))?;
    check_writers(folder, &metadata)
}

/// Creates the file if needed, and lets only its owner read and write it.
pub(super) fn make_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match fs::symlink_metadata(path) {
        Ok(metadata) => {
            let reason = if metadata.is_symlink() {
                Some("it is a symbolic link")
            } else if !metadata.is_file() {
                Some("it is not a regular file")
            } else {
                None
            };
            if let Some(reason) = reason {
                let remedy = "remove it, or use another folder".to_owned();
                return Err(untrusted(path, reason, remedy));
            }
            check_writers(path, &metadata)?;
            options.open(path)
        }
        // This never follows a link.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            options.create_new(true).open(path)
        }
        Err(error) => Err(error),
    }
    .map_err(failed(path))?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(failed(path))?;
    #[cfg(not(unix))]
    drop(file);
    Ok(())
}

/// Refuses what users other than the owner can write.
#[cfg(unix)]
fn check_writers(path: &Path, metadata: &fs::Metadata) -> Result<(), StoreError> {
    const OTHERS_WRITE: u32 = 0o022;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
    if mode & OTHERS_WRITE == 0 {
        return Ok(());
    }
    let text = path.display().to_string().replace('\'', r"'\''");
    let is_plain = |char: char| char.is_alphanumeric() || "/._-".contains(char);
    let quoted = if text.chars().all(is_plain) {
        text
    } else {
        format!("'{text}'")
    };
    Err(untrusted(
        path,
        "other users can write it",
        format!("run: chmod go-w {quoted}"),
    ))
}

#[cfg(not(unix))]
fn check_writers(_: &Path, _: &fs::Metadata) -> Result<(), StoreError> {
    Ok(())
}

fn untrusted(path: &Path, reason: &'static str, remedy: String) -> StoreError {
    StoreError::Untrusted {
        path: path.to_owned(),
        reason,
        remedy,
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { path, source }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn planted_links_and_open_folders_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let elsewhere = at("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        symlink(&elsewhere, at("link")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        for (name, bits) in [("open", 0o777), ("sticky", 0o1777), ("it's group", 0o770)] {
            fs::create_dir(at(name)).unwrap();
            mode(&at(name), bits);
        }
        fs::create_dir(at("readable")).unwrap();
        mode(&at("readable"), 0o755);
        for (name, expected) in [
            (
                "link",
                Some("it is a symbolic link; name the folder that it leads to"),
            ),
            (
                "dangling",
                Some("it is a symbolic link; name the folder that it leads to"),
            ),
            (
                "open",
                Some("other users can write it; run: chmod go-w DIR/open"),
            ),
            (
                "sticky",
                Some("other users can write it; run: chmod go-w DIR/sticky"),
            ),
            (
                "it's group",
                Some(r"other users can write it; run: chmod go-w 'DIR/it'\''s group'"),
            ),
            ("readable", None),
            ("new", None),
        ] {
            let error = make_folder(&at(name)).err().map(|error| error.to_string());
            let error = error.map(|text| text.replace(root.path().to_str().unwrap(), "DIR"));
            let expected = expected.map(|text| format!("cannot trust DIR/{name}: {text}"));
            assert_eq!(error, expected);
        }
        let bits = fs::metadata(at("new")).unwrap().permissions().mode();
        assert_eq!(bits & 0o777, 0o700);
    }

    #[test]
    fn planted_files_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::write(at("victim"), "mine").unwrap();
        mode(&at("victim"), 0o644);
        symlink(at("victim"), at("link")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("open"), "").unwrap();
        mode(&at("open"), 0o666);
        for (name, expected) in [
            ("link", "it is a symbolic link"),
            ("dangling", "it is a symbolic link"),
            ("folder", "it is not a regular file"),
            ("open", "other users can write it; run: chmod go-w"),
        ] {
            let error = make_file(&at(name)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(!at("nowhere").exists());
        assert_eq!(fs::read(at("victim")).unwrap(), b"mine");
        for name in ["victim", "new"] {
            make_file(&at(name)).unwrap();
            let bits = fs::metadata(at(name)).unwrap().permissions().mode();
            assert_eq!(bits & 0o777, 0o600);
        }
    }
}
