//! Objects in a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use eca_model::fs::{
    Access, create_atomic, is_private_folder, make_private_file, make_private_folder, read_private,
    remove_leftovers, write_atomic,
};

use crate::state::backend::{Backend, BackendError, ETag, OBJECT_LIMIT, Put};

/// Objects in a folder of this machine, as files of mode 0600 in folders of mode 0700. Processes
/// that change objects at the same time wait for each other (`flock`). On a network file system
/// this holds as far as its locks do; a team's jobs share an object storage instead. Links, and
/// files that other users can write, are refused.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// Locked while an object is compared and changed.
const GUARD: &str = ".guard";

type AnyError = Box<dyn std::error::Error + Send + Sync>;

impl Folder {
    /// The folder need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Alone with the objects, until the file is dropped.
    fn guard(&self) -> Result<fs::File, AnyError> {
        make_private_folder(&self.root)?;
        let file = make_private_file(&self.root.join(GUARD))?;
        file.lock()?;
        Ok(file)
    }

    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, AnyError> {
        for folder in self.folders_of(key) {
            if !is_private_folder(&folder)? {
                return Ok(None);
            }
        }
        let limit = u64::try_from(OBJECT_LIMIT)?;
        Ok(read_private(&self.root.join(key), limit)?)
    }

    /// The root, and the folders below it that a key is in.
    fn folders_of(&self, key: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.root.clone()];
        for part in Path::new(key).parent().into_iter().flatten() {
            folders.extend(folders.last().map(|folder| folder.join(part)));
        }
        folders
    }

    fn version(&self, key: &str) -> Result<Option<ETag>, AnyError> {
        Ok(self.read(key)?.map(|content| ETag::of(&content)))
    }

    fn put(&self, key: &str, content: &[u8], version: Option<&ETag>) -> Result<Put, AnyError> {
        let _guard = self.guard()?;
        let path = self.root.join(key);
        for folder in self.folders_of(key) {
            make_private_folder(&folder)?;
            remove_leftovers(&folder);
        }
        if self.version(key)?.as_ref() != version {
            return Ok(Put::Refused);
        }
        let written = match version {
            None => create_atomic(&path, content, Access::Owner),
            Some(_) => write_atomic(&path, content, Access::Owner),
        };
        written.map_err(|error| error.source)?;
        Ok(Put::Stored(ETag::of(content)))
    }

    fn delete(&self, key: &str, version: &ETag) -> Result<(), AnyError> {
        let _guard = self.guard()?;
        if self.version(key)?.as_ref() == Some(version) {
            let path = self.root.join(key);
            fs::remove_file(&path)?;
            // A folder that is not empty stays.
            if let Some(folder) = path.parent().filter(|folder| *folder != self.root) {
                drop(fs::remove_dir(folder));
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>, AnyError> {
        let listing = match fs::read_dir(&self.root) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut names = Vec::new();
        for entry in listing {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Runs something that waits for the disk, or for another process, on a thread for that.
    async fn wait<T: Send + 'static>(
        &self,
        operation: &'static str,
        key: &str,
        work: impl FnOnce(&Self, &str) -> Result<T, AnyError> + Send + 'static,
    ) -> Result<T, BackendError> {
        let (folder, owned) = (self.clone(), key.to_owned());
        let done = tokio::task::spawn_blocking(move || work(&folder, &owned)).await;
        done.map_err(AnyError::from)
            .flatten()
            .map_err(|error| BackendError::new(operation, key, error))
    }
}

impl Backend for Folder {
    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        let content = self.wait("read", key, Self::read).await?;
        Ok(content.map(|content| {
            let version = ETag::of(&content);
            (content, version)
        }))
    }

    async fn folders(&self) -> Result<Vec<String>, BackendError> {
        let root = self.root.display().to_string();
        self.wait("list", &root, |folder, _| folder.names()).await
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<Put, BackendError> {
        let content = content.to_vec();
        let put = move |folder: &Self, key: &str| folder.put(key, &content, None);
        self.wait("create", key, put).await
    }

    async fn replace(
        &self,
        key: &str,
        content: &[u8],
        version: &ETag,
    ) -> Result<Put, BackendError> {
        let (content, version) = (content.to_vec(), version.clone());
        let put = move |folder: &Self, key: &str| folder.put(key, &content, Some(&version));
        self.wait("replace", key, put).await
    }

    async fn remove(&self, key: &str, version: &ETag) -> Result<(), BackendError> {
        let version = version.clone();
        let remove = move |folder: &Self, key: &str| folder.delete(key, &version);
        self.wait("remove", key, remove).await
    }
}
