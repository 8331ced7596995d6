//! Files and folders that nobody but their owner can have put there, or can change. On Windows only
//! links are checked, not access.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A private file or folder that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateError {
    /// Somebody else can have put it there, or can change it.
    #[error("cannot trust {}: {reason}; {remedy}", .path.display())]
    Untrusted {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: &'static str,
        /// What to do.
        remedy: String,
    },
    /// It is larger than the caller reads.
    #[error("{} is larger than {limit} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes.
        limit: u64,
    },
    /// The file system refused.
    #[error("cannot use {}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
}

/// Creates a folder if needed, for its owner only. One that is there may be readable by others.
///
/// # Errors
/// [`PrivateError::Untrusted`] when it is a link or others can write it.
pub fn make_private_folder(folder: &Path) -> Result<(), PrivateError> {
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

/// Whether a folder is there.
///
/// # Errors
/// As [`make_private_folder`].
pub fn is_private_folder(folder: &Path) -> Result<bool, PrivateError> {
    match fs::symlink_metadata(folder) {
        Ok(_) => make_private_folder(folder).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(folder)(error)),
    }
}

/// Opens a file for reading and writing, creates it if needed, and lets only its owner read and
/// write it.
///
/// # Errors
/// [`PrivateError::Untrusted`] when it is a link or no regular file, or when others can write it.
pub fn make_private_file(path: &Path) -> Result<File, PrivateError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match fs::symlink_metadata(path) {
        Ok(metadata) => {
            check_file(path, &metadata)?;
            options.open(path)
        }
        // This never follows a link.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match options.clone().create_new(true).open(path) {
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    let metadata = fs::symlink_metadata(path).map_err(failed(path))?;
                    check_file(path, &metadata)?;
                    options.open(path)
                }
                opened => opened,
            }
        }
        Err(error) => Err(error),
    }
    .map_err(failed(path))?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(failed(path))?;
    Ok(file)
}

/// The content of a file; `None` when there is none.
///
/// # Errors
/// [`PrivateError::Untrusted`] as [`make_private_file`], and [`PrivateError::TooLarge`].
pub fn read_private(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, PrivateError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
    };
    check_file(path, &metadata)?;
    let mut content = Vec::new();
    let read = match File::open(path) {
        Ok(file) => file.take(limit.saturating_add(1)).read_to_end(&mut content),
        // It was removed in between.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(error),
    };
    let length = read.map_err(failed(path))?;
    if u64::try_from(length).is_ok_and(|length| length <= limit) {
        return Ok(Some(content));
    }
    let path = path.to_owned();
    Err(PrivateError::TooLarge { path, limit })
}

/// Refuses what is no regular file, or can be written by others.
fn check_file(path: &Path, metadata: &fs::Metadata) -> Result<(), PrivateError> {
    let reason = if metadata.is_symlink() {
        "it is a symbolic link"
    } else if !metadata.is_file() {
        "it is not a regular file"
    } else {
        return check_writers(path, metadata);
    };
    let remedy = "remove it, or use another folder".to_owned();
    Err(untrusted(path, reason, remedy))
}

/// Refuses what users other than the owner can write.
#[cfg(unix)]
fn check_writers(path: &Path, metadata: &fs::Metadata) -> Result<(), PrivateError> {
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
fn check_writers(_: &Path, _: &fs::Metadata) -> Result<(), PrivateError> {
    Ok(())
}

fn untrusted(path: &Path, reason: &'static str, remedy: String) -> PrivateError {
    PrivateError::Untrusted {
        path: path.to_owned(),
        reason,
        remedy,
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PrivateError {
    let path = path.to_owned();
    move |source| PrivateError::File { path, source }
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
            let error = make_private_folder(&at(name))
                .err()
                .map(|error| error.to_string());
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
            let error = make_private_file(&at(name)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(!at("nowhere").exists());
        assert_eq!(fs::read(at("victim")).unwrap(), b"mine");
        for name in ["victim", "new"] {
            make_private_file(&at(name)).unwrap();
            let bits = fs::metadata(at(name)).unwrap().permissions().mode();
            assert_eq!(bits & 0o777, 0o600);
        }
    }

    #[test]
    fn only_whole_private_files_are_read() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::write(at("victim"), "mine").unwrap();
        symlink(at("victim"), at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("open"), "").unwrap();
        mode(&at("open"), 0o620);
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for (name, limit, expected) in [
            ("victim", 4, Ok(Some("mine"))),
            ("nowhere", 4, Ok(None)),
            ("victim", 3, Err("is larger than 3 bytes")),
            ("link", 4, Err("it is a symbolic link")),
            ("folder", 4, Err("it is not a regular file")),
            ("socket", 4, Err("it is not a regular file")),
            ("open", 4, Err("other users can write it")),
        ] {
            match (read_private(&at(name), limit), expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{name}");
                }
                (Err(error), Err(words)) => {
                    assert!(error.to_string().contains(words), "{error}");
                }
                (found, _) => panic!("{name}: {found:?}"),
            }
        }
    }
}
