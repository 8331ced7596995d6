//! Reading projects from folders and writing files.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

use crate::project::access_files::{AccessFile, is_access, label, named_in, names_components};
use crate::project::component_name::ComponentName;
use crate::project::force_ignore::ForceIgnore;
use crate::project::manifest_file::ManifestKind;
use crate::project::project_file::{PackageDirectory, ProjectFile};
use crate::project::replacements::ValueFiles;
use crate::project::root::{self, Root};
use crate::project::scope::{Scope, clean};
use crate::project::suspicious::suspicion;
use crate::project::{Project, layout};
use crate::types::MetadataType;

pub use crate::project::load_error::LoadError;
pub use crate::project::root::check_beneath;
pub use crate::project::write::leftovers::remove_leftovers;
pub use crate::project::write::private::{
    PrivateError, is_private_folder, make_private_file, make_private_folder, read_private,
};
pub use crate::project::write::{
    Access, WriteError, create_atomic, create_reproducible, write_all, write_atomic,
};

/// The folder, beside the package directories, where the Salesforce CLI puts manifests (`sf project
/// generate manifest`).
const MANIFEST_FOLDER: &str = "manifest";

/// With fewer files, starting threads costs more than they save.
pub(crate) const MANY: usize = 64;

impl Project {
    /// Reads a project: the package directories that `sfdx-project.json` names, with the manifests
    /// beside it and in its folder `manifest`, or the whole folder where there is no such file
    /// (metadata format). Paths in the result are relative to `root`. Folders whose name starts
    /// with a dot, `node_modules` and what `.forceignore` names are left out; so are symbolic links
    /// to folders inside of `root`, which could lead in circles. Nothing outside of `root` is read:
    /// a link that leads there is an error.
    ///
    /// # Errors
    /// When the folder or the project file cannot be read. Component files that hold no readable
    /// XML are not an error here: they are in [`Project::unreadable`].
    pub fn load(root: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::load_with(root, &[])
    }

    /// The same with further folders, as if `sfdx-project.json` named them after its own package
    /// directories; paths inside of `root`, with `/`. What is in a package directory already, or
    /// around one, changes nothing.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub fn load_with(root: impl AsRef<Path>, folders: &[String]) -> Result<Self, LoadError> {
        let root = root.as_ref();
        let mut project = load(root, folders)?;
        project.root = Some(root.to_owned());
        Ok(project)
    }

    /// The metadata files that are in no package directory of `sfdx-project.json`, sorted; none
    /// without that file. Folders are left out as by [`Project::load`].
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn files_outside(root: impl AsRef<Path>) -> Result<Vec<String>, LoadError> {
        let root = Root::new(root.as_ref())?;
        let Some(bytes) = root.read_if_there(ProjectFile::FILE)? else {
            return Ok(Vec::new());
        };
        let file = ProjectFile::parse(&bytes);
        let directories = file.package_directories.unwrap_or_default();
        let mut scope = Scope::default();
        if let Some(bytes) = root.read_if_there(ForceIgnore::FILE)? {
            scope.add_ignore_file("", &bytes);
        }
        let walk = Walk {
            root: &root,
            scope,
            left_out: directories.iter().map(|one| clean(&one.path)).collect(),
            files: Vec::new(),
        };
        let files = walk.collect(root.path(), "")?.into_iter();
        let is_ours = |path: &String| {
            let name = layout::component_of(path);
            let kind = name.and_then(|name| name.kind.known());
            // Profiles and permission sets are about other things, as a rule.
            kind.is_some_and(|kind| !is_access(kind))
        };
        Ok(files.map(|file| file.relative).filter(is_ours).collect())
    }
}

