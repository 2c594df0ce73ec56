//! The report of a check of a gallery.

use std::fmt;

use super::params::LISTED_PROBLEMS;
use super::record::{Place, What};
use crate::fingerprint::position::FingerPosition;
use crate::subject::SubjectId;

/// What is wrong at one place in a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ProblemKind {
    /// A block of records is not what was written: it was changed, moved, removed or put back.
    Block,
    /// The file of records ends too early, or a length in it points beyond the file.
    CutShort,
    /// The record does not open: it was changed, moved, or belongs to another gallery.
    NotAuthentic,
    /// The subject lists a record that is missing or has another version.
    Removed,
    /// The subject's table of contents is missing.
    NoDirectory,
    /// The record opens but is not a template or embedding of this gallery.
    Unreadable,
    /// The numbers of subjects or records differ from those of the last commit.
    Count,
    /// The log was changed, truncated or put back.
    Log,
}

/// One problem, with its place as far as it is known. It includes the subject's name if that could be read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The subject.
    pub subject: Option<SubjectId>,
    /// The first bytes of the subject's keyed name, for when the name cannot be read.
    pub tag: Option<[u8; 4]>,
    /// The finger, for a finger's record.
    pub finger: Option<FingerPosition>,
    /// The number of the impression or picture.
    pub slot: Option<u16>,
    /// The offset in the file of records, in bytes.
    pub offset: Option<u64>,
    /// The number of the log's first bad entry.
    pub entry: Option<u64>,
}

/// The result of a check of a whole gallery.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{Gallery, ProblemKind};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CheckReport {
    /// The number of subjects whose records all opened.
    pub subjects: u64,
    /// The number of templates and embeddings that opened.
    pub records: u64,
    /// The number of valid entries in the log; 0 when the log was not read.
    pub log_entries: u64,
    /// The problems found; at most 1000 are listed.
    pub problems: Vec<Problem>,
    /// The number of problems not listed.
    pub unlisted: u64,
    /// Whether the log records the check. It does not when something is wrong or nothing may be written.
    pub logged: bool,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn add(&mut self, problem: Problem) {
        if self.problems.len() < LISTED_PROBLEMS { self.problems.push(problem) } else { self.unlisted += 1 }
    }
}

impl Problem {
    pub(super) fn new(kind: ProblemKind) -> Self {
        Self { kind, subject: None, tag: None, finger: None, slot: None, offset: None, entry: None }
    }

    pub(super) fn of(kind: ProblemKind, tag: &[u8; 32], subject: Option<&SubjectId>) -> Self {
        let tag = tag.first_chunk().copied();
        Self { tag, subject: subject.cloned(), ..Self::new(kind) }
    }

    pub(super) fn at(mut self, place: Place) -> Self {
        self.finger = place.finger();
        self.slot = (place.what != What::Directory).then_some(place.slot);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ProblemKind::Block => "a block of records was changed, moved, removed or put back",
            ProblemKind::CutShort => "the file of records is truncated",
            ProblemKind::NotAuthentic => "a record does not open: it was changed or moved",
            ProblemKind::Removed => "a record is missing or has another version",
            ProblemKind::NoDirectory => "the table of contents of a subject is missing",
            ProblemKind::Unreadable => "a record has a form that this version cannot read",
            ProblemKind::Count => "there are more or fewer subjects or records than at the last commit",
            ProblemKind::Log => "the log was changed, truncated or put back",
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
