//! Opening and closing a gallery for a command.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use selfsame::gallery::log::Actor;
use selfsame::gallery::seal::KeyProvider;
use selfsame::gallery::{FileAnchor, Gallery, GalleryBuilder, GalleryError, Unlogged};

use super::event::event_value;
use super::key;
use crate::args::gallery::{KeyArgs, ReadArgs};
use crate::failure::{Failure, Kind};

/// Whether an event of a gallery that is open read-only could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// How a gallery is opened or created.
pub fn builder(key: &KeyArgs, new: bool) -> Result<GalleryBuilder, Failure> {
    builder_of(key::provider(key, new)?, key)
}

/// The same with a key that was asked for before.
pub fn builder_of(provider: Arc<dyn KeyProvider>, key: &KeyArgs) -> Result<GalleryBuilder, Failure> {
    let actor = Actor::new(&key.actor).map_err(|e| Failure::new("--actor", e).of(Kind::Usage))?;
    let mut builder = Gallery::builder(provider).actor(actor).wait(Duration::from_secs(key.wait));
    if let Some(path) = &key.anchor {
        builder = builder.anchor(FileAnchor::new(path));
    }
    if let Some(id) = key.gallery_id {
        builder = builder.expect_id(id);
    }
    Ok(if key.new_anchor { builder.new_anchor() } else { builder })
}

pub fn open(path: &Path, key: &KeyArgs) -> Result<Gallery, Failure> {
    present(path)?;
    builder(key, false)?.open(path).map_err(|e| failed(path, e))
}

/// Opens a gallery for a command that changes nothing: read-only only if requested.
pub fn open_to_read(path: &Path, builder: GalleryBuilder, read: &ReadArgs) -> Result<Gallery, Failure> {
    let opened = match unlogged(read)? {
        Some(unlogged) => builder.open_read_only(path, unlogged),
        None => builder.open(path),
    };
    opened.map_err(|e| failed(path, e))
}

/// Closes a gallery: compacts it if that is due, because a command ends too soon for the background, and writes the events still
/// waiting for the log, or returns the failure. Nothing is decided without its event.
pub fn close(path: &Path, gallery: &Gallery) -> Result<(), Failure> {
    // What was done is done, whether or not there is room to compact; `info` shows how much is not free.
    let _ = gallery.compact_if_due();
    gallery.flush().map_err(|e| failed(path, e))?;
    if LOST.load(Ordering::Relaxed) {
        return Err(Failure::plain("an event could not be written to the file of --events").of(Kind::Output));
    }
    Ok(())
}

/// Reports a typing error before a passphrase is asked for.
pub fn present(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Err(e) => Err(Failure::new(format!("cannot open {}", path.display()), e).of(Kind::Store)),
        Ok(found) if !found.is_dir() => {
            Err(Failure::plain(format!("{}: not a gallery's folder", path.display())).of(Kind::Store))
        }
        Ok(_) => Ok(()),
    }
}

/// Refuses to write a file into a gallery's folder, whose files come and go.
pub fn outside(gallery: &Path, path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_inside = match (gallery.canonicalize(), folder.canonicalize()) {
        (Ok(gallery), Ok(folder)) => folder.starts_with(gallery),
        _ => false,
    };
    let inside = || Failure::usage(format!("{}: nothing else is kept in the folder of a gallery", path.display()));
    if is_inside { Err(inside()) } else { Ok(()) }
}

pub fn failed(path: &Path, error: GalleryError) -> Failure {
    match error {
        GalleryError::AnchorMissing { what } => Failure::plain(format!(
            "{}: the gallery has an anchor, and {what}: give it with --anchor, or use --new-anchor if it is lost",
            path.display()
        ))
        .of(Kind::Store),
        GalleryError::Busy => Failure::plain(format!(
            "{}: the gallery is open elsewhere (--wait sets how long to wait for it)",
            path.display()
        ))
        .of(Kind::Store),
        error @ GalleryError::Limited { .. } => {
            Failure::plain(format!("{}: {error}; --unlimited does not wait", path.display())).of(Kind::Store)
        }
        error => Failure::at(path, error),
    }
}

/// The destination of events when the gallery is opened read-only.
pub fn unlogged(read: &ReadArgs) -> Result<Option<Unlogged>, Failure> {
    let Some(path) = &read.events else { return Ok(read.unlogged.then(Unlogged::accepted)) };
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file =
        options.open(path).map_err(|e| Failure::new(format!("cannot write {}", path.display()), e).of(Kind::Output))?;
    let file = Mutex::new(file);
    Ok(Some(Unlogged::told(move |event| {
        let line = format!("{}\n", event_value(event));
        let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if file.write_all(line.as_bytes()).is_err() {
            LOST.store(true, Ordering::Relaxed);
        }
    })))
}