fn load(root: &Path, further: &[String]) -> Result<Project, LoadError> {
    let root = Root::new(root)?;
    let mut scope = Scope::default();
    if let Some(bytes) = root.read_if_there(ForceIgnore::FILE)? {
        scope.add_ignore_file("", &bytes);
    }
    let mut walk = Walk {
        root: &root,
        scope,
        left_out: Vec::new(),
        files: Vec::new(),
    };
    let Some(bytes) = root.read_if_there(ProjectFile::FILE)? else {
        let files = walk.collect(root.path(), "")?;
        let (entries, access_files) = read_relevant(files)?;
        let mut project = Project::from_files(None, entries);
        project.access_files = access_files;
        return Ok(project);
    };
    let path = root.path().join(ProjectFile::FILE);
    let mut file = ProjectFile::parse(&bytes);
    let directories = match &mut file.package_directories {
        Ok(directories) => directories,
        Err(reason) => {
            let reason = reason.clone();
            return Err(LoadError::ProjectFile { path, reason });
        }
    };
    for folder in further {
        let is_around = |one: &str, other: &str| {
            let rest = one.strip_prefix(other);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_known = directories.iter().any(|one| {
            let one = clean(&one.path);
            one.is_empty() || is_around(folder, &one) || is_around(&one, folder)
        });
        if !is_known && !folder.is_empty() {
            directories.push(PackageDirectory::further(folder));
        }
    }
    for directory in &*directories {
        let inside = clean(&directory.path);
        let folder = root.path().join(&inside);
        if !folder.is_dir() {
            let directory = directory.path.clone();
            return Err(LoadError::NoPackageDirectory { path, directory });
        }
        root.check(&folder)?;
        let files = walk.collect(&folder, &inside)?;
        walk.files.extend(files);
    }
    for folder in ["", MANIFEST_FOLDER] {
        walk.manifests(folder)?;
    }
    // A package directory may contain another one, or the folder of the manifests.
    let mut files = walk.files;
    files.sort_by(|a, b| a.relative.cmp(&b.relative));
    files.dedup_by(|a, b| a.relative == b.relative);
    let mut value_files = HashMap::new();
    for name in file.value_files() {
        if let Some(bytes) = root.read_if_there(name)? {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            value_files.insert(name.to_owned(), text);
        }
    }
    let (entries, access_files) = read_relevant(files)?;
    let mut project = Project::from_files(Some(file), entries);
    project.access_files = access_files;
    project.value_files = ValueFiles(value_files);
    Ok(project)
}

/// Paths with contents, and the files of which only the name is known.
type Read = (Vec<(String, Vec<u8>)>, Vec<AccessFile>);

/// Reads the files. Of profiles and permission sets, only those that name components, and those
/// that other files name; see [`AccessFile`].
fn read_relevant(files: Vec<ListedFile>) -> Result<Read, LoadError> {
    let access = |file: &ListedFile| -> Option<AccessFile> {
        let component = layout::component_of(&file.relative)?;
        component.kind.known().filter(|kind| is_access(*kind))?;
        Some(AccessFile {
            component,
            path: file.relative.clone(),
            file: file.file.clone()?,
        })
    };
    let (mut candidates, mut others) = (Vec::new(), Vec::new());
    for file in files {
        match access(&file) {
            Some(known) => candidates.push((known, file)),
            None => others.push(file),
        }
    }
    let mut entries = read_all(others)?;
    if candidates.is_empty() {
        return Ok((entries, Vec::new()));
    }
    // Without the bytes of those that name nothing: all of them at once can be very much.
    let sift = |(known, file): (AccessFile, ListedFile)| {
        let (path, bytes) = file.read()?;
        let bytes = names_components(&bytes).then_some(bytes);
        Ok((known, path, bytes))
    };
    let sifted: Result<Vec<_>, LoadError> = candidates.into_par_iter().map(sift).collect();
    let mut named: HashSet<ComponentName> = HashSet::new();
    let mut rest = Vec::new();
    for (known, path, bytes) in sifted? {
        match bytes {
            Some(bytes) => {
                named.insert(known.component);
                entries.push((path, bytes));
            }
            None => rest.push(known),
        }
    }
    if rest.is_empty() {
        return Ok((entries, rest));
    }
    let found: Vec<_> = entries
        .par_iter()
        .map(|(path, bytes)| named_in(path, bytes))
        .collect();
    named.extend(found.into_iter().flatten());
    let is_named = |file: &AccessFile| {
        named.contains(&file.component) || {
            let name = label(&file.component.name);
            named.contains(&ComponentName::new(
                file.component.kind.manifest_name(),
                &*name,
            ))
        }
    };
    let (wanted, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_named);
    for file in wanted {
        entries.push((file.path, root::read(&file.file)?));
    }
    // The order that the files were listed in.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok((entries, rest))
}

/// Reads the files, many of them on all cores. The order stays, and of several errors the first
/// counts.
fn read_all(files: Vec<ListedFile>) -> Result<Vec<(String, Vec<u8>)>, LoadError> {
    if files.len() < MANY {
        return files.into_iter().map(ListedFile::read).collect();
    }
    let read: Vec<_> = files.into_par_iter().map(ListedFile::read).collect();
    read.into_iter().collect()
}

/// A walk through the folders of a project.
struct Walk<'a> {
    root: &'a Root<'a>,
    /// Ignored files are not read.
    scope: Scope,
    /// Folders that are passed over.
    left_out: Vec<String>,
    files: Vec<ListedFile>,
}

