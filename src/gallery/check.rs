//! Checks whether a gallery is intact and, if not, reports what is wrong and where.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::error::GalleryError;
use super::handle::Gallery;
use super::journal::{Located, LogFile, Operation, RecordsFile, State, Tag, operations};
use super::log::{EventKind, Outcome};
use super::params::OPENED_AT_ONCE;
use super::people::{Entry, Kept, Prepared, Source, decode, prepare};
use super::record::{Directory, Place};
use super::report::{CheckReport, Problem, ProblemKind};
use crate::subject::SubjectId;

/// What a check reads.
pub(super) struct Walk<'a> {
    pub(super) records: &'a RecordsFile,
    pub(super) source: &'a Arc<Source>,
    pub(super) log: &'a LogFile,
    pub(super) state: &'a State,
    pub(super) whole_log: bool,
    /// Whether to prepare samples for searches.
    pub(super) prepare: bool,
}

/// A subject whose records all opened.
pub(super) struct Sound {
    pub(super) subject: SubjectId,
    pub(super) entry: Arc<Entry>,
    pub(super) prepared: Vec<Prepared>,
}

/// The records that the blocks contain for one subject.
#[derive(Default)]
struct Stored {
    directory: Option<(u64, Located)>,
    records: HashMap<Place, (u64, Located)>,
}

impl Walk<'_> {
    /// Reads and opens everything once, and passes each intact subject to `visit`, in the order of the file. Nothing is
    /// written.
    pub(super) fn run(
        &self,
        visit: &mut dyn FnMut(Sound) -> Result<(), GalleryError>,
    ) -> Result<CheckReport, GalleryError> {
        let mut report = CheckReport::default();
        let stored = self.blocks(&mut report)?;
        let mut subjects = 0_u64;
        for people in stored.chunks(OPENED_AT_ONCE) {
            let opened: Vec<_> = people.par_iter().map(|(tag, stored)| self.open(tag, stored)).collect();
            for found in opened {
                subjects += 1;
                match found? {
                    Ok(sound) => {
                        report.subjects += 1;
                        report.records += sound.entry.records.len() as u64;
                        visit(sound)?;
                    }
                    Err(problems) => problems.into_iter().for_each(|problem| report.add(problem)),
                }
            }
        }
        let records = report.records == self.state.records || !report.is_sound();
        if subjects != self.state.subjects || !records {
            report.add(Problem::new(ProblemKind::Count));
        }
        if self.whole_log {
            self.walk_log(&mut report)?;
        }
        Ok(report)
    }

    /// The stored records of each subject, according to the last operations.
    fn blocks(&self, report: &mut CheckReport) -> Result<Vec<(Tag, Stored)>, GalleryError> {
        let mut people: HashMap<Tag, Stored> = HashMap::new();
        let whole = self.records.read(&mut |at, body, fits| {
            let mut readable = true;
            for operation in operations(at, body) {
                match operation {
                    Some(Operation::Directory { tag, version, located, .. }) => {
                        people.entry(tag).or_default().directory = Some((version, located));
                    }
                    Some(Operation::Record { tag, place, version, located, .. }) => {
                        people.entry(tag).or_default().records.insert(place, (version, located));
                    }
                    Some(Operation::Gone { tag }) => drop(people.remove(&tag)),
                    None => readable = false,
                }
            }
            if !fits || !readable {
                report.add(Problem { offset: Some(at), ..Problem::new(ProblemKind::Block) });
            }
        })?;
        if !whole {
            report.add(Problem::new(ProblemKind::CutShort));
        }
        let mut all: Vec<(Tag, Stored)> = people.into_iter().collect();
        all.sort_by_key(|(tag, stored)| (stored.directory.map(|(_, located)| located.at), *tag));
        Ok(all)
    }

    /// Opens all records of one subject, or reports what is wrong with it.
    fn open(&self, tag: &Tag, stored: &Stored) -> Result<Result<Sound, Vec<Problem>>, GalleryError> {
        let one = |problem| Ok(Err(vec![problem]));
        let Some((version, located)) = stored.directory else {
            return one(Problem::of(ProblemKind::NoDirectory, tag, None));
        };
        let mut entry = Entry {
            uid: [0; 16],
            tag: *tag,
            source: Arc::clone(self.source),
            version,
            directory: located,
            records: Vec::new(),
        };
        let directory: Directory = match entry.open_directory() {
            Err(e @ GalleryError::Io(_)) => return Err(e),
            Ok(directory) if directory.version == version && self.source.keys.tag(&directory.subject) == *tag => {
                directory
            }
            _ => return one(Problem::of(ProblemKind::NotAuthentic, tag, None).at(Place::DIRECTORY)),
        };
        entry.uid = directory.uid;
        let subject = directory.subject;
        let (mut problems, mut prepared) = (Vec::new(), Vec::new());
        for (&place, &version) in &directory.records {
            let mut wrong = |kind| problems.push(Problem::of(kind, tag, Some(&subject)).at(place));
            let Some((_, located)) = stored.records.get(&place).filter(|(stored, _)| *stored == version) else {
                wrong(ProblemKind::Removed);
                continue;
            };
            let kept = Kept { place, version, located: *located };
            let plaintext = match entry.open_bytes(&kept) {
                Err(e @ GalleryError::Io(_)) => return Err(e),
                Err(_) => {
                    wrong(ProblemKind::NotAuthentic);
                    continue;
                }
                Ok(plaintext) => plaintext,
            };
            match decode(place, &plaintext).map(|content| self.prepare.then(|| prepare(place, &content))) {
                None | Some(Some(None)) => wrong(ProblemKind::Unreadable),
                Some(ready) => prepared.extend(ready.flatten()),
            }
            entry.records.push(kept);
        }
        if problems.is_empty() {
            Ok(Ok(Sound { subject, entry: Arc::new(entry), prepared }))
        } else {
            Ok(Err(problems))
        }
    }

    fn walk_log(&self, report: &mut CheckReport) -> Result<(), GalleryError> {
        let walked = self.log.walk(self.state, &mut |frame| {
            if !frame.is_intent {
                report.log_entries += frame.events.len() as u64;
            }
            true
        })?;
        if let Err(number) = walked {
            report.add(Problem { entry: Some(number), ..Problem::new(ProblemKind::Log) });
        }
        Ok(())
    }
}

