//! A folder of the file system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::interface::{Access, Disk, DiskFile, DiskLock, LockKind};

/// A folder of the file system. New files get mode 600 where there are modes; links, pipes and devices are refused.
///
/// Locks are those of [`File::try_lock`]: advisory, and released with their process. Network file systems that do not
/// propagate such locks between machines do not keep two machines apart.
///
/// ```
/// use selfsame::gallery::disk::{Disk, Folder};
/// let folder = tempfile::tempdir()?;
/// assert!(Folder::new(folder.path()).list()?.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder at a path, which is not accessed yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Disk for Folder {
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(OpenFile::new(open(&self.0.join(name), access)?)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        // A name that is not UTF-8 does not belong to a gallery, and counts as an unrelated file.
        fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn sync(&self) -> io::Result<()> {
        // Systems other than Unix do not open folders, and sync names by themselves.
        if cfg!(unix) { File::open(&self.0)?.sync_all() } else { Ok(()) }
    }

    fn lock(&self, name: &str, kind: LockKind) -> io::Result<Option<Box<dyn DiskLock>>> {
        let path = self.0.join(name);
        let file = match open(&path, Access::Write) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => match open(&path, Access::Create) {
                // Another process created it first.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => open(&path, Access::Write),
                made => made,
            },
            Err(_) if kind == LockKind::Shared => open(&path, Access::Read),
            opened => opened,
        }?;
        let locked = match kind {
            LockKind::Shared => file.try_lock_shared(),
            LockKind::Exclusive => file.try_lock(),
        };
        match locked {
            Ok(()) => Ok(Some(Box::new(FileLock(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }
}

/// A file of any path, for reading; links are followed.
pub(in crate::gallery) fn open_path(path: &Path) -> io::Result<Arc<dyn DiskFile>> {
    Ok(Arc::new(OpenFile::new(File::open(path)?)))
}

struct FileLock(File);

impl DiskLock for FileLock {}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing is not enough: a process started at this moment holds a copy of the file until it becomes its own
        // program.
        let _ = self.0.unlock();
    }
}

/// Opens a regular file, but nothing that a link or a race puts in its place.
fn open(path: &Path, access: Access) -> io::Result<File> {
    let refused = || io::Error::new(io::ErrorKind::InvalidInput, "not a regular file of one name");
    let mut options = OpenOptions::new();
    options.read(true).write(access != Access::Read).create_new(access == Access::Create);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if access == Access::Create {
        // `create_new` does not follow links.
        return options.open(path);
    }
    // This is checked before opening, because opening a pipe waits for its other end, and again afterwards, because it
    // may be another file by then.
    let before = fs::symlink_metadata(path)?;
    if !before.is_file() {
        return Err(refused());
    }
    let file = options.open(path)?;
    let after = file.metadata()?;
    // A file with a second name may belong to somebody else: it may be read, but not written.
    let alone = access == Access::Read || names(&after) == 1;
    if after.is_file() && same(&before, &after) && alone { Ok(file) } else { Err(refused()) }
}

#[cfg(unix)]
fn same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(unix)]
fn names(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

#[cfg(not(unix))]
fn same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
struct OpenFile(File);

#[cfg(unix)]
impl OpenFile {
    fn new(file: File) -> Self {
        Self(file)
    }

    fn file(&self) -> &File {
        &self.0
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, out, offset)
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, bytes, offset)
    }
}

/// Where a file has one position for all readers and writers, a mutex keeps seeking and access together.
#[cfg(not(unix))]
struct OpenFile {
    file: File,
    place: std::sync::Mutex<()>,
}

#[cfg(not(unix))]
impl OpenFile {
    fn new(file: File) -> Self {
        Self { file, place: std::sync::Mutex::new(()) }
    }

    fn file(&self) -> &File {
        &self.file
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let _place = self.place.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(SeekFrom::Start(offset))?;
        (&self.file).read_exact(out)
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        use std::io::{Seek, SeekFrom, Write};
        let _place = self.place.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(SeekFrom::Start(offset))?;
        (&self.file).write_all(bytes)
    }
}

impl DiskFile for OpenFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file().metadata()?.len())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.read(offset, out)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write(offset, bytes)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file().set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.file().sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_at_any_place() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        let file = folder.open("a", Access::Create).unwrap();
        assert_eq!(folder.open("a", Access::Create).err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        file.write_at(5, b"later").unwrap();
        file.write_at(0, b"first").unwrap();
        let mut bytes = [0; 10];
        folder.open("a", Access::Read).unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"firstlater");
        assert_eq!(file.read_at(6, &mut bytes).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        file.set_len(3).unwrap();
        assert_eq!((file.len().unwrap(), file.is_empty().unwrap()), (3, false));
        folder.rename("a", "b").unwrap();
        folder.sync().unwrap();
        assert_eq!(folder.list().unwrap(), ["b"]);
        folder.remove("b").unwrap();
        assert_eq!(folder.remove("b").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(folder.open("b", Access::Write).err().unwrap().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn locks_exclude_as_they_say() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        let one = folder.lock("lock", LockKind::Shared).unwrap().unwrap();
        let two = folder.lock("lock", LockKind::Shared).unwrap().unwrap();
        assert!(folder.lock("lock", LockKind::Exclusive).unwrap().is_none());
        drop((one, two));
        let alone = folder.lock("lock", LockKind::Exclusive).unwrap().unwrap();
        assert!(folder.lock("lock", LockKind::Shared).unwrap().is_none());
        drop(alone);
        assert!(folder.lock("lock", LockKind::Exclusive).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_refused_and_modes_are_closed() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        folder.open("file", Access::Create).unwrap();
        assert_eq!(fs::metadata(place.path().join("file")).unwrap().permissions().mode() & 0o7777, 0o600);
        std::os::unix::fs::symlink("file", place.path().join("link")).unwrap();
        fs::hard_link(place.path().join("file"), place.path().join("twin")).unwrap();
        assert!(folder.open("twin", Access::Write).is_err() && folder.open("twin", Access::Read).is_ok());
        let made = std::process::Command::new("mkfifo").arg(place.path().join("pipe")).status();
        let pipe = made.is_ok_and(|status| status.success());
        for name in ["link", "pipe"].iter().take(1 + usize::from(pipe)) {
            for access in [Access::Read, Access::Write] {
                assert_eq!(folder.open(name, access).err().unwrap().kind(), io::ErrorKind::InvalidInput, "{name}");
            }
            assert!(folder.open(name, Access::Create).is_err());
            assert!(folder.lock(name, LockKind::Exclusive).is_err());
        }
    }
}
