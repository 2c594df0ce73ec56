//! Files that are either complete or absent.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};
use crate::{interrupt, stdio};

/// Checks, before any work is done, where single files are to be written: `-` is standard output, and what exists is replaced only
/// if `force` says so.
pub fn check(outputs: &[Option<&Path>], force: bool) -> Result<(), Failure> {
    let named: Vec<&Path> = outputs.iter().flatten().copied().collect();
    for (i, path) in named.iter().enumerate() {
        if named.iter().skip(i + 1).any(|other| other == path) {
            return Err(Failure::usage(format!("{}: two results cannot be written to one file", path.display())));
        }
        if stdio::is_dash(path) {
            if stdio::is_json() {
                let both = "--json and an output of - both need standard output: give the output a file name";
                return Err(Failure::usage(both));
            }
        } else if let Ok(found) = fs::metadata(path) {
            if found.is_dir() {
                return Err(failed(path)(io::Error::other("it is a folder")));
            }
            if found.is_file() && !force {
                return Err(exists(path));
            }
        } else if !force && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
    }
    Ok(())
}

/// Writes one file of the user: `-` is standard output, pipes and devices are written to, a file is complete or absent, and what
/// exists is replaced only if `force` says so.
pub fn output(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    if stdio::is_dash(path) {
        return stdio::output(bytes);
    }
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => {
            let mut file = OpenOptions::new().write(true).open(path).map_err(failed(path))?;
            stdio::quiet(file.write_all(bytes).and_then(|()| file.flush())).map_err(failed(path))
        }
        // The file that a link leads to is replaced, not the link.
        Ok(_) if force => file(&fs::canonicalize(path).map_err(failed(path))?, bytes),
        _ => beside(path, bytes, force),
    }
}

/// The same for a file on a disk, which survives a power failure from then on.
pub fn durable(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    output(path, bytes, force)?;
    OpenOptions::new().read(true).write(true).open(path).and_then(|file| file.sync_all()).map_err(failed(path))?;
    if cfg!(unix) {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(path))?;
    }
    Ok(())
}

/// Writes to a temporary file beside `path`, then renames it over whatever is there: for state, and for the files of a folder that
/// the command fills.
pub fn file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    beside(path, bytes, true)
}

fn beside(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".selfsame-");
    let (watched, mut temporary) =
        interrupt::watched(|| builder.tempfile_in(folder), |made| made.path()).map_err(failed(path))?;
    temporary.write_all(bytes).map_err(failed(path))?;
    let renamed = if replace {
        temporary.persist(path)
    } else {
        temporary.persist_noclobber(path).or_else(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => Err(refused),
            // Some file systems cannot refuse to replace.
            _ if path.symlink_metadata().is_ok() => Err(refused),
            _ => refused.file.persist(path),
        })
    };
    drop(watched);
    match renamed {
        Ok(_) => Ok(()),
        Err(e) if !replace && e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(e) => Err(failed(path)(e.error)),
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Failure {
    let path: PathBuf = path.to_owned();
    move |e| Failure::new(format!("cannot write {}", path.display()), e).of(Kind::Output)
}

fn exists(path: &Path) -> Failure {
    Failure::plain(format!("{}: there is already a file; --force replaces it", path.display())).of(Kind::Output)
}

/// Creates a file that only its owner may read; anything already there, including a link, is refused.
pub fn private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed(path))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.inspect_err(|_| drop(fs::remove_file(path))).map_err(failed(path))
}

/// Creates a folder that only its owner may enter; anything already there, including a link, is refused.
pub fn private_folder(path: &Path) -> Result<(), Failure> {
    let mut options = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut options, 0o700);
    options.create(path).map_err(no_folder(path))
}

/// Creates a folder and its parents.
pub fn folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(no_folder(path))
}

fn no_folder(path: &Path) -> impl Fn(io::Error) -> Failure {
    let path: PathBuf = path.to_owned();
    move |e| Failure::new(format!("cannot create the folder {}", path.display()), e).of(Kind::Output)
}
