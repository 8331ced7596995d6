//! Replaces files of a project so that it is the old one or the new one, whenever this process is
//! killed.
//!
//! New contents are staged in `.eca/landing` of the project's root, so that no temporary file is
//! ever among the sources. A list of renames makes them count: before it is written, nothing is
//! changed; after that, this process or the next command ([`recover`]) completes it. When a rename
//! fails, the list is replaced by one that restores the old files.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Component, Path, PathBuf};

use eca_model::fs::{Access, WriteError, write_atomic};
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
struct Renames {
    /// Each from its name in `.eca/landing` to its path in the project.
    renames: Vec<Rename>,
    /// Files of the project that are removed: new ones, when the old state is restored.
    removals: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Rename {
    from: String,
    to: String,
}

/// Files that are staged, and the lock that keeps other processes from completing them.
struct Landing {
    root: PathBuf,
    folder: PathBuf,
    forward: Renames,
    backward: Renames,
    lock: File,
}

/// Writes every file, or none; the paths are relative to the root.
pub(crate) fn land<'a>(
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
    let landing = Landing::stage(root, files)?;
    landing.commit(&landing.forward)?;
    for rename in &landing.forward.renames {
        if let Err(error) = landing.apply(rename) {
            landing.commit(&landing.backward)?;
            landing.finish(&landing.backward)?;
            return Err(error);
        }
    }
    landing.clean();
    Ok(())
}

/// Completes or removes what a killed process has left; does nothing while another process lands
/// files.
pub(crate) fn recover(root: &Path) -> Result<(), Failure> {
    let folder = root.join(FOLDER).join("landing");
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
    let lock = lock_file(root).map_err(|error| failed(error.to_string()))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(failed(error.to_string())),
    }
    let renames = match fs::read(folder.join(RENAMES)) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?,
        // Nothing was changed yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Renames::default(),
        Err(error) => return Err(failed(error.to_string())),
    };
    // The folder may come with a project of a stranger: it names only files of this project.
    if let Some(path) = renames.refused(root) {
        return Err(failed(format!(
            "{path:?} is not a metadata file of the project"
        )));
    }
    let landing = Landing {
        root: root.to_owned(),
        folder: folder.clone(),
        forward: Renames::default(),
        backward: Renames::default(),
        lock,
    };
    let finished = landing.finish(&renames);
    finished.map_err(|NotWritten { path, source }| failed(format!("{}: {source}", path.display())))
}

impl Renames {
    /// The first path that is not one of a metadata file in the project, or not of a staged file.
    fn refused(&self, root: &Path) -> Option<&str> {
        let is_staged = |name: &str| {
            let number = name.strip_suffix(".old").unwrap_or(name);
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        let root = root.canonicalize().ok();
        let is_inside = |path: &str| {
            let parts = Path::new(path).components();
            let is_plain = parts
                .into_iter()
                .all(|part| matches!(part, Component::Normal(_)));
            let is_metadata =
                layout::component_of(path).is_some() || layout::content_of(path).is_some();
            // Not through a link to a folder elsewhere.
            let parent = root
                .as_ref()
                .and_then(|root| root.join(path).parent()?.canonicalize().ok());
            let is_below = match (&root, parent) {
                (Some(root), Some(parent)) => parent.starts_with(root),
                _ => false,
            };
            is_plain && is_metadata && is_below
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

impl Landing {
    /// Writes the new contents and links the old files, all beside the sources.
    fn stage<'a>(
        root: &Path,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, NotWritten> {
        let own = root.join(FOLDER);
        let folder = own.join("landing");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| not_written(path, source)
        };
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
        let mut landing = Self {
            root: root.to_owned(),
            folder,
            forward: Renames::default(),
            backward: Renames::default(),
            lock,
        };
        for (number, (path, content)) in files.into_iter().enumerate() {
            if let Err(source) = landing.add(number, path, content) {
                landing.clean();
                return Err(not_written(landing.root.join(path), source));
            }
        }
        Ok(landing)
    }

    fn add(&mut self, number: usize, path: &str, content: &[u8]) -> io::Result<()> {
        let target = self.root.join(path);
        let from = number.to_string();
        let staged = self.folder.join(&from);
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
    fn commit(&self, renames: &Renames) -> Result<(), NotWritten> {
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

    fn finish(&self, renames: &Renames) -> Result<(), NotWritten> {
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

impl Drop for Landing {
    fn drop(&mut self) {
        // Not only the file is closed: a child process that is just starting may hold it, too.
        let _ = self.lock.unlock();
    }
}

/// The file whose lock a process holds while it lands files. The system releases it at its end.
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

    fn stage(root: &Path) -> Landing {
        Landing::stage(root, NAMES.map(|name| (name, &b"new"[..]))).unwrap()
    }

    fn state(root: &Path) -> [Option<String>; 3] {
        NAMES.map(|name| fs::read_to_string(root.join(name)).ok())
    }

    fn check(root: &Path, expected: [Option<&str>; 3]) {
        recover(root).unwrap();
        assert_eq!(state(root), expected.map(|text| text.map(str::to_owned)));
        assert!(!root.join(".eca/landing").exists());
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

    /// A process that is killed drops its lock, and nothing else of what `land` does happens.
    #[test]
    fn a_kill_at_any_step_leaves_the_old_project_or_the_new_one() {
        let root = project();
        drop(stage(root.path()));
        check(root.path(), OLD);
        for made in 0..=NAMES.len() {
            let root = project();
            let landing = stage(root.path());
            landing.commit(&landing.forward).unwrap();
            for rename in &landing.forward.renames[..made] {
                landing.apply(rename).unwrap();
            }
            drop(landing);
            check(root.path(), NEW);
            // A second command finds nothing to do.
            check(root.path(), NEW);

            // The renames after `made` failed, and the process was killed while it went back.
            for restored in 0..=2 {
                let root = project();
                let landing = stage(root.path());
                for rename in &landing.forward.renames[..made] {
                    landing.apply(rename).unwrap();
                }
                landing.commit(&landing.backward).unwrap();
                for rename in &landing.backward.renames[..restored] {
                    landing.apply(rename).unwrap();
                }
                drop(landing);
                check(root.path(), OLD);
            }
        }
    }

    #[test]
    fn files_are_replaced_and_the_folder_is_ignored() {
        let root = project();
        land(root.path(), NAMES.map(|name| (name, &b"new"[..]))).unwrap();
        check(root.path(), NEW);
        let ignored = fs::read_to_string(root.path().join(".eca/.gitignore")).unwrap();
        assert_eq!(ignored, "*\n");
    }

    #[test]
    fn a_file_that_cannot_be_replaced_leaves_all_as_they_are() {
        let root = project();
        fs::create_dir_all(root.path().join(NAMES[2])).unwrap();
        let refused = land(root.path(), NAMES.map(|name| (name, &b"new"[..])));
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
        let landing = stage(root.path());
        landing.commit(&landing.forward).unwrap();
        recover(root.path()).unwrap();
        assert!(root.path().join(".eca/landing").exists());
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
            let folder = root.path().join(".eca/landing");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("0"), "planted").unwrap();
            let renames =
                serde_json::json!({ "renames": [{ "from": from, "to": to }], "removals": [] });
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
}
