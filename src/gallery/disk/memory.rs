//! A folder in memory.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::interface::{Access, Disk, DiskFile, DiskLock, LockKind};

/// A folder in memory: for galleries that end with their process, and for tests. Clones share the folder;
/// [`MemoryDisk::copy`] makes another one with the same content.
///
/// ```
/// use selfsame::gallery::disk::{Disk, MemoryDisk};
/// let disk = MemoryDisk::new();
/// disk.put("note", b"kept".to_vec());
/// let copy = disk.copy();
/// disk.remove("note")?;
/// assert_eq!((disk.get("note"), copy.get("note").as_deref()), (None, Some(&b"kept"[..])));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Inner>>);

type Bytes = Arc<Mutex<Vec<u8>>>;

#[derive(Default)]
struct Inner {
    files: BTreeMap<String, Bytes>,
    /// The number that share a lock, or that one holds it alone.
    locks: BTreeMap<String, Held>,
}

#[derive(Default)]
struct Held {
    shared: usize,
    alone: bool,
}

impl MemoryDisk {
    /// Creates an empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another folder with the same files, and no locks.
    #[must_use]
    pub fn copy(&self) -> Self {
        let inner = self.inner();
        inner.files.iter().map(|(name, bytes)| (name.clone(), lock(bytes).clone())).collect()
    }

    /// The content of a file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.inner().files.get(name).map(|bytes| lock(bytes).clone())
    }

    /// Writes a file, replacing one of the same name.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.inner().files.insert(name.to_owned(), Arc::new(Mutex::new(bytes)));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }
}

impl FromIterator<(String, Vec<u8>)> for MemoryDisk {
    fn from_iter<T: IntoIterator<Item = (String, Vec<u8>)>>(files: T) -> Self {
        let disk = Self::new();
        files.into_iter().for_each(|(name, bytes)| disk.put(&name, bytes));
        disk
    }
}

impl std::fmt::Debug for MemoryDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryDisk").field("files", &self.inner().files.len()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk for MemoryDisk {
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let mut inner = self.inner();
        match (inner.files.get(name), access) {
            (Some(_), Access::Create) => Err(io::ErrorKind::AlreadyExists.into()),
            (None, Access::Create) => {
                let bytes = Bytes::default();
                inner.files.insert(name.to_owned(), Arc::clone(&bytes));
                Ok(Arc::new(MemoryFile(bytes)))
            }
            (Some(bytes), _) => Ok(Arc::new(MemoryFile(Arc::clone(bytes)))),
            (None, _) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.inner();
        let bytes = inner.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        inner.files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner().files.remove(name).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.inner().files.keys().cloned().collect())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, name: &str, kind: LockKind) -> io::Result<Option<Box<dyn DiskLock>>> {
        let mut inner = self.inner();
        let held = inner.locks.entry(name.to_owned()).or_default();
        if held.alone || (kind == LockKind::Exclusive && held.shared > 0) {
            return Ok(None);
        }
        match kind {
            LockKind::Shared => held.shared += 1,
            LockKind::Exclusive => held.alone = true,
        }
        Ok(Some(Box::new(MemoryLock { disk: self.clone(), name: name.to_owned(), kind })))
    }
}

struct MemoryLock {
    disk: MemoryDisk,
    name: String,
    kind: LockKind,
}

impl DiskLock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        if let Some(held) = self.disk.inner().locks.get_mut(&self.name) {
            match self.kind {
                LockKind::Shared => held.shared = held.shared.saturating_sub(1),
                LockKind::Exclusive => held.alone = false,
            }
        }
    }
}

struct MemoryFile(Bytes);

impl DiskFile for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.0).len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = lock(&self.0);
        let from = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = from.checked_add(out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes.get(from..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, written: &[u8]) -> io::Result<()> {
        let mut bytes = lock(&self.0);
        let from = usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        let end = from.checked_add(written.len()).ok_or(io::ErrorKind::InvalidInput)?;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[from..end].copy_from_slice(written);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        lock(&self.0).resize(usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_file_outlives_its_name_and_copies_are_apart() {
        let disk = MemoryDisk::new();
        let file = disk.open("a", Access::Create).unwrap();
        file.write_at(2, b"xy").unwrap();
        let copy = disk.copy();
        file.write_at(0, b"ab").unwrap();
        assert_eq!((disk.get("a").unwrap(), copy.get("a").unwrap()), (b"abxy".to_vec(), vec![0, 0, b'x', b'y']));
        disk.remove("a").unwrap();
        let mut bytes = [0; 4];
        file.read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"abxy");
        assert!(file.read_at(1, &mut bytes).is_err() && disk.open("a", Access::Read).is_err());
    }

    #[test]
    fn locks_exclude_as_they_say() {
        let disk = MemoryDisk::new();
        let one = disk.lock("lock", LockKind::Shared).unwrap().unwrap();
        let two = disk.lock("lock", LockKind::Shared).unwrap().unwrap();
        assert!(disk.lock("lock", LockKind::Exclusive).unwrap().is_none());
        drop((one, two));
        let alone = disk.lock("lock", LockKind::Exclusive).unwrap().unwrap();
        assert!(disk.lock("lock", LockKind::Shared).unwrap().is_none());
        drop(alone);
        assert!(disk.lock("lock", LockKind::Exclusive).unwrap().is_some());
    }
}
