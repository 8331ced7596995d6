//! Replaces files of a project so that it is the old one or the new one, whenever this process is
//! killed.
//!
//! New contents are staged in `.eca/transaction` of the project's root, so that no temporary file
//! is ever among the sources. A list of renames makes them count: before it is written, nothing is
//! changed; after that, this process or the next command ([`recover`]) completes it. When a rename
//! fails, the list is replaced by one that restores the old files. `write_all` of `eca-model`,
//! which needs no folder of its own, restores them too, but not after a kill.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Component, Path, PathBuf};

use eca_model::fs::{Access, WriteError, check_beneath, write_atomic};
use eca_model::layout;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;

/// The program's folder in a project.
const FOLDER: &str = ".eca";
/// The list of renames.
const RENAMES: &str = "renames.json";

/// The renames that are to be made.
#[derive(Debug, Default, Serialize, Deserialize)]
struct RenameList {
    /// The folder that the list was written in. A checkout of a stranger may bring a list along,
    /// and cannot know this.
    folder: FolderId,
    /// Each from its name in `.eca/transaction` to its path in the project.
    renames: Vec<Rename>,
    /// Files of the project that are removed: new ones, when the old state is restored.
    removals: Vec<String>,
}

/// Device and number of a folder; zeros where the system has none (Windows).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct FolderId(u64, u64);

impl FolderId {
    fn of(folder: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(folder)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Ok(Self(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Ok(Self::default())
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Rename {
    from: String,
    to: String,
}

/// Files that are staged, and the lock that keeps other processes from completing them.
struct Transaction {
    root: PathBuf,
    folder: PathBuf,
    forward: RenameList,
    backward: RenameList,
    lock: File,
}

/// Writes every file, or none; the paths are relative to the root.
pub(crate) fn replace_all<'a>(
    root: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), Failure> {
    all_or_none(root, files).map_err(|NotWritten { path, source }| {
        let message = format!("cannot write {}; nothing was changed", path.display());
        Failure::caused_by(Exit::Usage, message, &source)
    })
}

fn all_or_none<'a>(
    root: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), NotWritten> {
    let transaction = Transaction::stage(root, files)?;
    transaction.commit(&transaction.forward)?;
    for rename in &transaction.forward.renames {
        if let Err(error) = transaction.apply(rename) {
            transaction.commit(&transaction.backward)?;
            transaction.finish(&transaction.backward)?;
            return Err(error);
        }
    }
    transaction.clean();
    Ok(())
}

/// Completes or removes what a killed process has left; does nothing while another process replaces
/// files.
pub(crate) fn recover(root: &Path) -> Result<(), Failure> {
    let folder = root.join(FOLDER).join("transaction");
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let failed = |reason: String| {
        let shown = folder.display();
        let message = format!("the unfinished changes in {shown} cannot be completed: {reason}");
        Failure::new(Exit::Usage, message).hint(format!(
            "look at the files there, remove the folder {shown}, and retrieve again"
        ))
    };
    refuse_links(root).map_err(|error| failed(error.to_string()))?;
    let lock = lock_file(root).map_err(|error| failed(error.to_string()))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(failed(error.to_string())),
    }
    let renames = match fs::read(folder.join(RENAMES)) {
        Ok(text) => {
            let renames: RenameList =
                serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
            let here = FolderId::of(&folder).map_err(|error| failed(error.to_string()))?;
            if renames.folder != here {
                return Err(failed("they were begun in another folder".to_owned()));
            }
            renames
        }
        // Nothing was changed yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => RenameList::default(),
        Err(error) => return Err(failed(error.to_string())),
    };
    // On Windows the folder may still come with a project of a stranger.
    if let Some(path) = renames.refused(root) {
        return Err(failed(format!(
            "{path:?} is not a metadata file of the project"
        )));
    }
    let transaction = Transaction {
        root: root.to_owned(),
        folder: folder.clone(),
        forward: RenameList::default(),
        backward: RenameList::default(),
        lock,
    };
    let finished = transaction.finish(&renames);
    finished.map_err(|NotWritten { path, source }| failed(format!("{}: {source}", path.display())))
}

impl RenameList {
    /// The first path that is not one of a metadata file in the project, or not of a staged file.
    fn refused(&self, root: &Path) -> Option<&str> {
        let is_staged = |name: &str| {
            let number = name.strip_suffix(".old").unwrap_or(name);
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        let is_inside = |path: &str| {
            let parts = Path::new(path).components();
            let is_plain = parts
                .into_iter()
                .all(|part| matches!(part, Component::Normal(_)));
            let is_metadata =
                layout::component_of(path).is_some() || layout::content_of(path).is_some();
            is_plain && is_metadata && check_beneath(root, &root.join(path)).is_ok()
        };
        let froms = self.renames.iter().map(|rename| rename.from.as_str());
        let tos = self.renames.iter().map(|rename| rename.to.as_str());
        let mut paths = tos.chain(self.removals.iter().map(String::as_str));
        froms
            .into_iter()
            .find(|name| !is_staged(name))
            .or_else(|| paths.find(|path| !is_inside(path)))
    }
}

impl Transaction {
    /// Writes the new contents and links the old files, all beside the sources.
    fn stage<'a>(
        root: &Path,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, NotWritten> {
        let own = root.join(FOLDER);
        let folder = own.join("transaction");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| not_written(path, source)
        };
        refuse_links(root).map_err(failed(&own))?;
        fs::create_dir_all(&own).map_err(failed(&own))?;
        let ignore = own.join(".gitignore");
        if !ignore.exists() {
            write_atomic(&ignore, b"*\n", Access::Inherited)?;
        }
        let lock = lock_file(root).map_err(failed(&own))?;
        lock.lock().map_err(failed(&own))?;
        // Left by a process that was killed before it had changed anything.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).map_err(failed(&folder))?;
        let id = FolderId::of(&folder).map_err(failed(&folder))?;
        let renames = || RenameList {
            folder: id,
            ..RenameList::default()
        };
        let mut transaction = Self {
            root: root.to_owned(),
            folder,
            forward: renames(),
            backward: renames(),
            lock,
        };
        for (number, (path, content)) in files.into_iter().enumerate() {
            if let Err(source) = transaction.add(number, path, content) {
                transaction.clean();
                return Err(not_written(transaction.root.join(path), source));
            }
        }
        Ok(transaction)
    }

