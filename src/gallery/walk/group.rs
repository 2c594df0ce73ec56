//! The operations of one block: groups that are a whole subject are opened at once.

use std::sync::Arc;

use super::rows::Rows;
use crate::gallery::journal::{Block, Located, Operation, Tag, operations};
use crate::gallery::people::{Entry, Kept, Prepared, Source, decode, prepared_of};
use crate::gallery::record::{Directory, Place};
use crate::gallery::seal::Opened;
use crate::subject::SubjectId;

/// What a block says about a subject.
pub(super) enum Step {
    /// The subject has these records and no others; all of them open, and their rows are among those of the window.
    Whole(SubjectId, Arc<Entry>),
    Directory(Tag, u64, Located),
    Record(Tag, Place, u64, Located),
    Gone(Tag),
}

/// Appends the steps of a block, in its order. Returns whether all of it could be read.
pub(super) fn steps(
    source: &Arc<Source>,
    block: &Block<'_>,
    rows: &mut Option<Rows>,
    buffer: &mut Opened,
    steps: &mut Vec<Step>,
) -> bool {
    let mut is_readable = true;
    // Records of one subject that wait for its directory.
    let mut group: Vec<(Place, u64, Located, &[u8])> = Vec::new();
    let mut of: Option<Tag> = None;
    for operation in operations(block.at, block.body) {
        let Some(operation) = operation else {
            is_readable = false;
            break;
        };
        let (Operation::Directory { tag, .. } | Operation::Record { tag, .. } | Operation::Gone { tag }) = operation;
        if of != Some(tag) {
            give_up(of, &mut group, steps);
            of = Some(tag);
        }
        match operation {
            Operation::Record { place, version, sealed, located, .. } => group.push((place, version, located, sealed)),
            Operation::Gone { .. } => {
                give_up(of, &mut group, steps);
                steps.push(Step::Gone(tag));
            }
            Operation::Directory { version, sealed, located, .. } => {
                // A block whose code does not match is not trusted with anything: its subjects are opened by themselves.
                let opened = (block.fits && !group.is_empty())
                    .then(|| open(source, &tag, (version, located, sealed), &group, rows, buffer));
                match opened.flatten() {
                    Some((subject, entry)) => {
                        group.clear();
                        steps.push(Step::Whole(subject, Arc::new(entry)));
                    }
                    None => {
                        give_up(of, &mut group, steps);
                        steps.push(Step::Directory(tag, version, located));
                    }
                }
            }
        }
    }
    give_up(of, &mut group, steps);
    is_readable
}

/// The records of a group that is not a whole subject.
fn give_up(of: Option<Tag>, group: &mut Vec<(Place, u64, Located, &[u8])>, steps: &mut Vec<Step>) {
    let Some(tag) = of else { return };
    steps.extend(group.drain(..).map(|(place, version, located, _)| Step::Record(tag, place, version, located)));
}

/// Opens a group, if the directory lists just its records and all of them open.
fn open(
    source: &Arc<Source>,
    tag: &Tag,
    (version, located, sealed): (u64, Located, &[u8]),
    group: &[(Place, u64, Located, &[u8])],
    rows: &mut Option<Rows>,
    buffer: &mut Opened,
) -> Option<(SubjectId, Entry)> {
    let keys = &source.keys;
    let cipher = keys.cipher(tag);
    let directory = cipher.open(&keys.place(tag, Place::DIRECTORY, version), sealed, buffer).ok()?;
    let directory = Directory::decode(directory).filter(|d| d.version == version && d.records.len() == group.len())?;
    let mut records = Vec::with_capacity(group.len());
    let mut prepared: Vec<Prepared> = Vec::with_capacity(group.len());
    for (&place, &version) in &directory.records {
        let (.., located, sealed) = *group.iter().find(|(p, v, ..)| (*p, *v) == (place, version))?;
        let plaintext = cipher.open(&keys.place(tag, place, version), sealed, buffer).ok()?;
        match rows {
            Some(rows) => prepared.push(prepared_of(place, plaintext, rows.face())?),
            None => drop(decode(place, plaintext)?),
        }
        records.push(Kept { place, version, located });
    }
    if keys.tag(&directory.subject) != *tag {
        return None;
    }
    if let Some(rows) = rows {
        rows.put(&directory.subject, prepared)?;
    }
    let entry =
        Entry { uid: directory.uid, tag: *tag, source: Arc::clone(source), version, directory: located, records };
    Some((directory.subject, entry))
}
