//! `selfsame gallery ...`: a sealed gallery in a folder.

mod change;
mod key;
mod log;
mod probe;
mod samples;
mod transfer;

use std::fmt::Write as _;
use std::path::Path;

use selfsame::audit::Actor;
use selfsame::gallery::{FileAnchor, Gallery, GalleryBuilder, GalleryError};
use serde_json::json;

use crate::args::gallery::{GalleryCommand, KeyArgs};
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
        GalleryCommand::Check(args) => check(&args.gallery, &args.key),
        GalleryCommand::Export(args) => transfer::export(args),
        GalleryCommand::Import(args) => transfer::import(args),
    }
}

/// How a gallery is opened or made.
fn builder(key: &KeyArgs, new: bool) -> Result<GalleryBuilder, Failure> {
    let actor = Actor::new(&key.actor).map_err(|e| Failure::new("--actor", e))?;
    let builder = Gallery::builder(key::provider(key, new)?).actor(actor);
    Ok(match &key.anchor {
        Some(path) => builder.anchor(FileAnchor::new(path)),
        None => builder,
    })
}

fn open(path: &Path, key: &KeyArgs) -> Result<Gallery, Failure> {
    present(path)?;
    builder(key, false)?.open(path).map_err(|e| failed(path, e))
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
    Failure::at(path, error)
}

fn check(path: &Path, key: &KeyArgs) -> Result<Outcome, Failure> {
    present(path)?;
    let report = builder(key, false)?.check(path).map_err(|e| failed(path, e))?;
    let mut text = String::new();
    for problem in &report.problems {
        let _ = writeln!(text, "{problem}");
    }
    if report.unlisted > 0 {
        let _ = writeln!(text, "and {} more problems", report.unlisted);
    }
    let (subjects, records, entries) = (report.subjects, report.records, report.log_entries);
    let verdict = if report.is_sound() { "nothing is wrong" } else { "THE GALLERY WAS TAMPERED WITH OR IS DAMAGED" };
    let _ = writeln!(text, "{verdict}: {subjects} sound subjects, {records} records, {entries} entries of the log");
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|p| {
            json!({
                "problem": format!("{:?}", p.kind),
                "subject": p.subject.as_ref().map(ToString::to_string),
                "finger": p.finger.map(|f| f.code()),
                "slot": p.slot,
                "log_entry": p.entry,
                "text": p.to_string(),
            })
        })
        .collect();
    let json = json!({
        "sound": report.is_sound(),
        "subjects": subjects,
        "records": records,
        "log_entries": entries,
        "problems": problems,
        "unlisted": report.unlisted,
    });
    Ok(Outcome { text, json, matched: report.is_sound() })
}
