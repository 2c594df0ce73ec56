//! Commands that keep a gallery small: compaction, and the end of old entries of the log.

use std::fmt::Write as _;
use std::path::Path;

use selfsame::gallery::{LogArchive, LogQuery};
use serde_json::json;

use super::event::hex;
use super::key;
use super::log::Shown;
use super::open::{builder_of, close, failed, open, outside, present};
use crate::args::gallery::{CompactArgs, ReadArchiveArgs, RetireLogArgs};
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, counted, shown_path};
use crate::{stdio, write};

pub fn compact(args: &CompactArgs) -> Result<Outcome, Failure> {
    let gallery = open(&args.gallery, &args.key)?;
    let freed = gallery.compact().map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let left = gallery.info().record_bytes;
    let text = match freed {
        0 => format!("nothing to free; the records take {left} bytes\n"),
        freed => format!("freed {freed} bytes; the records take {left}\n"),
    };
    Ok(Outcome::done(text, json!({ "freed": freed, "record_bytes": left })))
}

pub fn retire_log(args: &RetireLogArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    if let Some(path) = &args.archive {
        write::check(&[Some(path)], args.force.force)?;
        apart(path, args)?;
    }
    let provider = key::provider(&args.key, false)?;
    let gallery = builder_of(provider.clone(), &args.key)?;
    let gallery = gallery.open(&args.gallery).map_err(|e| failed(&args.gallery, e))?;
    let until = match (args.until, args.before) {
        (Some(number), _) => number,
        (None, Some(time)) => {
            let first = gallery.log(LogQuery::first(1).since(time)).map_err(|e| failed(&args.gallery, e))?;
            first.first().map_or(gallery.info().log_entries, |entry| entry.number)
        }
        (None, None) => return Err(Failure::usage("--before or --until is needed")),
    };
    let before = gallery.info().log_first;
    if until < before + 64 {
        close(&args.gallery, &gallery)?;
        let text = format!(
            "nothing was removed, and no archive written: the log begins at number {before}, and 64 entries leave it at a time\n"
        );
        return Ok(Outcome::done(text, json!({ "removed": 0, "archived": 0, "log_first": before })));
    }
    let mut archived = 0;
    if let Some(path) = &args.archive {
        let mut file = Vec::new();
        let archive = gallery.archive_log(until, &*provider, &mut file).map_err(|e| failed(&args.gallery, e))?;
        // The file is on the disk, and reads as it should, before anything is removed.
        write::durable(path, &file, args.force.force)?;
        let found = std::fs::read(path).map_err(|e| Failure::at(path, e))?;
        let read = LogArchive::read(&mut &found[..], &*provider, &mut |_| ()).map_err(|e| Failure::at(path, e))?;
        if read != archive {
            return Err(
                Failure::plain(format!("{}: it does not read as it was written", path.display())).of(Kind::Output)
            );
        }
        archived = archive.end - archive.first;
    }
    let first = gallery.retire_log(until).map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let kept = match &args.archive {
        Some(path) => format!("{archived} are in the archive {}", shown_path(path)),
        None => "no archive was written".to_owned(),
    };
    let text = format!(
        "{} removed from the log, which begins at number {first} now; {kept}\n",
        counted(first - before, "entry was", "entries were")
    );
    Ok(Outcome::done(text, json!({ "removed": first - before, "archived": archived, "log_first": first })))
}

/// Refuses an archive that is no file of its own: a pipe whose reader may go away, a file of the gallery, the key or the anchor.
fn apart(path: &Path, args: &RetireLogArgs) -> Result<(), Failure> {
    let refused = |why: &str| Err(Failure::usage(format!("--archive {}: {why}", path.display())));
    if stdio::is_dash(path) || path.metadata().is_ok_and(|found| !found.is_file()) {
        return refused("an archive is a file on a disk");
    }
    outside(&args.gallery, path)?;
    let real = |path: &Path| path.canonicalize().ok();
    let others = [&args.key.key_file, &args.key.passphrase_file, &args.key.anchor];
    let is_other =
        others.into_iter().flatten().any(|other| other == path || (real(other).is_some() && real(other) == real(path)));
    if is_other { refused("the command uses this file for something else") } else { Ok(()) }
}

pub fn read_archive(args: &ReadArchiveArgs) -> Result<Outcome, Failure> {
    let file = std::fs::File::open(&args.archive).map_err(|e| Failure::at(&args.archive, e))?;
    let provider = key::provider(&args.key, false)?;
    let mut shown = Shown::default();
    let mut input = std::io::BufReader::new(file);
    let (from, count) = (args.from, args.count.get());
    let archive = LogArchive::read(&mut input, &*provider, &mut |entry| {
        if entry.number >= from && shown.len() < count {
            shown.add(&entry);
        }
    })
    .map_err(|e| Failure::at(&args.archive, e))?;
    let LogArchive { gallery_id, first, end, first_root, root, .. } = archive;
    let mut text = shown.text;
    let _ = writeln!(
        text,
        "{} of {} entries, {first} up to {end}, of the gallery {}",
        shown.entries.len(),
        end - first,
        hex(&gallery_id)
    );
    let _ = writeln!(text, "root of the log before {}, at the end {}", hex(&first_root), hex(&root));
    let json = json!({
        "entries": shown.entries,
        "gallery_id": hex(&gallery_id),
        "first": first,
        "end": end,
        "first_root": hex(&first_root),
        "root": hex(&root),
    });
    Ok(Outcome::done(text, json))
}
