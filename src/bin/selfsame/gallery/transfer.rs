//! Templates out of a gallery in the clear, and back in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use selfsame::format::npy::NpyArray;
use selfsame::format::{TemplateFormat, encode_templates};
use selfsame::gallery::{BatchOptions, Exported, Samples};
use selfsame::{FingerPosition, SubjectId};
use serde_json::json;

use super::{failed, open, present, samples};
use crate::args::gallery::{ExportArgs, ImportArgs, position, position_name};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::{sample, write};

pub fn export(args: &ExportArgs) -> Result<Outcome, Failure> {
    if !args.in_the_clear {
        return Err(Failure::plain(
            "an export is readable by everybody who gets hold of it, and nobody can reset a finger: say --in-the-clear if that is meant",
        ));
    }
    let gallery = open(&args.gallery, &args.key)?;
    write::folder(&args.output)?;
    let mut problem = None;
    let save = |exported: Exported| -> Result<(), Failure> {
        let (subject, name, bytes) = match exported {
            Exported::Finger { subject, position, impression, template } => {
                let bytes = encode_templates(&[template], TemplateFormat::Iso19794_2);
                (subject, format!("{}_{impression}.iso", position_name(position)), bytes)
            }
            Exported::Face { subject, picture, embedding } => {
                let values = embedding.as_slice().to_vec();
                let bytes = NpyArray::from_floats(1, embedding.dimension(), values).map(|array| array.encode());
                (subject, format!("face_{picture}.npy"), bytes)
            }
            _ => return Ok(()),
        };
        let folder = args.output.join(folder_name(&subject));
        write::folder(&folder)?;
        let path = folder.join(name);
        write::file(&path, &bytes.map_err(|e| Failure::at(&path, e))?)
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
    let output = args.output.display();
    let text = format!("{count} templates lie IN THE CLEAR in {output}; ridge flow is not among them\n");
    Ok(Outcome::done(text, json!({ "exported": count, "folder": output.to_string() })))
}

pub fn import(args: &ImportArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let extractor = sample::extractor(&args.samples.extraction)?;
    let mut people: BTreeMap<SubjectId, Samples> = BTreeMap::new();
    for folder in entries(&args.folder)?.into_iter().filter(|path| path.is_dir()) {
        let subject = subject_of(&folder)?;
        for file in entries(&folder)? {
            let samples = people.remove(&subject).unwrap_or_default();
            let finger = finger_of(&file).unwrap_or(args.samples.position);
            people.insert(subject.clone(), samples::add(samples, &file, finger, &args.samples, &extractor)?);
        }
    }
    if people.is_empty() {
        return Err(Failure::plain(format!("{}: no folder of a subject", args.folder.display())));
    }
    let gallery = open(&args.gallery, &args.key)?;
    let mut options = BatchOptions::new();
    if args.skip_enrolled {
        options = options.skip_enrolled();
    }
    let count = gallery.enroll_batch(people, options).map_err(|e| failed(&args.gallery, e))?;
    let text = format!("imported {count} subjects; the gallery has {}\n", gallery.len());
    Ok(Outcome::done(text, json!({ "imported": count, "subjects": gallery.len() })))
}

/// What lies in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |e| Failure::new(format!("cannot read {}", folder.display()), e);
    let found = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths = found.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// A subject's name as the name of a folder: letters, digits, `-`, `_` and inner dots as they are, other bytes as `%2f`.
fn folder_name(subject: &SubjectId) -> String {
    let mut name = String::new();
    for (i, byte) in subject.as_str().bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || (byte == b'.' && i > 0) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02x}");
        }
    }
    name
}

fn subject_of(folder: &Path) -> Result<SubjectId, Failure> {
    let wrong = || Failure::plain(format!("{}: not the folder of a subject", folder.display()));
    let name = folder.file_name().and_then(|n| n.to_str()).ok_or_else(wrong)?;
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (code, after) = rest.split_at_checked(2).ok_or_else(wrong)?;
            let code = std::str::from_utf8(code).map_err(|_| wrong())?;
            bytes.push(u8::from_str_radix(code, 16).map_err(|_| wrong())?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    SubjectId::new(String::from_utf8(bytes).map_err(|_| wrong())?).map_err(|e| Failure::at(folder, e))
}

/// The finger of a file that an export wrote: `right-index_0.iso`.
fn finger_of(file: &Path) -> Option<FingerPosition> {
    let (finger, _) = file.file_stem()?.to_str()?.rsplit_once('_')?;
    position(finger).ok()
}
