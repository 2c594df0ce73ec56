//! Small files that are whole or not there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Random part of a temporary file's name, bytes.
const SUFFIX_LEN: usize = 8;

/// Files that are made get mode 600 where there are modes.
pub(super) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Replaces a file: after a crash there is the old one or the new one. The new one is written beside it under a name of its own,
/// synced, renamed, and the folder is synced; then what earlier crashes left beside it is removed.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = folder_of(path);
    let mut random = [0; SUFFIX_LEN];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mut own = prefix(name);
    own.push(format!("{:016x}.tmp", u64::from_be_bytes(random)));
    let temporary = folder.join(own);
    let written = write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path)).and_then(|()| sync(folder));
    match written {
        Ok(()) => leftovers(folder, &prefix(name)).iter().for_each(|left| drop(fs::remove_file(left))),
        Err(_) => drop(fs::remove_file(&temporary)),
    }
    written
}

/// Makes a file that must not be there before, whole or not at all, and lasting.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes)?;
    sync(folder_of(path)).inspect_err(|_| drop(fs::remove_file(path)))
}

/// At most `max` bytes of a file, and one more when there is more.
pub(super) fn read(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| drop(fs::remove_file(path)))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A rename lasts once its folder is synced; other systems than Unix open no folders and sync them by themselves.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn prefix(name: &std::ffi::OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// Temporary files that earlier writes of the same file did not take away: `.NAME.` and 16 digits and `.tmp`.
fn leftovers(folder: &Path, prefix: &std::ffi::OsStr) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let ours = |name: &std::ffi::OsStr| {
        let digits = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        digits
            .and_then(|rest| rest.strip_suffix(b".tmp"))
            .is_some_and(|d| d.len() == 2 * SUFFIX_LEN && d.iter().all(u8::is_ascii_hexdigit))
    };
    entries.flatten().filter(|entry| ours(&entry.file_name())).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        for stays in
            [".ring.tmp", ".ring.0123456789abcdeg.tmp", ".rings.0123456789abcdef.tmp", "ring.0123456789abcdef.tmp"]
        {
            fs::write(folder.path().join(stays), b"another's").unwrap();
        }
        fs::write(folder.path().join(".ring.0123456789abcdef.tmp"), b"left by a crash").unwrap();
        for bytes in [&b"first"[..], b"", b"second"] {
            replace(&path, bytes).unwrap();
            assert_eq!(read(&path, 100).unwrap(), bytes);
        }
        let expected = [
            ".ring.0123456789abcdeg.tmp",
            ".ring.tmp",
            ".rings.0123456789abcdef.tmp",
            "ring",
            "ring.0123456789abcdef.tmp",
        ];
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn a_failure_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        fs::create_dir_all(path.join("in the way")).unwrap();
        assert!(replace(&path, b"new").is_err());
        assert_eq!(names(folder.path()), ["ring"]);
        assert!(replace(&folder.path().join("none/ring"), b"new").is_err());
        assert!(replace(Path::new("/"), b"new").is_err());
    }

    #[test]
    fn no_more_is_read_than_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        fs::write(&path, [7; 1000]).unwrap();
        assert_eq!(read(&path, 10).unwrap().len(), 11);
        assert_eq!(read(&path, 1000).unwrap().len(), 1000);
        assert!(read(folder.path(), 10).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
}
