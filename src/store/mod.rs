//! Durable tables of bytes on an embedded engine. Nothing here knows what the bytes mean: a gallery hands over ciphertext only.
//!
//! A [`Store`] promises three things, and `tests/crash.rs` holds it to them on a disk that lies: what [`Store::commit`] acknowledged is
//! there after a crash; changes of one commit are there all together or not at all; damage is an error or is seen by whoever
//! checks the bytes, never a panic.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod blocks;
mod error;
mod memory;
mod on_redb;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use on_redb::RedbStore;

/// Longest value that a store reads or writes, bytes.
pub const MAX_VALUE: usize = 17 << 20;

/// One of the tables of a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Table {
    /// Format, manifest and state of the log.
    State,
    /// Wrapped keys of subjects.
    Keys,
    /// Sealed records.
    Records,
    /// Hashes over the keys and records.
    Tree,
    /// Sealed entries of the log.
    Log,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 5] = [Self::State, Self::Keys, Self::Records, Self::Tree, Self::Log];

    /// Its name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Keys => "keys",
            Self::Records => "records",
            Self::Tree => "tree",
            Self::Log => "log",
        }
    }
}

/// One change of a commit.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Writes a value, over another if there is one.
    Put {
        /// Where.
        table: Table,
        /// Under which key.
        key: Vec<u8>,
        /// What.
        value: Vec<u8>,
    },
    /// Removes a value, if there is one.
    Delete {
        /// From where.
        table: Table,
        /// Under which key.
        key: Vec<u8>,
    },
}

impl Change {
    /// [`Change::Put`] from slices.
    #[must_use]
    pub fn put(table: Table, key: &[u8], value: Vec<u8>) -> Self {
        Self::Put { table, key: key.to_vec(), value }
    }

    /// [`Change::Delete`] from a slice.
    #[must_use]
    pub fn delete(table: Table, key: &[u8]) -> Self {
        Self::Delete { table, key: key.to_vec() }
    }
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Put { table, value, .. } => write!(f, "Put({}, {} bytes)", table.name(), value.len()),
            Self::Delete { table, .. } => write!(f, "Delete({})", table.name()),
        }
    }
}

/// Tables of bytes that outlive the process.
///
/// ```
/// use selfsame::store::{Change, MemoryStore, Store, Table};
/// let mut store = MemoryStore::new();
/// store.commit(vec![Change::put(Table::Records, b"key", b"sealed".to_vec())])?;
/// assert_eq!(store.get(Table::Records, b"key")?.as_deref(), Some(&b"sealed"[..]));
/// # Ok::<(), selfsame::store::StoreError>(())
/// ```
pub trait Store: Send {
    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Shows all keys of a table that begin with `prefix`, in order of their bytes, and their values. `visit` says whether to go on.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn scan(&self, table: Table, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError>;

    /// Shows all keys of a table from `first` on.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn scan_from(
        &self,
        table: Table,
        first: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError>;

    /// Makes all changes, or none. They are durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; whether the changes were made is then known when the store is opened again.
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Gives back the space of what was deleted, so that its bytes leave the file.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost then.
    fn compact(&mut self) -> Result<(), StoreError>;
}
