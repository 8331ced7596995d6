//! A refresh token in a file, read and replaced by one process at a time.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use eca_http::BoxFuture;
use eca_model::fs::WriteError;
use eca_oauth::{RefreshStore, RefreshStoreError, RefreshToken, RefreshTokenGuard, SfdxAuthUrl};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::files::input;
use crate::state::dirs;

/// The file.
#[derive(Debug)]
pub(crate) struct RefreshFile {
    path: PathBuf,
    format: Format,
}

#[derive(Debug)]
enum Format {
    /// The token, with the host and client that it belongs to.
    Stored(TokenOwner),
    /// An SFDX auth URL, with the token inside.
    Sfdx,
}

/// What a stored refresh token belongs to. It is sent to nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenOwner {
    pub(crate) token_endpoint: String,
    pub(crate) client_id: String,
    /// The org's instance, which tells apart orgs that share a login host.
    pub(crate) instance_url: String,
}

impl TokenOwner {
    /// The name of its file: the same for every project that means this org.
    pub(crate) fn file_name(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.token_endpoint, &self.client_id, &self.instance_url] {
            // No part contains a line feed.
            hash.update(part);
            hash.update("\n");
        }
        let digits = hash
            .finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a String does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            });
        format!("{digits}.json")
    }

    /// The content of its file.
    fn with_token(&self, token: &RefreshToken) -> Zeroizing<String> {
        let mut document = serde_json::json!({
            "token_endpoint": self.token_endpoint,
            "client_id": self.client_id,
            "instance_url": self.instance_url,
        });
        document["refresh_token"] = token.expose_secret().into();
        Zeroizing::new(document.to_string())
    }
}

/// The content of a file, and the lock against other processes.
pub(crate) struct LockedFile<'a> {
    file: &'a RefreshFile,
    token: RefreshToken,
    sfdx: Option<SfdxAuthUrl>,
    _lock: File,
}

/// How long to wait for the lock. Another process may hold it during a request.
const LOCK_TIMEOUT: Duration = Duration::from_mins(2);

impl RefreshFile {
    pub(crate) fn stored(path: PathBuf, owner: TokenOwner) -> Self {
        let format = Format::Stored(owner);
        Self { path, format }
    }

    pub(crate) fn sfdx(path: PathBuf) -> Self {
        let format = Format::Sfdx;
        Self { path, format }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Stores the first token of a login.
    pub(crate) fn write(&self, token: &RefreshToken) -> Result<(), WriteError> {
        match &self.format {
            Format::Stored(owner) => write(&self.path, &owner.with_token(token)),
            Format::Sfdx => write(&self.path, token.expose_secret()),
        }
    }

    /// Locks the file and reads it. A token of another client, host or org is refused, and so is
    /// the file of an older version, which did not name them.
    pub(crate) async fn open(&self) -> Result<LockedFile<'_>, RefreshStoreError> {
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
        let (token, sfdx) = match &self.format {
            Format::Stored(owner) => {
                let found: Option<TokenOwner> = serde_json::from_str(&text).ok();
                let token: Option<StoredToken> = serde_json::from_str(&text).ok();
                let (Some(found), Some(token)) = (found, token) else {
                    return Err(self.other_owner("is not a refresh token that this version stored"));
                };
                if found != *owner {
                    return Err(self.other_owner("has a refresh token of another org or app"));
                }
                (RefreshToken::new(token.refresh_token), None)
            }
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

    fn other_owner(&self, problem: &str) -> RefreshStoreError {
        let path = self.path.display();
        RefreshStoreError::new(format!(
            "{path} {problem}; log in once more: eca login --save"
        ))
    }
}

impl LockedFile<'_> {
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }

    pub(crate) fn refresh_token(&self) -> &RefreshToken {
        &self.token
    }

    /// Deletes the file; the lock ends.
    pub(crate) fn remove(self) -> std::io::Result<()> {
        std::fs::remove_file(&self.file.path)
    }
}

/// The token in a file.
#[derive(Deserialize)]
struct StoredToken {
    refresh_token: String,
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
            None => self.file.write(&token),
        };
        let replaced = written
            .map(|()| self.token = token)
            .map_err(|error| RefreshStoreError::new(error.to_string()).with_source(error.source));
        Box::pin(std::future::ready(replaced))
    }
}

/// Replaces the file of a token.
fn write(path: &Path, line: &str) -> Result<(), WriteError> {
    let content = Zeroizing::new([line, "\n"].concat());
    dirs::write(path, content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> TokenOwner {
        TokenOwner {
            token_endpoint: "https://acme.my.salesforce.com/services/oauth2/token".to_owned(),
            client_id: "3MVG9".to_owned(),
            instance_url: "https://acme.my.salesforce.com".to_owned(),
        }
    }

    fn stored(owner: &TokenOwner, token: &str) -> String {
        let token = RefreshToken::new(token).unwrap();
        owner.with_token(&token).to_string() + "\n"
    }

    #[tokio::test]
    async fn a_file_is_replaced_whole_and_locked_by_one() {
        let folder = tempfile::tempdir().unwrap();
        for (file, before, after) in [
            (
                RefreshFile::stored(folder.path().join("a"), owner()),
                stored(&owner(), "one"),
                stored(&owner(), "two"),
            ),
            (
                RefreshFile::sfdx(folder.path().join("b")),
                "{\"sfdxAuthUrl\":\"force://id::one@acme.my.salesforce.com\"}".to_owned(),
                "force://id::two@acme.my.salesforce.com\n".to_owned(),
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
        let missing = RefreshFile::stored(folder.path().join("none"), owner());
        let error = RefreshStore::lock(&missing).await.err().unwrap();
        assert!(error.to_string().contains("none"), "{error}");
    }

    #[tokio::test]
    async fn a_token_is_used_only_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let other = |change: fn(&mut TokenOwner)| {
            let mut other = owner();
            change(&mut other);
            assert_ne!(other.file_name(), owner().file_name());
            stored(&other, "one")
        };
        let evil = "https://evil.example".to_owned();
        for (content, is_used) in [
            (stored(&owner(), "one"), true),
            ("one\n".to_owned(), false),
            ("{}".to_owned(), false),
            (serde_json::to_string(&owner()).unwrap(), false),
            (
                other(|owner| owner.token_endpoint = "https://evil.example".to_owned()),
                false,
            ),
            (other(|owner| owner.client_id = "3MVG8".to_owned()), false),
            (
                other(|owner| owner.instance_url.push_str(".evil.example")),
                false,
            ),
        ] {
            std::fs::write(&path, &content).unwrap();
            let file = RefreshFile::stored(path.clone(), owner());
            let opened = file.open().await;
            assert_eq!(opened.is_ok(), is_used, "{content}");
            if let Err(error) = opened {
                let error = error.to_string();
                assert!(error.contains("log in once more"), "{error}");
                assert!(!error.contains(&evil), "{error}");
            }
        }
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
