//! Commands that read a gallery.

use std::fmt::Write as _;

use selfsame::SubjectId;
use selfsame::gallery::Sample;
use serde_json::{Value, json};

use super::event::hex;
use super::open::{builder, close, failed, open_to_read, present, unlogged};
use crate::args::gallery::{ListArgs, OpenArgs};
use crate::args::values::position_name;
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, counted, subjects};

pub fn info(args: &OpenArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let gallery = open_to_read(&args.gallery, builder(&args.key, false)?, &args.read)?;
    close(&args.gallery, &gallery)?;
    let info = gallery.info();
    let model = info.face_model.as_ref().map(|m| format!("{}/{}/{}", m.name(), m.version(), m.dimension()));
    let mut text = format!("id {}\ngeneration {}\n", info.id_text(), info.generation);
    let _ = writeln!(text, "{}, {}", subjects(info.subjects), counted(info.records, "record", "records"));
    let dead = if info.dead_bytes > 0 {
        format!(", {} of them of what was replaced or removed", info.dead_bytes)
    } else {
        String::new()
    };
    let _ = writeln!(text, "{} bytes of records{dead}", info.record_bytes);
    if info.log_first > 0 {
        let _ = writeln!(text, "entries before {} were removed from the log", info.log_first);
    }
    let _ = writeln!(text, "{} entries of the log, root {}", info.log_entries, hex(&info.log_root));
    let _ = writeln!(text, "face model: {}", model.as_deref().unwrap_or("none"));
    let _ = writeln!(text, "anchor: {}", if info.anchored { "required" } else { "none" });
    let json = json!({
        "id": info.id_text(),
        "generation": info.generation,
        "subjects": info.subjects,
        "records": info.records,
        "record_bytes": info.record_bytes,
        "dead_bytes": info.dead_bytes,
        "log_entries": info.log_entries,
        "log_first": info.log_first,
        "log_root": hex(&info.log_root),
        "face_model": model,
        "anchored": info.anchored,
    });
    Ok(Outcome::done(text, json))
}

pub fn list(args: &ListArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let after = args.after.as_deref().map(SubjectId::new_unrestricted).transpose();
    let after = after.map_err(|e| Failure::new("--after", e).of(Kind::Usage))?;
    let gallery = open_to_read(&args.gallery, builder(&args.key, false)?, &args.read)?;
    let listed = gallery.subjects(after.as_ref(), args.count.get()).map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let mut text = String::new();
    let mut all = Vec::with_capacity(listed.len());
    for one in &listed {
        let samples: Vec<(String, u16)> = one.samples.iter().map(named).collect();
        let shown: Vec<String> = samples.iter().map(|(name, number)| format!("{name} {number}")).collect();
        let _ = writeln!(text, "{}  {}", one.subject, shown.join(", "));
        let samples: Vec<Value> =
            samples.into_iter().map(|(name, number)| json!({ "sample": name, "number": number })).collect();
        all.push(json!({ "subject": one.subject.as_str(), "samples": samples }));
    }
    let more = listed.len() == args.count.get();
    let last = listed.last().filter(|_| more).map(|one| one.subject.clone());
    let of = gallery.len();
    let _ = writeln!(text, "{} of {}", listed.len(), subjects(of));
    let json = json!({ "subjects": all, "of": of, "next": last.as_ref().map(SubjectId::as_str) });
    Ok(Outcome::done(text, json))
}

fn named(sample: &Sample) -> (String, u16) {
    match *sample {
        Sample::Finger { position, impression } => (position_name(position).to_owned(), impression),
        Sample::Face { picture } => ("face".to_owned(), picture),
    }
}

pub fn check(args: &OpenArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let builder = builder(&args.key, false)?;
    let report = match unlogged(&args.read)? {
        Some(unlogged) => builder.open_read_only(&args.gallery, unlogged).and_then(|gallery| gallery.check()),
        None => builder.check(&args.gallery),
    };
    let report = report.map_err(|e| failed(&args.gallery, e))?;
    let mut text = String::new();
    for problem in &report.problems {
        let _ = writeln!(text, "{problem}");
    }
    if report.unlisted > 0 {
        let _ = writeln!(text, "and {} more problems", report.unlisted);
    }
    let (sound, records, entries) = (report.subjects, report.records, report.log_entries);
    let verdict = if report.is_sound() { "nothing is wrong" } else { "THE GALLERY WAS TAMPERED WITH OR IS DAMAGED" };
    let _ = writeln!(
        text,
        "{verdict}: {}, {}, {} of the log",
        counted(sound, "sound subject", "sound subjects"),
        counted(records, "record", "records"),
        counted(entries, "entry", "entries")
    );
    if report.is_sound() && !report.logged {
        text.push_str("the check itself is not in the log, because nothing can be written there\n");
    }
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|p| {
            json!({
                "problem": format!("{:?}", p.kind),
                "subject": p.subject.as_ref().map(|s| s.as_str()),
                "finger": p.finger.map(|f| f.code()),
                "slot": p.slot,
                "offset": p.offset,
                "log_entry": p.entry,
                "text": p.to_string(),
            })
        })
        .collect();
    let json = json!({
        "sound": report.is_sound(),
        "subjects": sound,
        "records": records,
        "log_entries": entries,
        "problems": problems,
        "unlisted": report.unlisted,
        "logged": report.logged,
    });
    Ok(Outcome::decided(text, json, report.is_sound()))
}