/// What a folder has.
#[derive(Default)]
struct Listing {
    files: Vec<ListedFile>,
    /// Each with its path inside the project.
    folders: Vec<(PathBuf, String)>,
}

/// A file that belongs to the project.
struct ListedFile {
    /// The path inside the project.
    relative: String,
    /// Where to read it; `None` when only its name counts.
    file: Option<PathBuf>,
    /// Whether it was a regular file when its folder was listed.
    is_regular: bool,
}

impl ListedFile {
    fn read(self) -> Result<(String, Vec<u8>), LoadError> {
        let bytes = match &self.file {
            Some(file) if self.is_regular => {
                root::read_regular(file).map_err(|source| LoadError::io(file, source))?
            }
            Some(file) => root::read(file)?,
            None => Vec::new(),
        };
        Ok((self.relative, bytes))
    }
}

impl Walk<'_> {
    /// The files in a folder and below. `inside` is the folder's path inside the project. Level by
    /// level: a stranger's folders may be nested deeper than a stack is.
    fn collect(&self, folder: &Path, inside: &str) -> Result<Vec<ListedFile>, LoadError> {
        let mut files = Vec::new();
        let mut level = vec![(folder.to_owned(), inside.to_owned())];
        while !level.is_empty() {
            let list = |(folder, inside): &(PathBuf, String)| self.list(folder, inside);
            let listings: Vec<_> = match &level[..] {
                [one] => vec![list(one)],
                many => many.par_iter().map(list).collect(),
            };
            level.clear();
            for listing in listings {
                let listing = listing?;
                files.extend(listing.files);
                level.extend(listing.folders);
            }
        }
        Ok(files)
    }

    /// What is directly in a folder.
    fn list(&self, folder: &Path, inside: &str) -> Result<Listing, LoadError> {
        let listing = std::fs::read_dir(folder).map_err(|source| LoadError::io(folder, source))?;
        let entries: Result<Vec<_>, _> = listing.collect();
        let mut entries = entries.map_err(|source| LoadError::io(folder, source))?;
        // The file system returns entries in any order.
        entries.sort_by_cached_key(std::fs::DirEntry::file_name);
        let mut found = Listing::default();
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let kind = entry
                .file_type()
                .map_err(|source| LoadError::io(&path, source))?;
            let relative = below(inside, &name);
            let is_linked_folder = kind.is_symlink() && path.is_dir();
            if kind.is_dir() || is_linked_folder {
                let skipped = name.starts_with('.')
                    || name == "node_modules"
                    || self.scope.ignores_folder(&relative)
                    || self.left_out.contains(&relative);
                if !skipped && is_linked_folder {
                    self.root.check(&path)?;
                } else if !skipped {
                    found.folders.push((path, relative));
                }
            } else if ManifestKind::from_path(&name).is_some()
                || MetadataType::from_file_name(&name).is_some()
                || layout::content_of(&name).is_some()
            {
                // A manifest is not a component: its API version counts even when it is ignored.
                let ignored =
                    ManifestKind::from_path(&name).is_none() && self.scope.ignores_file(&relative);
                if !ignored {
                    if kind.is_symlink() {
                        self.root.check(&path)?;
                    }
                    found.files.push(ListedFile {
                        relative,
                        file: Some(path),
                        is_regular: kind.is_file(),
                    });
                }
            } else if suspicion(&relative).is_some() && !self.scope.ignores_file(&relative) {
                found.files.push(ListedFile {
                    relative,
                    file: None,
                    is_regular: false,
                });
            }
        }
        Ok(found)
    }

    /// The manifests directly in a folder; none when the folder does not exist.
    fn manifests(&mut self, inside: &str) -> Result<(), LoadError> {
        for kind in ManifestKind::ALL {
            let relative = below(inside, kind.file_name());
            let path = self.root.path().join(&relative);
            if path.is_file() {
                self.root.check(&path)?;
                self.files.push(ListedFile {
                    relative,
                    file: Some(path),
                    is_regular: false,
                });
            }
        }
        Ok(())
    }
}

/// A path inside the project, one level deeper.
fn below(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => [folder, "/", name].concat(),
    }
}