    fn add(&mut self, number: usize, path: &str, content: &[u8]) -> io::Result<()> {
        let target = self.root.join(path);
        let from = number.to_string();
        let staged = self.folder.join(&from);
        check_beneath(&self.root, &target).map_err(io::Error::other)?;
        fs::create_dir_all(target.parent().unwrap_or(&self.root))?;
        let mut file = File::create_new(&staged)?;
        match fs::metadata(&target) {
            Ok(existing) if !existing.is_file() => {
                return Err(io::Error::other("it is not a regular file"));
            }
            Ok(existing) => {
                file.set_permissions(existing.permissions())?;
                let old = format!("{from}.old");
                let copy = self.folder.join(&old);
                // Some file systems have no hard links.
                fs::hard_link(&target, &copy).or_else(|_| fs::copy(&target, &copy).map(drop))?;
                let to = path.to_owned();
                self.backward.renames.push(Rename { from: old, to });
            }
            Err(_) => self.backward.removals.push(path.to_owned()),
        }
        io::Write::write_all(&mut file, content)?;
        file.sync_all()?;
        let to = path.to_owned();
        self.forward.renames.push(Rename { from, to });
        Ok(())
    }

    /// Makes these renames those that are completed, whatever happens.
    fn commit(&self, renames: &RenameList) -> Result<(), NotWritten> {
        let path = self.folder.join(RENAMES);
        let text =
            serde_json::to_vec(renames).map_err(|error| not_written(path.clone(), error.into()))?;
        Ok(write_atomic(&path, &text, Access::Inherited)?)
    }

