//! The interface of a gallery to the place where its files are stored.

use std::fmt;
use std::io;
use std::sync::Arc;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// An existing file, for reading.
    Read,
    /// An existing file, for reading and writing.
    Write,
    /// A new file, for reading and writing; if it exists, the error is [`io::ErrorKind::AlreadyExists`].
    Create,
}

/// Who else may hold the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockKind {
    /// Others that share it may.
    Shared,
    /// No one may.
    Exclusive,
}

/// A lock that is released when it is dropped, at the latest with its process.
pub trait DiskLock: Send + Sync {}

/// A folder of files.
///
/// The gallery relies on the following. A write is seen by every later read through any handle. After
/// [`DiskFile::sync`] the content and length of a file survive a power failure; after [`Disk::sync`] so do names. What
/// was not synced may be lost in part and in any order. A rename is one step: before or after it, never between. Names
/// are ASCII letters, digits, dots and dashes.
///
/// ```
/// use selfsame::gallery::disk::{Access, Disk, MemoryDisk};
/// let disk = MemoryDisk::new();
/// let file = disk.open("note", Access::Create)?;
/// file.write_at(0, b"kept")?;
/// file.sync()?;
/// disk.sync()?;
/// assert_eq!(disk.list()?, ["note"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Disk: Send + Sync + fmt::Debug {
    /// Opens a file. Anything but a regular file (a link, a pipe) is refused.
    ///
    /// # Errors
    /// [`io::Error`].
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// Renames a file, replacing a file of the new name if there is one.
    ///
    /// # Errors
    /// [`io::Error`].
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`io::Error`]; [`io::ErrorKind::NotFound`] when there is no such file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// [`io::Error`].
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes all names durable.
    ///
    /// # Errors
    /// [`io::Error`].
    fn sync(&self) -> io::Result<()>;

    /// Takes a lock named after a file, which is created if missing and possible. `None` when somebody else holds the
    /// lock.
    ///
    /// # Errors
    /// [`io::Error`] when the file can be neither opened nor created.
    fn lock(&self, name: &str, kind: LockKind) -> io::Result<Option<Box<dyn DiskLock>>>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// The length of the file, in bytes.
    ///
    /// # Errors
    /// [`io::Error`].
    fn len(&self) -> io::Result<u64>;

    /// Whether the file is empty.
    ///
    /// # Errors
    /// [`io::Error`].
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Fills `out` from `offset` on.
    ///
    /// # Errors
    /// [`io::Error`]; [`io::ErrorKind::UnexpectedEof`] when the file ends early.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes all bytes from `offset` on; a gap before them is zeros.
    ///
    /// # Errors
    /// [`io::Error`]; any part of the bytes may then be written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Truncates the file, or extends it with zeros.
    ///
    /// # Errors
    /// [`io::Error`].
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes content and length durable.
    ///
    /// # Errors
    /// [`io::Error`]; the state of everything written since the last sync is then unknown.
    fn sync(&self) -> io::Result<()>;
}

/// Reads at most `max` bytes of a file; `None` when it is longer.
pub(in crate::gallery) fn read_whole(disk: &dyn Disk, name: &str, max: usize) -> io::Result<Option<Vec<u8>>> {
    let file = disk.open(name, Access::Read)?;
    let Some(len) = usize::try_from(file.len()?).ok().filter(|len| *len <= max) else { return Ok(None) };
    let mut bytes = vec![0; len];
    file.read_at(0, &mut bytes)?;
    Ok(Some(bytes))
}

/// Removes a file that may not be there.
pub(in crate::gallery) fn remove_if_there(disk: &dyn Disk, name: &str) -> io::Result<()> {
    match disk.remove(name) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