impl Gallery {
    /// Reads everything on the disk again, the whole log included, and reports what is wrong. Searches and changes
    /// continue meanwhile: the check covers the gallery as of the call. The log records the check.
    ///
    /// # Errors
    /// [`GalleryError`] when the files cannot be read.
    pub fn check(&self) -> Result<CheckReport, GalleryError> {
        self.check_until(&AtomicBool::new(false))
    }

    /// [`Gallery::check`], which ends with [`GalleryError::Canceled`] soon after `flag` becomes true: at the next 4,096 people, and before the log.
    ///
    /// # Errors
    /// As for [`Gallery::check`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn check_until(&self, flag: &AtomicBool) -> Result<CheckReport, GalleryError> {
        if self.shared.unlogged.is_none() {
            self.ledger().flush()?;
        }
        let (log, state, source) = {
            let writer = self.writer();
            let ledger = self.ledger();
            (ledger.log.reader(), ledger.state.clone(), Arc::clone(&writer.source))
        };
        let records = RecordsFile::at(Arc::clone(&source.file), Arc::clone(&source.keys), state.records_end);
        let walk =
            Walk { records: &records, source: &source, log: &log, state: &state, whole_log: true, prepare: false };
        let mut go_on = |_| if flag.load(Ordering::Relaxed) { Err(GalleryError::Canceled) } else { Ok(()) };
        let mut report = walk.run(&mut go_on)?;
        let outcome = if report.is_sound() { Outcome::Done } else { Outcome::Failed };
        self.record(self.event(EventKind::Check).outcome(outcome).count(report.problems.len()))?;
        report.logged = self.shared.unlogged.is_none();
        Ok(report)
    }
}
