//! Tables in memory: a store for tests and for galleries that shall not outlive the process.

use std::collections::BTreeMap;

use super::{Change, Store, StoreError, Table};

/// A store in memory. It keeps what a durable store promises except that nothing outlives it.
#[derive(Clone, Default)]
pub struct MemoryStore {
    tables: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryStore({} values)", self.tables.len())
    }
}

impl Store for MemoryStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables.get(&(table, key.to_vec())).cloned())
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.scan_from(table, prefix, &mut |key, value| key.starts_with(prefix) && visit(key, value))
    }

    fn scan_from(
        &self,
        table: Table,
        first: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        for ((of, key), value) in self.tables.range((table, first.to_vec())..) {
            if *of != table || !visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        for change in changes {
            match change {
                Change::Put { table, key, value } => drop(self.tables.insert((table, key), value)),
                Change::Delete { table, key } => drop(self.tables.remove(&(table, key))),
            }
        }
        Ok(())
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
