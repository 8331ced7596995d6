//! Objects in a folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use eca_model::fs::{Access, create_atomic, write_atomic};

use crate::state::backend::{Backend, BackendError, ETag, Put};

/// Objects in a folder of this machine, as files of mode 0600. Processes that change objects at the
/// same time wait for each other (`flock`). On a network file system this holds as far as its locks
/// do; a team's jobs share an object storage instead.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

/// Locked while an object is compared and changed.
const GUARD: &str = ".guard";

impl Folder {
    /// The folder need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// Alone with the objects, until the file is dropped.
    fn guard(&self) -> io::Result<File> {
        fs::create_dir_all(&self.root)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.root.join(GUARD))?;
        file.lock()?;
        Ok(file)
    }

    fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(&self, key: &str, content: &[u8], version: Option<&ETag>) -> io::Result<Put> {
        let path = self.path(key);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let _guard = self.guard()?;
        let before = Self::read(&path)?;
        if before.map(ETag::new).as_ref() != version {
            return Ok(Put::Refused);
        }
        let written = match version {
            None => create_atomic(&path, content, Access::Owner),
            Some(_) => write_atomic(&path, content, Access::Owner),
        };
        written.map_err(|error| error.source)?;
        Ok(Put::Stored(ETag::new(content)))
    }
}

impl Backend for Folder {
    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        let content = Self::read(&self.path(key));
        let content = content.map_err(|error| BackendError::new("read", key, error))?;
        Ok(content.map(|content| (content.clone(), ETag::new(content))))
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<Put, BackendError> {
        let put = self.put(key, content, None);
        put.map_err(|error| BackendError::new("create", key, error))
    }

    async fn replace(
        &self,
        key: &str,
        content: &[u8],
        version: &ETag,
    ) -> Result<Put, BackendError> {
        let put = self.put(key, content, Some(version));
        put.map_err(|error| BackendError::new("replace", key, error))
    }

    async fn remove(&self, key: &str, version: &ETag) -> Result<(), BackendError> {
        let path = self.path(key);
        let remove = || -> io::Result<()> {
            let _guard = self.guard()?;
            let found = Self::read(&path)?.map(ETag::new);
            if found.as_ref() == Some(version) {
                fs::remove_file(&path)?;
            }
            Ok(())
        };
        remove().map_err(|error| BackendError::new("remove", key, error))
    }
}
