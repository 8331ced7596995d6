//! A refresh token in a file, read and replaced by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use eca_http::BoxFuture;
use eca_model::fs::WriteError;
use eca_oauth::{RefreshStore, RefreshStoreError, RefreshToken, RefreshTokenGuard, SfdxAuthUrl};

use crate::files::input;
use crate::state::dirs;

/// The file.
#[derive(Debug)]
pub(crate) struct RefreshFile {
    path: PathBuf,
    format: Format,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    /// Only the token.
    Token,
    /// An SFDX auth URL, with the token inside.
    Sfdx,
}

/// The content of a file, and the lock against other processes.
struct LockedFile<'a> {
    file: &'a RefreshFile,
    token: RefreshToken,
    sfdx: Option<SfdxAuthUrl>,
    _lock: File,
}

/// How long to wait for the lock. Another process may hold it during a request.
const LOCK_TIMEOUT: Duration = Duration::from_mins(2);

impl RefreshFile {
    pub(crate) fn token(path: PathBuf) -> Self {
        let format = Format::Token;
        Self { path, format }
    }

    pub(crate) fn sfdx(path: PathBuf) -> Self {
        let format = Format::Sfdx;
        Self { path, format }
    }

    async fn open(&self) -> Result<LockedFile<'_>, RefreshStoreError> {
        let failed = |act: &str, error: std::io::Error| {
            RefreshStoreError::new(format!("cannot {act} {}", self.path.display()))
                .with_source(error)
        };
        let lock = lock(lock_path(&self.path));
        let Ok(lock) = tokio::time::timeout(LOCK_TIMEOUT, lock).await else {
            let path = self.path.display();
            let message = format!("{path} is locked by another process");
            return Err(RefreshStoreError::new(message));
        };
        let lock = lock.map_err(|error| failed("lock", error))?;
        let bytes = input::file(&self.path, input::SMALL).map_err(|error| failed("read", error))?;
        let unusable = |error: Box<dyn std::error::Error + Send + Sync>| {
            RefreshStoreError::new(format!("{} cannot be used", self.path.display()))
                .with_source(error)
        };
        let text =
            String::from_utf8(bytes).map_err(|error| unusable(Box::new(error.utf8_error())))?;
        let (token, sfdx) = match self.format {
            Format::Token => (RefreshToken::new(text.trim()), None),
            Format::Sfdx => {
                let url: SfdxAuthUrl = text.parse().map_err(|e| unusable(Box::new(e)))?;
                let token = RefreshToken::new(url.refresh_token.expose_secret());
                (token, Some(url))
            }
        };
        Ok(LockedFile {
            file: self,
            token: token.map_err(|e| unusable(Box::new(e)))?,
            sfdx,
            _lock: lock,
        })
    }
}

/// A lock file beside the token's file: a lock on that file itself would be lost when it is
/// replaced.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// Locks a file, and creates it if it is missing.
async fn lock(path: PathBuf) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(error),
        // The thread may outlive a caller that stops waiting. The lock ends with the thread.
        Err(TryLockError::WouldBlock) => {
            let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
            locked.await?
        }
    }
}

impl RefreshStore for RefreshFile {
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn RefreshTokenGuard + '_>, RefreshStoreError>> {
        Box::pin(async {
            let locked: Box<dyn RefreshTokenGuard> = Box::new(self.open().await?);
            Ok(locked)
        })
    }
}

impl RefreshTokenGuard for LockedFile<'_> {
    fn token(&self) -> &RefreshToken {
        &self.token
    }

    fn replace(&mut self, token: RefreshToken) -> BoxFuture<'_, Result<(), RefreshStoreError>> {
        let written = match &self.sfdx {
            Some(url) => write(&self.file.path, &url.with_token(&token)),
            None => write(&self.file.path, token.expose_secret()),
        };
        let replaced = written
            .map(|()| self.token = token)
            .map_err(|error| RefreshStoreError::new(error.to_string()).with_source(error.source));
        Box::pin(std::future::ready(replaced))
    }
}

/// Replaces the file of a token.
pub(crate) fn write(path: &Path, line: &str) -> Result<(), WriteError> {
    let content = zeroize::Zeroizing::new([line, "\n"].concat());
    dirs::write(path, content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_whole_and_locked_by_one() {
        let folder = tempfile::tempdir().unwrap();
        for (file, before, after) in [
            (
                RefreshFile::token(folder.path().join("a")),
                "one\n",
                "two\n",
            ),
            (
                RefreshFile::sfdx(folder.path().join("b")),
                "{\"sfdxAuthUrl\":\"force://id::one@acme.my.salesforce.com\"}",
                "force://id::two@acme.my.salesforce.com\n",
            ),
        ] {
            std::fs::write(&file.path, before).unwrap();
            let mut locked = RefreshStore::lock(&file).await.unwrap();
            assert_eq!(locked.token().expose_secret(), "one");
            let other = OpenOptions::new()
                .write(true)
                .open(lock_path(&file.path))
                .unwrap();
            assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
            let next = RefreshToken::new("two").unwrap();
            locked.replace(next).await.unwrap();
            drop(locked);
            assert!(other.try_lock().is_ok());
            assert_eq!(std::fs::read_to_string(&file.path).unwrap(), after);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = std::fs::metadata(&file.path).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
            }
        }
        let missing = RefreshFile::token(folder.path().join("none"));
        let error = RefreshStore::lock(&missing).await.err().unwrap();
        assert!(error.to_string().contains("none"), "{error}");
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_second_process_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = lock(path.clone()).await.unwrap();
        let second = tokio::spawn(lock(path));
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap().unwrap();
    }
}
