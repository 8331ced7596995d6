//! The org's state on disk: `--state DIR`.
//!
//! One redb database, `org.redb`, and one key, `key`. The database has one table of rows; each row
//! is JSON and sealed, so that nothing in it can be read without the key file, whatever a later
//! version puts there. Passwords and tokens are hashed inside of that.
//!
//! A request that changed something is answered after its rows are committed: every change of the
//! org happens under one lock, and giving the lock back writes what differs in one transaction. A
//! kill at any moment leaves the rows of the last commit.

pub(crate) mod keeper;
pub(crate) mod rows;
pub(crate) mod spelled;
mod vault;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::random::Random;
use crate::store::vault::Vault;

/// The version of the rows. A store of another version is refused, not converted.
const FORMAT: u64 = 2;

/// What the file is, readable without the key.
const ABOUT: TableDefinition<'static, &str, u64> = TableDefinition::new("about");
/// The rows, sealed, by name.
const ROWS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("rows");

/// Why a state folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the state open.
    #[error("the state in {} is in use by another process", .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// There is a database without the key that sealed it.
    #[error("there is no {}, without which the state cannot be read", .path.display())]
    NoKey {
        /// Where the key should be.
        path: PathBuf,
    },
    /// The key file does not have the length of a key.
    #[error("{} is not the key of a state folder", .path.display())]
    NotAKey {
        /// The key file.
        path: PathBuf,
    },
    /// The rows were written by another version of this program.
    #[error("{} has format {found}; this program reads format {FORMAT}", .path.display())]
    Format {
        /// The database.
        path: PathBuf,
        /// The version of its rows.
        found: u64,
    },
    /// A row cannot be read: the key is another one, or the file is damaged.
    #[error("row {row} of {} cannot be read: it is damaged, or sealed with another key", .path.display())]
    Row {
        /// The database.
        path: PathBuf,
        /// The name of the row.
        row: String,
    },
    /// A value cannot be written: a time before 1970 is the only one that exists.
    #[error("row {row} cannot be written")]
    Unwritable {
        /// The name of the row.
        row: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The database does not work.
    #[error("the database {} cannot be used", .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether another process has the state open.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::InUse { .. })
    }
}

/// A row that is to be stored.
pub(crate) struct Row<'a> {
    pub(crate) name: String,
    pub(crate) content: Content<'a>,
}

/// What a row holds.
pub(crate) enum Content<'a> {
    /// Text that is written when it differs from what is there.
    Json(Zeroizing<Vec<u8>>),
    /// Bytes that never change while there is a row of this name.
    Fixed(bytes::Bytes),
    /// What was written when the thing came to rest, and is not looked at again.
    Settled(Box<dyn FnOnce() -> Result<Zeroizing<Vec<u8>>, StoreError> + 'a>),
}

/// What is known of a stored row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It is there.
    Stored,
    /// It is there in its last form.
    Settled,
    /// It is there, and has this SHA-256.
    Digest([u8; 32]),
}

/// Opens the file of a database.
type Opener = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send + Sync>;

/// An open state folder.
pub(crate) struct Store {
    path: PathBuf,
    open: Opener,
    /// `None` after a write that failed: redb works again only when it is opened again.
    database: Mutex<Option<Database>>,
    vault: Vault,
    known: Mutex<BTreeMap<String, Known>>,
}

/// The rows of a store, unsealed, by name.
pub(crate) type Snapshot = BTreeMap<String, Zeroizing<Vec<u8>>>;

impl Store {
    /// Opens the folder, which is made if need be, and reads its rows; none when it is new.
    pub(crate) fn open(folder: &Path, random: &mut Random) -> Result<(Self, Snapshot), StoreError> {
        Self::open_with(folder, random, Box::new(|path| Database::create(path)))
    }

