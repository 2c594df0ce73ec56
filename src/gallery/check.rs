//! Whether a gallery is what it must be, and if not, what is wrong and where.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use super::error::GalleryError;
use super::journal::{Located, LogFile, Operation, RecordsFile, State, Tag, operations};
use super::params::{LISTED_PROBLEMS, OPENED_AT_ONCE};
use super::people::{Entry, Kept, Prepared, Source, decode, prepare};
use super::record::{Directory, Place, What};
use crate::fingerprint::position::FingerPosition;
use crate::subject::SubjectId;

/// What is wrong somewhere in a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A block of records is not what was written there: changed, moved, removed, or put back.
    Block,
    /// The file of records ends before it must, or a length in it leads nowhere.
    CutShort,
    /// The record does not open: changed, moved from elsewhere, or of another gallery.
    NotAuthentic,
    /// The subject names a record that is not there, or is there in another version.
    Removed,
    /// The subject's table of contents is missing.
    NoDirectory,
    /// The record opens and is no template or embedding of this gallery.
    Unreadable,
    /// The numbers of subjects or records are not those of the last commit.
    Count,
    /// The log was changed, cut or put back.
    Log,
}

/// One problem, with its place as far as that is known. The subject's name is in it when it could be read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Whose.
    pub subject: Option<SubjectId>,
    /// First bytes of the subject's keyed name, for when the name cannot be read.
    pub tag: Option<[u8; 4]>,
    /// Which finger, of a finger's record.
    pub finger: Option<FingerPosition>,
    /// Which impression or picture.
    pub slot: Option<u16>,
    /// Where in the file of records, bytes.
    pub offset: Option<u64>,
    /// Number of the log's first bad entry.
    pub entry: Option<u64>,
}

/// What a check of a whole gallery found.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{Gallery, ProblemKind};
/// # use selfsame::seal::{RawKey, SecretKey};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let disk = MemoryDisk::new();
/// # drop(Gallery::builder(key.clone()).create_on(disk.clone())?);
/// assert!(Gallery::builder(key.clone()).check_on(disk.copy())?.is_sound());
/// let mut log = disk.get("log.1").unwrap_or_default();
/// log[36_900] ^= 1; // in the first entry
/// disk.put("log.1", log);
/// let report = Gallery::builder(key).check_on(disk)?;
/// assert_eq!((report.problems[0].kind, report.problems[0].entry), (ProblemKind::Log, Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Subjects whose records all opened.
    pub subjects: u64,
    /// Templates and embeddings that opened.
    pub records: u64,
    /// Entries of the log that fit; 0 when the log was not read.
    pub log_entries: u64,
    /// What is wrong; at most 1000 are listed.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub unlisted: u64,
    /// Whether the check itself stands in the log. It does not when something is wrong, or nothing may be written.
    pub logged: bool,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn add(&mut self, problem: Problem) {
        if self.problems.len() < LISTED_PROBLEMS { self.problems.push(problem) } else { self.unlisted += 1 }
    }
}

impl Problem {
    fn new(kind: ProblemKind) -> Self {
        Self { kind, subject: None, tag: None, finger: None, slot: None, offset: None, entry: None }
    }

    fn of(kind: ProblemKind, tag: &Tag, subject: Option<&SubjectId>) -> Self {
        let tag = tag.first_chunk().copied();
        Self { tag, subject: subject.cloned(), ..Self::new(kind) }
    }

    fn at(mut self, place: Place) -> Self {
        self.finger = place.finger();
        self.slot = (place.what != What::Directory).then_some(place.slot);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ProblemKind::Block => "a block of records was changed, moved, removed or put back",
            ProblemKind::CutShort => "the file of records is cut short",
            ProblemKind::NotAuthentic => "a record does not open: it was changed or moved",
            ProblemKind::Removed => "a record is missing or was put back in another version",
            ProblemKind::NoDirectory => "the table of contents of a subject is missing",
            ProblemKind::Unreadable => "a record is of no form that this version reads",
            ProblemKind::Count => "there are more or fewer subjects or records than at the last commit",
            ProblemKind::Log => "the log was changed, cut or put back",
        })?;
        match (&self.subject, self.tag) {
            (Some(subject), _) => write!(f, ", subject {subject}")?,
            (None, Some([a, b, c, d])) => write!(f, ", subject of keyed name {a:02x}{b:02x}{c:02x}{d:02x}..")?,
            (None, None) => {}
        }
        if let Some(slot) = self.slot {
            match self.finger {
                Some(finger) => write!(f, ", finger {} impression {slot}", finger.code())?,
                None => write!(f, ", face {slot}")?,
            }
        }
        if let Some(offset) = self.offset {
            write!(f, ", at byte {offset} of the file of records")?;
        }
        self.entry.map_or(Ok(()), |entry| write!(f, ", from entry {entry} on"))
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({self})")
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.problems.first() else {
            return write!(f, "nothing is wrong with {} records of {} subjects", self.records, self.subjects);
        };
        let more = self.unlisted.saturating_add(self.problems.len() as u64 - 1);
        write!(f, "{first}")?;
        if more > 0 { write!(f, " (and {more} more)") } else { Ok(()) }
    }
}

/// What is to be read.
pub(super) struct Walk<'a> {
    pub(super) records: &'a RecordsFile,
    pub(super) source: &'a Arc<Source>,
    pub(super) log: &'a LogFile,
    pub(super) state: &'a State,
    pub(super) whole_log: bool,
    /// Whether samples are made ready to be searched.
    pub(super) prepare: bool,
}

/// A subject whose records all opened.
pub(super) struct Sound {
    pub(super) subject: SubjectId,
    pub(super) entry: Arc<Entry>,
    pub(super) prepared: Vec<Prepared>,
}

/// What the blocks say of one subject.
#[derive(Default)]
struct Stored {
    directory: Option<(u64, Located)>,
    records: HashMap<Place, (u64, Located)>,
}

impl Walk<'_> {
    /// Reads and opens everything once, and shows the subjects of whom all is as it must be, in the order of the file. Nothing is written.
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

    /// What is stored of whom, as the last operations say.
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

    /// Opens all of one subject, or says what is wrong with it.
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
