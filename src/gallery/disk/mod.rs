//! Storage of a gallery's files.
//!
//! A gallery needs little: a flat folder of named files, reads and writes at offsets, syncs, a rename, and a lock.
//! [`Folder`] is a folder of the file system, [`MemoryDisk`] one in memory. Your own storage (an object store, an
//! encrypted volume, a disk that fails on purpose) implements [`Disk`] and [`DiskFile`]; keyring, records, log and
//! anchors all go through it.

mod folder;
mod interface;
mod memory;

pub use folder::Folder;
pub(super) use folder::open_path;
pub use interface::{Access, Disk, DiskFile, DiskLock, LockKind};
pub(super) use interface::{read_whole, remove_if_there};
pub use memory::MemoryDisk;