    /// Makes one rename; one that was made before is skipped.
    fn apply(&self, rename: &Rename) -> Result<(), NotWritten> {
        let (from, to) = (self.folder.join(&rename.from), self.root.join(&rename.to));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                // A package directory on another file system.
                let content = fs::read(&from).map_err(|source| not_written(to.clone(), source))?;
                Ok(write_atomic(&to, &content, Access::Inherited)?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !from.exists() => Ok(()),
            renamed => renamed.map_err(|source| not_written(to, source)),
        }
    }

    fn finish(&self, renames: &RenameList) -> Result<(), NotWritten> {
        for rename in &renames.renames {
            self.apply(rename)?;
        }
        for path in &renames.removals {
            // It may not have been created.
            let _ = fs::remove_file(self.root.join(path));
        }
        self.clean();
        Ok(())
    }

    /// Removes the staged files, the list of renames first: without it they do not count.
    fn clean(&self) {
        // What is left is removed by the next command.
        let _ = fs::remove_file(self.folder.join(RENAMES));
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // Not only the file is closed: a child process that is just starting may hold it, too.
        let _ = self.lock.unlock();
    }
}

/// Refuses links in the place of the folder and the files in it: a checkout of a stranger may have
/// them, and they lead elsewhere.
fn refuse_links(root: &Path) -> io::Result<()> {
    let own = root.join(FOLDER);
    for path in [
        own.join("transaction").join(RENAMES),
        own.join("transaction"),
        own.join("lock"),
        own.join(".gitignore"),
        own,
    ] {
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|found| found.is_symlink());
        if is_link {
            let reason = format!("{} is a symbolic link", path.display());
            return Err(io::Error::other(reason));
        }
    }
    Ok(())
}

/// The file whose lock a process holds while it replaces files. The system releases it at its end.
fn lock_file(root: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    options.open(root.join(FOLDER).join("lock"))
}

/// A file that cannot be written.
#[derive(Debug)]
struct NotWritten {
    path: PathBuf,
    source: io::Error,
}

impl From<WriteError> for NotWritten {
    fn from(WriteError { path, source, .. }: WriteError) -> Self {
        Self { path, source }
    }
}

