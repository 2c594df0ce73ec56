//! Export of templates from a gallery without encryption, and import.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use selfsame::format::npy::NpyArray;
use selfsame::format::{Lost, Record, TemplateFormat, encode};
use selfsame::gallery::{BatchOptions, Exported, Samples};
use selfsame::{FingerPosition, SubjectId};
use serde_json::json;

use super::open::{close, failed, open, present};
use super::samples;
use crate::args::gallery::{ExportArgs, ImportArgs};
use crate::args::values::{position, position_name};
use crate::failure::Failure;
use crate::folder::regular;
use crate::outcome::{Outcome, shown_path, subjects};
use crate::{batch, sample, write};

pub fn export(args: &ExportArgs) -> Result<Outcome, Failure> {
    if !args.in_the_clear {
        return Err(Failure::usage(
            "anyone who obtains an export can make fake fingers from it, and a finger cannot be reset: use --in-the-clear to confirm",
        ));
    }
    // A new folder ensures that nothing already there is mixed with the export, and that no link is followed and no one
    // else can read it.
    write::private_folder(&args.output)?;
    let gallery = open(&args.gallery, &args.key)?;
    let (mut problem, mut last, mut lost) = (None, None, BTreeSet::new());
    let mut save = |exported: Exported| -> Result<(), Failure> {
        let (subject, name, bytes) = match exported {
            Exported::Finger { subject, position, impression, template } => {
                let mut record = Record::from_templates(&[template]);
                record.views.iter_mut().for_each(|view| view.position = position);
                let (bytes, losses) = encode(&record, TemplateFormat::Iso2005);
                lost.extend(losses.iter().map(|(what, _)| what));
                (subject, format!("{}_{impression}.iso", position_name(position)), Ok(bytes))
            }
            Exported::Face { subject, picture, embedding } => {
                let values = embedding.as_slice().to_vec();
                let bytes = NpyArray::from_floats(1, embedding.dimension(), values).map(|array| array.encode());
                (subject, format!("face_{picture}.npy"), bytes)
            }
            _ => return Ok(()),
        };
        let folder = args.output.join(folder_name(&subject));
        if last.as_ref() != Some(&subject) {
            write::private_folder(&folder)?;
            if folder_name(&subject).starts_with(LONG) {
                write::private(&folder.join(NAME_FILE), subject.as_str().as_bytes())?;
            }
            last = Some(subject);
        }
        let path = folder.join(name);
        write::private(&path, &bytes.map_err(|e| Failure::at(&path, e))?)
    };
    let count = gallery.export_in_the_clear(&mut |exported| match save(exported) {
        Ok(()) => true,
        Err(e) => {
            problem = Some(e);
            false
        }
    });
    if let Some(problem) = problem {
        return Err(problem);
    }
    let count = count.map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let output = shown_path(&args.output);
    let lost: Vec<_> = lost.into_iter().map(Lost::name).collect();
    let mut text = format!("{count} templates are UNENCRYPTED in {output}\n");
    if !lost.is_empty() {
        let _ = writeln!(text, "their format cannot hold: {}", lost.join(", "));
    }
    let folder = args.output.display().to_string();
    Ok(Outcome::done(text, json!({ "exported": count, "folder": folder, "lost": lost })))
}

