//! Commands that change a gallery.

use selfsame::face::compare::CosineCalibration;
use selfsame::face::index::FaceModel;
use selfsame::gallery::Samples;
use selfsame::{Limits, SubjectId};
use serde_json::json;

use super::{builder, failed, key, open, present, samples};
use crate::args::gallery::{CreateArgs, EnrollArgs, RotateKeysArgs, SubjectsArgs};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::sample;

pub fn create(args: &CreateArgs) -> Result<Outcome, Failure> {
    if args.gallery.exists() && args.gallery.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        return Err(Failure::plain(format!("{}: there is something already", args.gallery.display())));
    }
    let mut builder = builder(&args.key, true)?;
    if let Some(model) = &args.face_model {
        builder = builder.face_model(face_model(model)?);
    }
    if let Some(path) = &args.face_calibration {
        let bytes = sample::bytes(path, &Limits::default())?;
        builder = builder.face_calibration(CosineCalibration::decode(&bytes).map_err(|e| Failure::at(path, e))?);
    }
    builder.create(&args.gallery).map_err(|e| failed(&args.gallery, e))?;
    let path = args.gallery.display().to_string();
    Ok(Outcome::done(format!("made the gallery {path}\n"), json!({ "gallery": path })))
}

/// `NAME/VERSION/DIMENSION`
fn face_model(text: &str) -> Result<FaceModel, Failure> {
    let wrong = || Failure::plain("--face-model: NAME/VERSION/DIMENSION is needed, as in mobilefacenet/2/512");
    let mut parts = text.rsplitn(3, '/');
    let (dimension, version, name) = (parts.next(), parts.next(), parts.next());
    let dimension = dimension.and_then(|d| d.parse().ok()).ok_or_else(wrong)?;
    FaceModel::new(name.ok_or_else(wrong)?, version.ok_or_else(wrong)?, dimension)
        .map_err(|e| Failure::new("--face-model", e))
}

pub fn enroll(args: &EnrollArgs) -> Result<Outcome, Failure> {
    let (subject, samples) = read(args)?;
    let gallery = open(&args.gallery, &args.key)?;
    gallery.enroll(&subject, &samples).map_err(|e| failed(&args.gallery, e))?;
    told("enrolled", &subject, args.files.len(), gallery.len())
}

pub fn update(args: &EnrollArgs) -> Result<Outcome, Failure> {
    let (subject, samples) = read(args)?;
    let gallery = open(&args.gallery, &args.key)?;
    gallery.update(&subject, &samples).map_err(|e| failed(&args.gallery, e))?;
    told("updated", &subject, args.files.len(), gallery.len())
}

/// Files are read before a passphrase is asked for.
fn read(args: &EnrollArgs) -> Result<(SubjectId, Samples), Failure> {
    present(&args.gallery)?;
    let subject = subject(&args.subject)?;
    let mut samples = samples::read(&args.files, &args.samples)?;
    if let Some(text) = &args.metadata {
        samples = samples.metadata(text.clone().into_bytes());
    }
    Ok((subject, samples))
}

pub fn subject(name: &str) -> Result<SubjectId, Failure> {
    SubjectId::new(name).map_err(|e| Failure::new("the subject", e))
}

fn told(what: &str, subject: &SubjectId, files: usize, subjects: usize) -> Result<Outcome, Failure> {
    let text = format!("{what} {subject} with {files} files; the gallery has {subjects} subjects\n");
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
    let subjects = args.subjects.iter().map(|name| subject(name)).collect::<Result<Vec<_>, _>>()?;
    let gallery = open(&args.gallery, &args.key)?;
    let unknown: Vec<&SubjectId> = subjects
        .iter()
        .filter_map(|subject| match gallery.contains(subject) {
            Ok(true) => None,
            Ok(false) => Some(Ok(subject)),
            Err(e) => Some(Err(failed(&args.gallery, e))),
        })
        .collect::<Result<_, _>>()?;
    if let Some(first) = unknown.first() {
        return Err(Failure::plain(format!("{first}: no such subject; nothing was removed")));
    }
    let removed = if erase { gallery.erase(&subjects) } else { gallery.delete(&subjects) };
    let removed = removed.map_err(|e| failed(&args.gallery, e))?;
    let what = if erase { "erased" } else { "deleted" };
    let text = format!("{what} {removed} subjects; the gallery has {}\n", gallery.len());
    Ok(Outcome::done(text, json!({ "done": what, "removed": removed, "subjects": gallery.len() })))
}

pub fn rotate_keys(args: &RotateKeysArgs) -> Result<Outcome, Failure> {
    let gallery = open(&args.gallery, &args.key)?;
    let failed = |e| failed(&args.gallery, e);
    let mut done = Vec::new();
    if args.new.is_asked_for() {
        gallery.change_provider(key::new_provider(&args.new)?).map_err(failed)?;
        done.push("the passphrase or key was changed");
    }
    if !args.only_passphrase {
        gallery.rotate_keys().map_err(failed)?;
        done.push("the gallery has new master keys");
    }
    if done.is_empty() {
        return Err(Failure::plain(
            "--only-passphrase needs --new-passphrase-file, --new-passphrase or --new-key-file",
        ));
    }
    let text = format!("{}; old copies of the keyring still open old copies of the gallery\n", done.join("; "));
    Ok(Outcome::done(text, json!({ "done": done })))
}
