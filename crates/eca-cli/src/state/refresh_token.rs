//! A refresh token in a file: read and replaced by one process at a time, and replaced whole.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eca_http::BoxFuture;
use eca_oauth::{HeldRefreshToken, RefreshStore, RefreshToken, SfdxAuthUrl, StoreError};

/// The file.
#[derive(Debug)]
pub(crate) struct RefreshFile {
    path: PathBuf,
    format: Format,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    /// The token and nothing else.
    Token,
    /// An SFDX auth URL, with the token inside.
    Sfdx,
}

/// The content of a file, and the lock that keeps others away from it.
struct Held<'a> {
    file: &'a RefreshFile,
    token: RefreshToken,
    sfdx: Option<SfdxAuthUrl>,
    /// A file beside the token's: the token's own is replaced, and a lock on it would go with it.
    _lock: File,
}

/// How long to wait for another process, which may be in the middle of a request.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(50);

impl RefreshFile {
    pub(crate) fn token(path: PathBuf) -> Self {
        let format = Format::Token;
        Self { path, format }
    }

    pub(crate) fn sfdx(path: PathBuf) -> Self {
        let format = Format::Sfdx;
        Self { path, format }
    }

    fn failed(&self, what: &str, error: std::io::Error) -> StoreError {
        StoreError::new(format!("cannot {what} {}", self.path.display())).with_source(error)
    }

    async fn hold(&self) -> Result<Held<'_>, StoreError> {
        let lock = self.locked().await?;
        let text = std::fs::read_to_string(&self.path).map_err(|e| self.failed("read", e))?;
        let unusable = |error: Box<dyn std::error::Error + Send + Sync>| {
            StoreError::new(format!("{} cannot be used", self.path.display())).with_source(error)
        };
        let (token, sfdx) = match self.format {
            Format::Token => (RefreshToken::new(text.trim()), None),
            Format::Sfdx => {
                let url: SfdxAuthUrl = text.parse().map_err(|e| unusable(Box::new(e)))?;
                let token = RefreshToken::new(url.refresh_token.expose_secret());
                (token, Some(url))
            }
        };
        Ok(Held {
            file: self,
            token: token.map_err(|e| unusable(Box::new(e)))?,
            sfdx,
            _lock: lock,
        })
    }

    async fn locked(&self) -> Result<File, StoreError> {
        let path = beside(&self.path, "lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        owner_only(&mut options);
        let lock = options.open(&path).map_err(|e| self.failed("lock", e))?;
        let begun = std::time::Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(TryLockError::WouldBlock) => {
                    let path = self.path.display();
                    let what = format!("{path} is held by another process");
                    return Err(StoreError::new(what));
                }
                Err(TryLockError::Error(error)) => return Err(self.failed("lock", error)),
            }
        }
    }
}

impl RefreshStore for RefreshFile {
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn HeldRefreshToken + '_>, StoreError>> {
        Box::pin(async {
            let held: Box<dyn HeldRefreshToken> = Box::new(self.hold().await?);
            Ok(held)
        })
    }
}

impl HeldRefreshToken for Held<'_> {
    fn token(&self) -> &RefreshToken {
        &self.token
    }

    fn replace(&mut self, token: RefreshToken) -> Result<(), StoreError> {
        let written = match &self.sfdx {
            Some(url) => write(&self.file.path, url.with_token(&token).as_bytes()),
            None => write(&self.file.path, token.expose_secret().as_bytes()),
        };
        written.map_err(|error| self.file.failed("write", error))?;
        self.token = token;
        Ok(())
    }
}

/// Writes a file whole or not at all, for its owner only: to another file on the same disk, which
/// then takes its place.
pub(crate) fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Made with mode 600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_whole_and_held_by_one() {
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
            let mut held = RefreshStore::lock(&file).await.unwrap();
            assert_eq!(held.token().expose_secret(), "one");
            let other = OpenOptions::new()
                .write(true)
                .open(beside(&file.path, "lock"))
                .unwrap();
            assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
            held.replace(RefreshToken::new("two").unwrap()).unwrap();
            drop(held);
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
}
