//! Commands that change a gallery.

use selfsame::face::compare::CosineCalibration;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::{GalleryError, Sample, Samples};
use selfsame::{Limits, SubjectId};
use serde_json::json;

use super::open::{builder, close, failed, open, present};
use super::{key, samples};
use crate::args::gallery::{CreateArgs, EnrollArgs, RemoveSampleArgs, RotateKeysArgs, SubjectsArgs};
use crate::failure::{Failure, Kind};
use crate::outcome::{self, Outcome, counted, shown_path};
use crate::sample;

pub fn create(args: &CreateArgs) -> Result<Outcome, Failure> {
    // This error is reported before a passphrase is asked for.
    let keyring = |name: std::ffi::OsString| {
        let number = name.to_str().and_then(|name| name.strip_prefix("keyring.")).map(str::to_owned);
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let mut names = args.gallery.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
    if names.any(keyring) {
        let there = format!("{}: there is already a gallery", args.gallery.display());
        return Err(Failure::plain(there).of(Kind::Store));
    }
    let mut builder = builder(&args.key, true)?;
    if let Some(model) = &args.face_model {
        builder = builder.face_model(face_model(model)?);
    }
    if let Some(path) = &args.face_calibration {
        let bytes = sample::bytes(path, &Limits::default())?;
        builder = builder.face_calibration(CosineCalibration::decode(&bytes).map_err(|e| Failure::at(path, e))?);
    }
    let gallery = builder.create(&args.gallery).map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let (path, id) = (args.gallery.display().to_string(), gallery.info().id_text());
    let text = format!("created the gallery {}, id {id}\n", shown_path(&args.gallery));
    Ok(Outcome::done(text, json!({ "gallery": path, "id": id })))
}

/// `NAME/VERSION/DIMENSION`
fn face_model(text: &str) -> Result<FaceModel, Failure> {
    let wrong = || Failure::usage("--face-model: NAME/VERSION/DIMENSION is needed, as in mobilefacenet/2/512");
    let mut parts = text.rsplitn(3, '/');
    let (dimension, version, name) = (parts.next(), parts.next(), parts.next());
    let dimension = dimension.and_then(|d| d.parse().ok()).ok_or_else(wrong)?;
    FaceModel::new(name.ok_or_else(wrong)?, version.ok_or_else(wrong)?, dimension)
        .map_err(|e| Failure::new("--face-model", e).of(Kind::Usage))
}

pub fn enroll(args: &EnrollArgs) -> Result<Outcome, Failure> {
    let (subject, samples) = read(args)?;
    let gallery = open(&args.gallery, &args.key)?;
    gallery.enroll(&subject, &samples).map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    told("enrolled", &subject, args.files.len(), gallery.len())
}

pub fn update(args: &EnrollArgs) -> Result<Outcome, Failure> {
    let (subject, samples) = read(args)?;
    let gallery = open(&args.gallery, &args.key)?;
    gallery.update(&subject, &samples).map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    told("updated", &subject, args.files.len(), gallery.len())
}

/// Files are read before a passphrase is asked for.
fn read(args: &EnrollArgs) -> Result<(SubjectId, Samples), Failure> {
    present(&args.gallery)?;
    let subject = subject(&args.subject)?;
    let mut samples = samples::read(&args.files, &args.samples, false)?;
    if let Some(text) = &args.metadata {
        samples = samples.metadata(text.clone().into_bytes());
    }
    Ok((subject, samples))
}

/// The name of a new subject: names with hidden characters are refused.
pub fn subject(name: &str) -> Result<SubjectId, Failure> {
    SubjectId::new(name).map_err(|e| Failure::new("the subject", e).of(Kind::Usage))
}

/// The name of a subject who may exist, whatever the name contains.
pub fn subject_of(name: &str) -> Result<SubjectId, Failure> {
    SubjectId::new_unrestricted(name).map_err(|e| Failure::new("the subject", e).of(Kind::Usage))
}

/// A subject who is not enrolled.
pub fn unknown(subject: &SubjectId, more: &str) -> Failure {
    Failure::plain(format!("{subject}: no such subject{more}")).of(Kind::Store)
}

pub fn remove_sample(args: &RemoveSampleArgs) -> Result<Outcome, Failure> {
    let subject = subject_of(&args.subject)?;
    let sample = match args.position {
        Some(position) => Sample::Finger { position, impression: args.sample },
        None => Sample::Face { picture: args.sample },
    };
    let gallery = open(&args.gallery, &args.key)?;
    gallery.remove_sample(&subject, sample).map_err(|e| match e {
        GalleryError::UnknownSubject => unknown(&subject, ""),
        e => failed(&args.gallery, e),
    })?;
    close(&args.gallery, &gallery)?;
    let text = format!(
        "removed one sample of {subject}; the gallery has {}\n",
        counted(gallery.records(), "record", "records")
    );
    Ok(Outcome::done(text, json!({ "done": "removed", "subject": subject.as_str(), "records": gallery.records() })))
}

fn told(what: &str, subject: &SubjectId, files: usize, subjects: usize) -> Result<Outcome, Failure> {
    let text = format!(
        "{what} {subject} with {}; the gallery has {}\n",
        counted(files as u64, "file", "files"),
        outcome::subjects(subjects)
    );
    let json = json!({ "done": what, "subject": subject.as_str(), "files": files, "subjects": subjects });
    Ok(Outcome::done(text, json))
}

pub fn delete(args: &SubjectsArgs) -> Result<Outcome, Failure> {
    remove(args, false)
}

pub fn erase(args: &SubjectsArgs) -> Result<Outcome, Failure> {
    remove(args, true)
}

fn remove(args: &SubjectsArgs, erase: bool) -> Result<Outcome, Failure> {
    let subjects = args.subjects.iter().map(|name| subject_of(name)).collect::<Result<Vec<_>, _>>()?;
    let gallery = open(&args.gallery, &args.key)?;
    if let Some(first) = subjects.iter().find(|subject| !gallery.contains(subject)) {
        close(&args.gallery, &gallery)?;
        return Err(unknown(first, "; nothing was removed"));
    }
    let removed = if erase { gallery.erase(&subjects) } else { gallery.delete(&subjects) };
    let removed = removed.map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let what = if erase { "erased" } else { "deleted" };
    let text = format!("{what} {}; the gallery has {}\n", outcome::subjects(removed), gallery.len());
    Ok(Outcome::done(text, json!({ "done": what, "removed": removed, "subjects": gallery.len() })))
}

pub fn rotate_keys(args: &RotateKeysArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let provider = args.new.is_asked_for().then(|| key::new_provider(&args.new, &args.key)).transpose()?;
    let gallery = open(&args.gallery, &args.key)?;
    match provider {
        Some(provider) => gallery.change_provider(provider),
        None => gallery.rotate_keys(),
    }
    .map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let changed = args.new.is_asked_for();
    let text = format!(
        "the gallery has new keys{}; an old copy of the keyring still opens an old copy of the gallery\n",
        if changed { ", and the passphrase or key was changed" } else { "" }
    );
    Ok(Outcome::done(
        text,
        json!({ "done": "rotated", "new_passphrase_or_key": changed, "generation": gallery.info().generation }),
    ))
}