fn not_written(path: PathBuf, source: io::Error) -> NotWritten {
    NotWritten { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["a/One.eca", "a/Two.eca", "b/Three.eca"];

    /// A project with two of the three files.
    fn project() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        for name in &NAMES[..2] {
            fs::write(root.path().join(name), "old").unwrap();
        }
        root
    }

    fn stage(root: &Path) -> Transaction {
        Transaction::stage(root, NAMES.map(|name| (name, &b"new"[..]))).unwrap()
    }

    fn state(root: &Path) -> [Option<String>; 3] {
        NAMES.map(|name| fs::read_to_string(root.join(name)).ok())
    }

    fn check(root: &Path, expected: [Option<&str>; 3]) {
        recover(root).unwrap();
        assert_eq!(state(root), expected.map(|text| text.map(str::to_owned)));
        assert!(!root.join(".eca/transaction").exists());
        let sources = ["a", "b"]
            .iter()
            .filter_map(|folder| fs::read_dir(root.join(folder)).ok());
        let files = sources
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_file());
        assert_eq!(
            files.count(),
            expected.iter().flatten().count(),
            "stray files"
        );
    }

    const OLD: [Option<&str>; 3] = [Some("old"), Some("old"), None];
    const NEW: [Option<&str>; 3] = [Some("new"); 3];

    /// A process that is killed drops its lock, and nothing else of what `replace_all` does
    /// happens.
    #[test]
    fn a_kill_at_any_step_leaves_the_old_project_or_the_new_one() {
        let root = project();
        drop(stage(root.path()));
        check(root.path(), OLD);
        for made in 0..=NAMES.len() {
            let root = project();
            let transaction = stage(root.path());
            transaction.commit(&transaction.forward).unwrap();
            for rename in &transaction.forward.renames[..made] {
                transaction.apply(rename).unwrap();
            }
            drop(transaction);
            check(root.path(), NEW);
            // A second command finds nothing to do.
            check(root.path(), NEW);

            // The renames after `made` failed, and the process was killed while it went back.
            for restored in 0..=2 {
                let root = project();
                let transaction = stage(root.path());
                for rename in &transaction.forward.renames[..made] {
                    transaction.apply(rename).unwrap();
                }
                transaction.commit(&transaction.backward).unwrap();
                for rename in &transaction.backward.renames[..restored] {
                    transaction.apply(rename).unwrap();
                }
                drop(transaction);
                check(root.path(), OLD);
            }
        }
    }

    #[test]
    fn files_are_replaced_and_the_folder_is_ignored() {
        let root = project();
        replace_all(root.path(), NAMES.map(|name| (name, &b"new"[..]))).unwrap();
        check(root.path(), NEW);
        let ignored = fs::read_to_string(root.path().join(".eca/.gitignore")).unwrap();
        assert_eq!(ignored, "*\n");
    }

    #[test]
    fn a_file_that_cannot_be_replaced_leaves_all_as_they_are() {
        let root = project();
        fs::create_dir_all(root.path().join(NAMES[2])).unwrap();
        let refused = replace_all(root.path(), NAMES.map(|name| (name, &b"new"[..])));
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("nothing was changed")
        );
        assert_eq!(
            state(root.path())[..2],
            [Some("old".to_owned()), Some("old".to_owned())]
        );
    }

    #[test]
    fn another_process_is_not_disturbed() {
        let root = project();
        let transaction = stage(root.path());
        transaction.commit(&transaction.forward).unwrap();
        recover(root.path()).unwrap();
        assert!(root.path().join(".eca/transaction").exists());
        assert_eq!(state(root.path())[0].as_deref(), Some("old"));
    }

    /// The folder may come with a project of a stranger.
    #[test]
    fn only_metadata_files_of_the_project_are_touched() {
        for (from, to) in [
            ("0", "../outside.eca"),
            ("0", "/tmp/outside.eca"),
            ("0", "a/../../outside.eca"),
            ("0", ".git/hooks/pre-commit"),
            ("0", "link/One.eca"),
            ("../a/One.eca", "a/Two.eca"),
            ("", "a/Two.eca"),
        ] {
            let outside = tempfile::tempdir().unwrap();
            let root = project();
            #[cfg(unix)]
            std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
            let folder = root.path().join(".eca/transaction");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("0"), "planted").unwrap();
            let id = FolderId::of(&folder).unwrap();
            let rename = serde_json::json!({ "from": from, "to": to });
            let renames = serde_json::json!({ "folder": id, "renames": [rename], "removals": [] });
            fs::write(folder.join(RENAMES), renames.to_string()).unwrap();
            let refused = recover(root.path()).unwrap_err().to_string();
            assert!(
                refused.contains("cannot be completed"),
                "{from} {to}: {refused}"
            );
            assert!(folder.join("0").exists(), "{from} {to}");
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        }
    }

    /// A list that came with a checkout, and links in the place of the folder.
    #[cfg(unix)]
    #[test]
    fn what_a_checkout_brings_along_is_refused() {
        let root = project();
        let folder = root.path().join(".eca/transaction");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("0"), "planted").unwrap();
        let list = r#"{"folder":[1,2],"renames":[{"from":"0","to":"a/One.eca"}],"removals":["a/Two.eca"]}"#;
        fs::write(folder.join(RENAMES), list).unwrap();
        let refused = recover(root.path()).unwrap_err().to_string();
        assert!(refused.contains("begun in another folder"), "{refused}");
        assert_eq!(state(root.path()), OLD.map(|text| text.map(str::to_owned)));

        let files = || NAMES.map(|name| (name, &b"new"[..]));
        for link in [".eca", ".eca/transaction", ".eca/lock", "b"] {
            let (root, outside) = (project(), tempfile::tempdir().unwrap());
            fs::create_dir(outside.path().join("transaction")).unwrap();
            if link.starts_with(".eca/") {
                fs::create_dir(root.path().join(".eca")).unwrap();
            }
            std::os::unix::fs::symlink(outside.path(), root.path().join(link)).unwrap();
            replace_all(root.path(), files()).unwrap_err();
            assert_eq!(
                state(root.path()),
                OLD.map(|text| text.map(str::to_owned)),
                "{link}"
            );
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{link}");
        }
    }
}
