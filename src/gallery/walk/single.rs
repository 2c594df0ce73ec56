//! A subject opened by itself, by its last directory, from wherever its records are; what is wrong is told in full.

use std::sync::Arc;

use super::rows::Rows;
use super::subjects::Parts;
use crate::gallery::error::GalleryError;
use crate::gallery::journal::Tag;
use crate::gallery::people::{Entry, Kept, Prepared, Source, decode, prepared_of};
use crate::gallery::record::Place;
use crate::gallery::report::{Problem, ProblemKind};
use crate::gallery::seal::Opened;
use crate::subject::SubjectId;

/// A subject whose records all open, and what they add to the indexes if that is wanted.
type Sound = (SubjectId, Arc<Entry>, Vec<Prepared>);

/// Opens all records of one subject, or reports what is wrong with it. For `rows`, records are prepared.
pub(super) fn open_subject(
    source: &Arc<Source>,
    tag: &Tag,
    parts: &Parts,
    rows: Option<&Rows>,
) -> Result<Result<Sound, Vec<Problem>>, GalleryError> {
    let Some((version, located)) = parts.directory else {
        return Ok(Err(vec![Problem::of(ProblemKind::NoDirectory, tag, None)]));
    };
    let source = Arc::clone(source);
    let mut entry = Entry { uid: [0; 16], tag: *tag, source, version, directory: located, records: Vec::new() };
    let directory = match entry.open_directory() {
        Err(e @ GalleryError::Io(_)) => return Err(e),
        Ok(directory) if directory.version == version && entry.source.keys.tag(&directory.subject) == *tag => directory,
        _ => return Ok(Err(vec![Problem::of(ProblemKind::NotAuthentic, tag, None).at(Place::DIRECTORY)])),
    };
    entry.uid = directory.uid;
    let subject = directory.subject;
    let (mut problems, mut prepared, mut buffer) = (Vec::new(), Vec::new(), Opened::default());
    for (&place, &version) in &directory.records {
        let mut wrong = |kind| problems.push(Problem::of(kind, tag, Some(&subject)).at(place));
        let Some((_, located)) = parts.records.get(&place).filter(|(stored, _)| *stored == version) else {
            wrong(ProblemKind::Removed);
            continue;
        };
        let kept = Kept { place, version, located: *located };
        match entry.open_bytes(&kept, &mut buffer) {
            Err(e @ GalleryError::Io(_)) => return Err(e),
            Err(_) => wrong(ProblemKind::NotAuthentic),
            Ok(plaintext) => {
                let is_readable = match rows {
                    None => decode(place, plaintext).is_some(),
                    Some(rows) => {
                        let ready = prepared_of(place, plaintext, rows.face());
                        let is_readable = ready.is_some();
                        prepared.extend(ready);
                        is_readable
                    }
                };
                if !is_readable {
                    wrong(ProblemKind::Unreadable);
                }
            }
        }
        entry.records.push(kept);
    }
    if problems.is_empty() { Ok(Ok((subject, Arc::new(entry), prepared))) } else { Ok(Err(problems)) }
}
