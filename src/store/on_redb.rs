//! The store on `redb`: one file, copy on write, committed in two phases and synced before a commit is acknowledged.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{
    Builder, CommitError, CompactionError, Database, DatabaseError, Durability, ReadableDatabase, StorageBackend,
    StorageError, TableDefinition, TableError, TransactionError,
};

use super::blocks::Blocks;
use super::{Change, MAX_VALUE, Store, StoreError, Table};
use crate::seal::SecretKey;

/// Pages that the engine keeps in memory, bytes. A gallery reads its store once, from front to end.
const CACHE: usize = 64 << 20;

/// A store in one file, which no other process can open meanwhile.
///
/// Every block of the file carries an authentication code under `key`, so that a bit that fell over, and a file that somebody made up, is
/// [`StoreError::Damaged`] and never reaches the engine. What the engine itself gives up on with a panic, such as blocks of an older
/// copy of the same file, is caught and is `Damaged` too. After either, and after any error of the disk, the store answers [`StoreError::Stopped`]
/// until it is opened again.
///
/// ```
/// use selfsame::seal::SecretKey;
/// use selfsame::store::{Change, RedbStore, Store, StoreError, Table};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("records.redb");
/// let key = SecretKey::random()?;
/// let mut store = RedbStore::create(&path, &key)?;
/// store.commit(vec![Change::put(Table::Records, b"key", b"sealed".to_vec())])?;
/// assert!(matches!(RedbStore::open(&path, &key), Err(StoreError::Busy)));
/// drop(store);
/// assert_eq!(RedbStore::open(&path, &key)?.get(Table::Records, b"key")?.as_deref(), Some(&b"sealed"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RedbStore {
    /// `None` once it panicked: what is left of it is not touched again, not even to close it.
    database: Option<Database>,
    stopped: AtomicBool,
}

fn definition(table: Table) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(table.name())
}

impl RedbStore {
    /// A new store in a new file, of mode 600 where there are modes.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is a file already, [`StoreError::Io`].
    pub fn create(path: impl AsRef<Path>, key: &SecretKey) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists,
            _ => e.into(),
        })?;
        Self::on(FileBackend::new(file)?, key)
    }

    /// The store in a file.
    ///
    /// # Errors
    /// [`StoreError::Io`] when there is none, [`StoreError::Busy`], [`StoreError::NewerVersion`], [`StoreError::Damaged`].
    pub fn open(path: impl AsRef<Path>, key: &SecretKey) -> Result<Self, StoreError> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        // The engine makes a new store of an empty file, which an emptied one must not become.
        if file.metadata()?.len() == 0 {
            return Err(StoreError::Damaged("the file is empty".into()));
        }
        Self::on(FileBackend::new(file)?, key)
    }

    /// The store on a disk of the caller's, which may fail in ways of the caller's: for tests.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn on(disk: impl StorageBackend, key: &SecretKey) -> Result<Self, StoreError> {
        let blocks = Blocks::new(disk, key.derive(b"store", &[]))?;
        let open = || Builder::new().set_cache_size(CACHE).create_with_backend(blocks);
        let database = catch_unwind(AssertUnwindSafe(open)).map_err(|_| panicked())??;
        Ok(Self { database: Some(database), stopped: AtomicBool::new(false) })
    }

    /// Does something with the engine; afterwards it is stopped if its state is in doubt.
    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let Some(database) = self.database.as_ref().filter(|_| !self.stopped.load(Ordering::Acquire)) else {
            return Err(StoreError::Stopped);
        };
        let done = catch_unwind(AssertUnwindSafe(|| work(database))).unwrap_or_else(|_| Err(panicked()));
        if matches!(done, Err(StoreError::Io(_) | StoreError::Damaged(_) | StoreError::Stopped)) {
            self.stopped.store(true, Ordering::Release);
        }
        done
    }

    fn walk(&self, table: Table, first: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.begin_read()?;
            let table = match transaction.open_table(definition(table)) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(()),
                table => table?,
            };
            for row in table.range(first..)? {
                let (key, value) = row?;
                let value = value.value();
                check_length(value.len())?;
                if !visit(key.value(), value) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn panicked() -> StoreError {
    StoreError::Damaged("the engine gave up on what it read".into())
}

fn check_length(len: usize) -> Result<(), StoreError> {
    if len > MAX_VALUE { Err(StoreError::TooLong { len }) } else { Ok(()) }
}

impl Store for RedbStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|database| {
            let transaction = database.begin_read()?;
            let table = match transaction.open_table(definition(table)) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(None),
                table => table?,
            };
            let Some(value) = table.get(key)? else { return Ok(None) };
            check_length(value.value().len())?;
            Ok(Some(value.value().to_vec()))
        })
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.walk(table, prefix, &mut |key, value| key.starts_with(prefix) && visit(key, value))
    }

    fn scan_from(
        &self,
        table: Table,
        first: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        self.walk(table, first, visit)
    }

    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(Durability::Immediate).map_err(|e| StoreError::Damaged(e.to_string()))?;
            // Two phases are what the blocks make of every commit.
            for table in Table::ALL {
                let mut opened = None;
                for change in &changes {
                    let (Change::Put { table: of, .. } | Change::Delete { table: of, .. }) = change;
                    if *of != table {
                        continue;
                    }
                    let opened = match &mut opened {
                        Some(table) => table,
                        none => none.insert(transaction.open_table(definition(table))?),
                    };
                    match change {
                        Change::Put { key, value, .. } => {
                            check_length(value.len())?;
                            opened.insert(key.as_slice(), value.as_slice())?;
                        }
                        Change::Delete { key, .. } => drop(opened.remove(key.as_slice())?),
                    }
                }
            }
            Ok(transaction.commit()?)
        })
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(StoreError::Stopped);
        }
        let Some(database) = &mut self.database else { return Err(StoreError::Stopped) };
        // Each pass moves pages towards the front; it says whether there was anything to move.
        let done = catch_unwind(AssertUnwindSafe(|| -> Result<(), StoreError> {
            while database.compact()? {}
            Ok(())
        }))
        .unwrap_or_else(|_| Err(panicked()));
        if done.is_err() {
            self.stopped.store(true, Ordering::Release);
        }
        done
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        let database = self.database.take();
        let closed = catch_unwind(AssertUnwindSafe(|| drop(database)));
        // A panic while a damaged file is closed tells nothing new.
        drop(closed);
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Io(e) => e.into(),
            StorageError::PreviousIo | StorageError::DatabaseClosed | StorageError::LockPoisoned(_) => Self::Stopped,
            StorageError::ValueTooLarge(len) => Self::TooLong { len },
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::Busy,
            DatabaseError::UpgradeRequired(version) => Self::NewerVersion { version },
            DatabaseError::Storage(e) => e.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TransactionError> for StoreError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Storage(e) => e.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TableError> for StoreError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Storage(e) => e.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<CommitError> for StoreError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Storage(e) => e.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<CompactionError> for StoreError {
    fn from(error: CompactionError) -> Self {
        match error {
            CompactionError::Storage(e) => e.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}