    fn open_with(
        folder: &Path,
        random: &mut Random,
        open: Opener,
    ) -> Result<(Self, Snapshot), StoreError> {
        make_folder(folder)?;
        let path = folder.join("org.redb");
        let failed = |source| StoreError::File {
            path: path.clone(),
            source,
        };
        // The database takes an empty file for a new one; this one is readable by its owner only.
        let file = vault::private(
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false),
        )
        .open(&path)
        .map_err(failed)?;
        drop(file);
        let database = open(&path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
                folder: folder.to_owned(),
            },
            other => broken(&path, other),
        })?;
        let format = begin(&database, &path)?;
        let is_new = format.is_none();
        if let Some(found) = format.filter(|found| *found != FORMAT) {
            return Err(StoreError::Format { path, found });
        }
        let vault = Vault::open(&folder.join("key"), is_new, random)?;
        let store = Self {
            path,
            open,
            database: Mutex::new(None),
            vault,
            known: Mutex::default(),
        };
        let snapshot = store.read(&database)?;
        *store.database() = Some(database);
        Ok((store, snapshot))
    }

    fn database(&self) -> MutexGuard<'_, Option<Database>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, database: &Database) -> Result<Snapshot, StoreError> {
        let mut snapshot = Snapshot::new();
        let failed = |error: redb::Error| broken(&self.path, error);
        let transaction = database
            .begin_read()
            .map_err(|error| failed(error.into()))?;
        let table = match transaction.open_table(ROWS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(snapshot),
            Err(error) => return Err(failed(error.into())),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
        for row in table.iter().map_err(|error| failed(error.into()))? {
            let (name, sealed) = row.map_err(|error| failed(error.into()))?;
            let name = name.value();
            let plain =
                self.vault
                    .open_row(name, sealed.value())
                    .ok_or_else(|| StoreError::Row {
                        path: self.path.clone(),
                        row: name.to_owned(),
                    })?;
            known.insert(name.to_owned(), Known::Stored);
            snapshot.insert(name.to_owned(), plain);
        }
        Ok(snapshot)
    }

    /// The error of a row that was unsealed but makes no sense.
    pub(crate) fn unreadable(&self, row: &str) -> StoreError {
        StoreError::Row {
            path: self.path.clone(),
            row: row.to_owned(),
        }
    }

    /// Makes these rows the rows of the store, in one transaction that is on the disk when this
    /// returns. Rows that are stored already are not written again.
    ///
    /// After a failure the next call opens the database again, and finds out what is in it.
    pub(crate) fn commit(&self, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
        let mut database = self.database();
        let open = if let Some(open) = database.take() {
            open
        } else {
            let open = (self.open)(&self.path).map_err(|error| broken(&self.path, error))?;
            self.read(&open)?;
            open
        };
        // One that failed is closed, not put back.
        self.commit_to(&open, rows)?;
        *database = Some(open);
        Ok(())
    }

    fn commit_to(&self, database: &Database, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = BTreeSet::new();
        let mut changed = Vec::new();
        for row in rows {
            let before = known.get(&row.name).copied();
            let (plain, now) = match row.content {
                Content::Json(plain) => {
                    let digest = Known::Digest(Sha256::digest(&*plain).into());
                    (plain, digest)
                }
                Content::Fixed(_) if before.is_some() => {
                    kept.insert(row.name);
                    continue;
                }
                Content::Fixed(bytes) => (Zeroizing::new(bytes.to_vec()), Known::Stored),
                Content::Settled(_) if before == Some(Known::Settled) => {
                    kept.insert(row.name);
                    continue;
                }
                Content::Settled(write) => (write()?, Known::Settled),
            };
            if before != Some(now) {
                changed.push((row.name.clone(), plain, now));
            }
            kept.insert(row.name);
        }
        let gone: Vec<_> = known
            .keys()
            .filter(|name| !kept.contains(*name))
            .cloned()
            .collect();
        if changed.is_empty() && gone.is_empty() {
            return Ok(());
        }
        self.write(database, &changed, &gone)
            .map_err(|error| broken(&self.path, error))?;
        for name in gone {
            known.remove(&name);
        }
        for (name, _, now) in changed {
            known.insert(name, now);
        }
        Ok(())
    }

    fn write(
        &self,
        database: &Database,
        changed: &[(String, Zeroizing<Vec<u8>>, Known)],
        gone: &[String],
    ) -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        transaction.open_table(ABOUT)?.insert("format", FORMAT)?;
        {
            let mut table = transaction.open_table(ROWS)?;
            for (name, plain, _) in changed {
                let sealed = self.vault.seal(name, plain).ok_or_else(|| {
                    redb::Error::Io(io::Error::other(
                        "the operating system gave no random numbers",
                    ))
                })?;
                table.insert(name.as_str(), sealed.as_slice())?;
            }
            for name in gone {
                table.remove(name.as_str())?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

fn broken(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Database {
        path: path.to_owned(),
        source: source.into(),
    }
}

/// The format of a database; `None` for a new one.
fn begin(database: &Database, path: &Path) -> Result<Option<u64>, StoreError> {
    let read = || -> Result<Option<u64>, redb::Error> {
        let transaction = database.begin_read()?;
        match transaction.open_table(ABOUT) {
            Ok(table) => Ok(table.get("format")?.map(|format| format.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    read().map_err(|error| broken(path, error))
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| StoreError::File {
        path: folder.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use redb::StorageBackend;
    use redb::backends::FileBackend;

    use super::*;

    /// A disk that can be full.
    #[derive(Debug)]
    struct Disk {
        file: FileBackend,
        is_full: Arc<AtomicBool>,
    }

    impl Disk {
        fn check(&self) -> io::Result<()> {
            if self.is_full.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(())
        }
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.file.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.file.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.check()?;
            self.file.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.check()?;
            self.file.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.check()?;
            self.file.write(offset, data)
        }
    }

    fn rows(number: u8) -> Vec<Row<'static>> {
        let content = Content::Json(Zeroizing::new(vec![number; 1000]));
        vec![Row {
            name: "a".to_owned(),
            content,
        }]
    }

    #[test]
    fn a_disk_that_was_full_takes_changes_again() {
        let folder = tempfile::tempdir().unwrap();
        let is_full = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&is_full);
        let open: Opener = Box::new(move |path: &Path| {
            let file = File::options().read(true).write(true).open(path);
            let disk = Disk {
                file: FileBackend::new(file.map_err(redb::StorageError::from)?)?,
                is_full: Arc::clone(&shared),
            };
            Database::builder().create_with_backend(disk)
        });
        let mut random = Random::from_seed([1; 32]);
        let (store, _) = Store::open_with(folder.path(), &mut random, open).unwrap();
        store.commit(rows(1)).unwrap();
        is_full.store(true, Ordering::SeqCst);
        for number in 2..4 {
            let error = store.commit(rows(number)).unwrap_err();
            assert!(matches!(error, StoreError::Database { .. }), "{error:?}");
        }
        is_full.store(false, Ordering::SeqCst);
        store.commit(rows(4)).unwrap();
        drop(store);
        let (_, snapshot) = Store::open(folder.path(), &mut random).unwrap();
        assert_eq!(**snapshot.get("a").unwrap(), vec![4; 1000]);
    }
}
