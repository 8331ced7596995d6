//! The database of a state folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use eca_model::fs::{make_private_file, make_private_folder};
use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use sha2::{Digest as _, Sha256};

use crate::store::FORMAT;
use crate::store::error::StoreError;
use crate::store::row::{Content, Known, Row};

/// The format.
const ABOUT: TableDefinition<'static, &str, u64> = TableDefinition::new("about");
/// The rows, by name.
const ROWS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("rows");

/// Opens the file of a database.
type Opener = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send + Sync>;

/// An open state folder.
pub(crate) struct Store {
    path: PathBuf,
    open: Opener,
    /// `None` after a failed write: redb works again only when it is opened again.
    database: Mutex<Option<Database>>,
    known: Mutex<BTreeMap<String, Known>>,
}

/// The rows of a store, by name.
pub(crate) type Snapshot = BTreeMap<String, Vec<u8>>;

impl Store {
    /// Opens the folder, creating it if needed, and reads its rows; none when it is new.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Snapshot), StoreError> {
        Self::open_with(folder, Box::new(|path| Database::create(path)))
    }

    fn open_with(folder: &Path, open: Opener) -> Result<(Self, Snapshot), StoreError> {
        make_private_folder(folder)?;
        let path = folder.join("org.redb");
        // The database treats an empty file as a new one.
        make_private_file(&path)?;
        let database = open(&path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
                folder: folder.to_owned(),
            },
            other => database_error(&path, other),
        })?;
        let format = begin(&database, &path)?;
        if let Some(found) = format.filter(|found| *found != FORMAT) {
            return Err(StoreError::Format { path, found });
        }
        let store = Self {
            path,
            open,
            database: Mutex::new(None),
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
        let failed = |error: redb::Error| database_error(&self.path, error);
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
            let (name, content) = row.map_err(|error| failed(error.into()))?;
            let name = name.value();
            known.insert(name.to_owned(), Known::Stored);
            snapshot.insert(name.to_owned(), content.value().to_vec());
        }
        Ok(snapshot)
    }

    /// The error of an invalid row.
    pub(crate) fn unreadable(&self, row: &str) -> StoreError {
        StoreError::Row {
            path: self.path.clone(),
            row: row.to_owned(),
        }
    }

    /// Makes these rows the rows of the store, in one transaction that is on the disk when this
    /// returns. Unchanged rows are not written again.
    ///
    /// After a failure the next call opens the database again, and reads its rows.
    pub(crate) fn commit(&self, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
        let mut database = self.database();
        let open = if let Some(open) = database.take() {
            open
        } else {
            let open =
                (self.open)(&self.path).map_err(|error| database_error(&self.path, error))?;
            self.read(&open)?;
            open
        };
        // A failed database is closed, not put back.
        self.commit_to(&open, rows)?;
        *database = Some(open);
        Ok(())
    }

    fn commit_to(&self, database: &Database, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stored = BTreeSet::new();
        let mut changed = Vec::new();
        for row in rows {
            let before = known.get(&row.name).copied();
            let (content, now) = match row.content {
                Content::Json(content) => {
                    let digest = Known::Digest(Sha256::digest(&*content).into());
                    (content, digest)
                }
                Content::Fixed(_) if before.is_some() => {
                    stored.insert(row.name);
                    continue;
                }
                Content::Fixed(bytes) => (bytes.to_vec(), Known::Stored),
                Content::Settled(_) if before == Some(Known::Settled) => {
                    stored.insert(row.name);
                    continue;
                }
                Content::Settled(write) => (write()?, Known::Settled),
            };
            if before != Some(now) {
                changed.push((row.name.clone(), content, now));
            }
            stored.insert(row.name);
        }
        let gone: Vec<_> = known
            .keys()
            .filter(|name| !stored.contains(*name))
            .cloned()
            .collect();
        if changed.is_empty() && gone.is_empty() {
            return Ok(());
        }
        write(database, &changed, &gone).map_err(|error| database_error(&self.path, error))?;
        for name in gone {
            known.remove(&name);
        }
        for (name, _, now) in changed {
            known.insert(name, now);
        }
        Ok(())
    }
}

fn write(
    database: &Database,
    changed: &[(String, Vec<u8>, Known)],
    gone: &[String],
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ABOUT)?.insert("format", FORMAT)?;
    {
        let mut table = transaction.open_table(ROWS)?;
        for (name, content, _) in changed {
            table.insert(name.as_str(), content.as_slice())?;
        }
        for name in gone {
            table.remove(name.as_str())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn database_error(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
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
    read().map_err(|error| database_error(path, error))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;
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
        let content = Content::Json(vec![number; 1000]);
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
        let (store, _) = Store::open_with(folder.path(), open).unwrap();
        store.commit(rows(1)).unwrap();
        is_full.store(true, Ordering::SeqCst);
        for number in 2..4 {
            let error = store.commit(rows(number)).unwrap_err();
            assert!(matches!(error, StoreError::Database { .. }), "{error:?}");
        }
        is_full.store(false, Ordering::SeqCst);
        store.commit(rows(4)).unwrap();
        drop(store);
        let (_, snapshot) = Store::open(folder.path()).unwrap();
        assert_eq!(*snapshot.get("a").unwrap(), vec![4; 1000]);
    }
}
