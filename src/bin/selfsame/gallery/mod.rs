//! `selfsame gallery ...`: a sealed gallery in a folder.

mod change;
mod key;
mod log;
mod look;
mod probe;
mod proof;
mod samples;
mod transfer;

use std::path::Path;
use std::time::Duration;

use selfsame::audit::Actor;
use selfsame::gallery::{FileAnchor, Gallery, GalleryBuilder, GalleryError};

use crate::args::gallery::{GalleryCommand, KeyArgs, ReadArgs};
use crate::failure::Failure;
use crate::outcome::Outcome;

pub fn run(command: &GalleryCommand) -> Result<Outcome, Failure> {
    match command {
        GalleryCommand::Create(args) => change::create(args),
        GalleryCommand::Enroll(args) => change::enroll(args),
        GalleryCommand::Update(args) => change::update(args),
        GalleryCommand::Delete(args) => change::delete(args),
        GalleryCommand::Erase(args) => change::erase(args),
        GalleryCommand::RotateKeys(args) => change::rotate_keys(args),
        GalleryCommand::Identify(args) => probe::identify(args),
        GalleryCommand::Verify(args) => probe::verify(args),
        GalleryCommand::Log(args) => log::run(args),
        GalleryCommand::Checkpoint(args) => proof::checkpoint(args),
        GalleryCommand::Prove(args) => proof::prove(args),
        GalleryCommand::VerifyProof(args) => proof::verify(args),
        GalleryCommand::RemoveSample(args) => change::remove_sample(args),
        GalleryCommand::List(args) => look::list(args),
        GalleryCommand::Info(args) => look::info(args),
        GalleryCommand::Check(args) => look::check(args),
        GalleryCommand::Export(args) => transfer::export(args),
        GalleryCommand::Import(args) => transfer::import(args),
    }
}

/// How a gallery is opened or made.
fn builder(key: &KeyArgs, new: bool) -> Result<GalleryBuilder, Failure> {
    let actor = Actor::new(&key.actor).map_err(|e| Failure::new("--actor", e))?;
    let mut builder = Gallery::builder(key::provider(key, new)?).actor(actor).wait(Duration::from_secs(key.wait));
    if let Some(path) = &key.anchor {
        builder = builder.anchor(FileAnchor::new(path));
    }
    if let Some(id) = key.gallery_id {
        builder = builder.expect_id(id);
    }
    Ok(if key.new_anchor { builder.new_anchor() } else { builder })
}

fn open(path: &Path, key: &KeyArgs) -> Result<Gallery, Failure> {
    present(path)?;
    builder(key, false)?.open(path).map_err(|e| failed(path, e))
}

/// Opens a gallery for a command that changes nothing: to be read only if that is asked for.
fn open_to_read(path: &Path, builder: GalleryBuilder, read: &ReadArgs) -> Result<Gallery, Failure> {
    let opened = match look::unlogged(read)? {
        Some(unlogged) => builder.open_read_only(path, unlogged),
        None => builder.open(path),
    };
    opened.map_err(|e| failed(path, e))
}

/// Ends the use of a gallery: what still waits for the log is written, or the failure told.
fn close(path: &Path, gallery: &Gallery) -> Result<(), Failure> {
    gallery.flush().map_err(|e| failed(path, e))
}

/// A typing error is told before a passphrase is asked for.
fn present(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Err(e) => Err(Failure::new(format!("cannot open {}", path.display()), e)),
        Ok(found) if !found.is_dir() => Err(Failure::plain(format!("{}: not a gallery's folder", path.display()))),
        Ok(_) => Ok(()),
    }
}

fn failed(path: &Path, error: GalleryError) -> Failure {
    match error {
        GalleryError::AnchorMissing { what } => Failure::plain(format!(
            "{}: the gallery has an anchor, and {what}: give it with --anchor, or say --new-anchor if it is lost",
            path.display()
        )),
        GalleryError::Busy => Failure::plain(format!(
            "{}: the gallery is open elsewhere (--wait says how long to wait for it)",
            path.display()
        )),
        error => Failure::at(path, error),
    }
}
