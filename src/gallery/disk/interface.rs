//! What a gallery asks of the place where its files lie.

use std::fmt;
use std::io;
use std::sync::Arc;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// An existing file, to be read.
    Read,
    /// An existing file, to be read and written.
    Write,
    /// A new file, to be read and written; that there is one already is [`io::ErrorKind::AlreadyExists`].
    Create,
}

/// Who else may hold a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockKind {
    /// Others that share it.
    Shared,
    /// Nobody.
    Exclusive,
}

/// A lock that ends when it is dropped, at the latest with its process.
pub trait DiskLock: Send + Sync {}

/// A folder of files.
///
/// What the gallery relies on: a write is seen by every later read of any handle. After [`DiskFile::sync`] the content and length of a file
/// outlast a power failure; after [`Disk::sync`] so do names. What was not synced may be lost in part and in any order. A rename is one step:
/// before or after it, never between. Names are ASCII letters, digits, dots and dashes.
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
    /// Opens a file. What is no regular file (a link, a pipe) is refused.
    ///
    /// # Errors
    /// [`io::Error`].
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name, over a file of that name if there is one.
    ///
    /// # Errors
    /// [`io::Error`].
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`io::Error`]; [`io::ErrorKind::NotFound`] when there is none.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// [`io::Error`].
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes all names last.
    ///
    /// # Errors
    /// [`io::Error`].
    fn sync(&self) -> io::Result<()>;

    /// Takes a lock by the name of a file, which is made if it is not there and can be made. `None` when somebody else holds it.
    ///
    /// # Errors
    /// [`io::Error`] when the file can neither be opened nor made.
    fn lock(&self, name: &str, kind: LockKind) -> io::Result<Option<Box<dyn DiskLock>>>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Its length, bytes.
    ///
    /// # Errors
    /// [`io::Error`].
    fn len(&self) -> io::Result<u64>;

    /// Whether there is nothing in it.
    ///
    /// # Errors
    /// [`io::Error`].
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Fills `out` from `offset` on.
    ///
    /// # Errors
    /// [`io::Error`]; [`io::ErrorKind::UnexpectedEof`] when the file ends before.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes all bytes from `offset` on; a gap before them is zeros.
    ///
    /// # Errors
    /// [`io::Error`]; any part of the bytes may be written then.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file, or fills it up with zeros.
    ///
    /// # Errors
    /// [`io::Error`].
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes content and length last.
    ///
    /// # Errors
    /// [`io::Error`]; nothing is known then of what was written since the last sync.
    fn sync(&self) -> io::Result<()>;
}

/// At most `max` bytes of a file; `None` when it is longer.
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
