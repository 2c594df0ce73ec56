//! The report of `selfsame inspect` on records and files that contain images.

use std::fmt::Write as _;

use selfsame::format::an2k::{An2kFile, Record};
use selfsame::format::finger_image::{self, FingerImageRecord};
use selfsame::{FingerPosition, Limits};
use serde_json::{Value, json};

use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::inspect_pictures as pictures;
use crate::outcome::{Outcome, number, shown_path};

/// Describes a finger image record, an ANSI/NIST-ITL file or an image file; `None` when it is none of them.
pub fn describe(args: &InspectArgs, bytes: &[u8]) -> Result<Option<Outcome>, Failure> {
    let limits = Limits::default();
    let (record, file) = (bytes.starts_with(finger_image::MAGIC), An2kFile::detect(bytes));
    if !record && !file {
        return pictures::describe(args, bytes);
    }
    if args.svg.is_some() {
        return Err(Failure::usage(format!("{}: only templates can be drawn, not images", args.file.display())));
    }
    let (text, json) = if record {
        let record = FingerImageRecord::decode(bytes, &limits).map_err(|e| Failure::at(&args.file, e))?;
        of_record(&record)
    } else {
        let file = An2kFile::decode(bytes, &limits).map_err(|e| Failure::at(&args.file, e))?;
        of_file(&file)
    };
    Ok(Some(Outcome::done(format!("{}: {text}", shown_path(&args.file)), json)))
}

fn of_record(record: &FingerImageRecord) -> (String, Value) {
    let mut text = format!("finger image record ({:?}), {} images\n", record.edition, record.views.len());
    let mut images = Vec::new();
    for (index, view) in record.views.iter().enumerate() {
        let coding = record.coding(index).map_or("unknown coding".to_owned(), |coding| format!("{coding:?}"));
        let limits = Limits::default();
        let stated = record.ppi(index).ok();
        let image = record.image(index, &limits);
        let (ridges, ridges_json) = image.map_or_else(
            |e| (format!("not decoded: {e}"), Value::Null),
            |image| pictures::ridges(&image, stated, &limits),
        );
        let ppi = stated.map(|ppi| ppi.get());
        let finger = FingerPosition::from_code(view.position);
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "image {} of {}: impression type {}, quality {}, {} x {} pixels at {}, {coding}, {} bytes; {ridges}",
            view.number,
            finger.map_or(format!("position {}", view.position), |finger| format!("{finger:?}")),
            view.impression,
            view.quality,
            view.width,
            view.height,
            ppi.map_or("no usable resolution".to_owned(), |ppi| format!("{ppi:.1} ppi")),
            view.data.len()
        );
        images.push(json!({
            "position": view.position,
            "number": view.number,
            "impression": view.impression,
            "quality": view.quality,
            "width": view.width,
            "height": view.height,
            "ppi": ppi.map(number),
            "coding": coding,
            "bytes": view.data.len(),
            "ridges": ridges_json,
        }));
    }
    let edition = format!("{:?}", record.edition).to_lowercase();
    (text, json!({ "format": "finger image record", "edition": edition, "images": images }))
}

fn of_file(file: &An2kFile) -> (String, Value) {
    let mut text = format!("ANSI/NIST-ITL file, {} records\n", file.records().len());
    let mut records = Vec::new();
    for (index, record) in file.records().iter().enumerate() {
        let fields = match record {
            Record::Tagged(record) => Some(record.fields().len()),
            _ => None,
        };
        let minutiae = file.minutiae(index, &Limits::default()).ok();
        let minutiae = minutiae.and_then(|found| found.views.first().map(|view| view.minutiae.len()));
        let limits = Limits::default();
        let stated = file.ppi(index).ok();
        let ridges = file.image(index, &limits).ok().map(|image| pictures::ridges(&image, stated, &limits));
        let (ridges, ridges_json) = ridges.map_or((None, Value::Null), |(text, json)| (Some(text), json));
        let ppi = stated.map(|ppi| ppi.get());
        let finger = file.position(index);
        let _ = write!(text, "Type-{}", record.kind());
        let _ = fields.map(|fields| write!(text, ", {fields} fields"));
        let _ = finger.map(|finger| write!(text, ", image of {finger:?}"));
        let _ = ppi.map(|ppi| write!(text, " at {ppi:.1} ppi"));
        let _ = ridges.map(|ridges| write!(text, "; {ridges}"));
        let _ = minutiae.map(|minutiae| write!(text, ", {minutiae} minutiae"));
        text.push('\n');
        records.push(json!({
            "type": record.kind(),
            "fields": fields,
            "position": finger.map(|finger| finger.code()),
            "ppi": ppi.map(number),
            "ridges": ridges_json,
            "minutiae": minutiae,
        }));
    }
    (text, json!({ "format": "ansi/nist-itl", "records": records }))
}