pub fn import(args: &ImportArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let extractor = sample::extractor(&args.samples.extraction)?;
    let mut people: BTreeMap<SubjectId, Samples> = BTreeMap::new();
    let mut files = Vec::new();
    for folder in entries(&args.folder)?.into_iter().filter(|path| path.is_dir()) {
        let subject = subject_of(&folder)?;
        if people.contains_key(&subject) {
            return Err(Failure::plain(format!("{}: a second folder of {subject}", folder.display())));
        }
        for file in entries(&folder)?.into_iter().filter(|file| file.file_name() != Some(NAME_FILE.as_ref())) {
            files.push((subject.clone(), file));
        }
        people.insert(subject, Samples::new());
    }
    if files.is_empty() {
        return Err(Failure::plain(format!("{}: contains no folder of a subject", args.folder.display())));
    }
    let name = |(_, file): &(SubjectId, PathBuf)| file.display().to_string();
    let batch = batch::each("reading", &files, args.batch.strict, name, |(_, file)| {
        let finger = finger_of(file).unwrap_or(args.samples.position);
        samples::of_file(regular(file)?, finger, &args.samples, &extractor, false)
    })?;
    // Somebody of whom no file is good is not enrolled.
    people.clear();
    for ((subject, _), found) in files.into_iter().zip(batch.each) {
        if let Some(found) = found {
            let samples = people.remove(&subject).unwrap_or_default();
            people.insert(subject, samples::add(samples, found));
        }
    }
    let left_out = batch.left_out;
    let gallery = open(&args.gallery, &args.key)?;
    let mut options = BatchOptions::new().import();
    if args.skip_enrolled {
        options = options.skip_enrolled();
    }
    let count = gallery.enroll_batch(people, options).map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let mut text = String::new();
    left_out.list(&mut text);
    let _ = writeln!(text, "imported {}; the gallery has {}", subjects(count), gallery.len());
    left_out.summary(&mut text, ": they were not enrolled");
    let mut json = json!({ "imported": count, "subjects": gallery.len() });
    left_out.tell(&mut json);
    Ok(Outcome::done(text, json).leaving_out(left_out.len()))
}

/// The entries of a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |e| Failure::new(format!("cannot read {}", folder.display()), e);
    let found = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths = found.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// Prefix of a folder whose subject's name is too long for a folder and is in a file inside it.
const LONG: &str = "%long-";
/// The file with the subject's full name.
const NAME_FILE: &str = "subject.txt";
/// Longest name of a folder, in bytes: less than the limit of file systems.
const LONGEST: usize = 200;

/// A subject's name as the name of a folder: letters, digits, `-`, `_` and inner dots unchanged, other bytes as `%2f`.
/// Names that would be too long are replaced by a hash, and stored in a file in the folder.
fn folder_name(subject: &SubjectId) -> String {
    let mut name = String::new();
    for (i, byte) in subject.as_str().bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || (byte == b'.' && i > 0) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02x}");
        }
    }
    if name.len() <= LONGEST {
        return name;
    }
    let hash = selfsame::gallery::log::leaf_hash(subject.as_str().as_bytes());
    hash.iter().fold(LONG.to_owned(), |name, byte| name + &format!("{byte:02x}"))
}

/// The subject of a folder. The name is accepted as it was written, or as an export writes it, and in no other form.
fn subject_of(folder: &Path) -> Result<SubjectId, Failure> {
    let wrong = || Failure::plain(format!("{}: not the folder of a subject", folder.display()));
    let name = folder.file_name().and_then(|n| n.to_str()).ok_or_else(wrong)?;
    if !name.contains('%') {
        return SubjectId::new(name).map_err(|e| Failure::at(folder, e));
    }
    let bytes = if name.starts_with(LONG) {
        sample::bytes(&folder.join(NAME_FILE), &selfsame::Limits::default())?
    } else {
        decoded(name).ok_or_else(wrong)?
    };
    // An export's encoding hides nothing, so every enrolled name can be restored.
    let subject = SubjectId::new_unrestricted(String::from_utf8(bytes).map_err(|_| wrong())?);
    let subject = subject.map_err(|e| Failure::at(folder, e))?;
    if folder_name(&subject) == name {
        return Ok(subject);
    }
    let right = folder_name(&subject);
    Err(Failure::plain(format!("{}: the folder of {subject} is called {right}, not {name}", folder.display())))
}

fn decoded(name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (code, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

/// The finger of a file written by an export: `right-index_0.iso`.
fn finger_of(file: &Path) -> Option<FingerPosition> {
    let (finger, _) = file.file_stem()?.to_str()?.rsplit_once('_')?;
    position(finger).ok()
}
