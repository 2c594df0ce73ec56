//! Errors of a gallery.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use thiserror::Error;

use super::anchor::AnchorError;
use super::report::CheckReport;
use super::seal::{KeyringError, SealError};
use crate::face::embedding::FaceError;
use crate::index::IndexError;

/// Why an operation on a [`Gallery`](super::Gallery) failed. Unless stated otherwise, nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GalleryError {
    /// Something already exists where a gallery should be created.
    #[error("a gallery or something else already exists there")]
    Exists,
    /// There is no gallery, or its creation was never finished.
    #[error("there is no gallery: {what} is missing")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// The gallery was written by a later version of this crate.
    #[error("this version of selfsame does not support galleries of format {format}")]
    NewerFormat {
        /// The format found.
        format: u16,
    },
    /// The gallery is open in another process or elsewhere in this one.
    /// [`GalleryBuilder::wait`](super::GalleryBuilder::wait) waits for it.
    #[error("the gallery is open elsewhere")]
    Busy,
    /// The files could not be read or written. After a failed write the gallery must be opened again; no acknowledged
    /// change is lost.
    #[error("the gallery's files could not be read or written")]
    Io(#[from] io::Error),
    /// The files are damaged, or were changed, truncated or mixed with those of another gallery. Nothing was written to
    /// them.
    #[error("the gallery is damaged or was tampered with: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// A record was changed, moved, replaced, removed or added. [`GalleryBuilder::check`](super::GalleryBuilder::check)
    /// reports which. Nothing was written.
    #[error("the gallery is damaged or was tampered with: {0}")]
    Tampered(Box<CheckReport>),
    /// The keyring cannot be opened: the passphrase is wrong or the file was changed.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The gallery is not the one that the caller or the anchor expects.
    #[error("this is gallery {found}, not the expected {expected}", found = id_text(found), expected = id_text(expected))]
    OtherGallery {
        /// The id found.
        found: [u8; 16],
        /// The id expected.
        expected: [u8; 16],
    },
    /// The gallery is older than its anchor remembers: somebody restored an old copy.
    #[error("the gallery was rolled back: its log has {found} entries, its anchor remembers {expected}")]
    RolledBack {
        /// The number of entries in the log.
        found: u64,
        /// The number of entries that the anchor remembers.
        expected: u64,
    },
    /// The gallery's log does not extend what its anchor remembers: somebody replaced it with a fork.
    #[error("the gallery is a fork: its log does not begin with the {expected} entries that its anchor remembers")]
    Forked {
        /// The number of entries that the anchor remembers.
        expected: u64,
    },
    /// The gallery has an anchor, but was opened without it or with an empty one.
    #[error("the gallery has an anchor, and {what}: supply the right one, or request a new one")]
    AnchorMissing {
        /// What is missing.
        what: &'static str,
    },
    /// A gallery was created, or given a new anchor, with an anchor that is not empty.
    #[error("the anchor is in use: it already remembers a gallery")]
    AnchorInUse,
    /// The gallery is open read-only.
    #[error("the gallery was opened read-only")]
    ReadOnly,
    /// Too many attempts failed: the next is refused until some time has passed.
    #[error("too many attempts failed; the next is accepted in {} s", wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))]
    Limited {
        /// The time to wait.
        wait: Duration,
    },
    /// The subject is not enrolled.
    #[error("no such subject")]
    UnknownSubject,
    /// The subject has no such sample.
    #[error("the subject has no such sample")]
    UnknownSample,
    /// The sample is the subject's last. [`Gallery::delete`](super::Gallery::delete) removes the subject.
    #[error("this is the subject's last sample; delete or erase the subject instead")]
    LastSample,
    /// The subject is already enrolled and must not be.
    #[error("the subject is already enrolled")]
    Enrolled,
    /// No sample was given to enroll or to search for.
    #[error("no sample was given")]
    NoSample,
    /// The subject would have too many impressions of a finger, or pictures of a face.
    #[error("a subject has at most {max} impressions of a finger or pictures of a face")]
    TooManyImpressions {
        /// The limit.
        max: usize,
    },
    /// Too many subjects were given to remove at once.
    #[error("at most {max} subjects are removed at once")]
    TooManySubjects {
        /// The limit.
        max: usize,
    },
    /// The caller's metadata are too long.
    #[error("metadata of {len} bytes are too long, the limit is {max}")]
    MetadataTooLong {
        /// Their length, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// The calibration of faces has too many points to store.
    #[error("a calibration of {len} bytes is too long to be stored, the limit is {max}; use fewer points")]
    CalibrationTooLong {
        /// Its length, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// A face was given, but the gallery has no face model.
    #[error("the gallery has no face model: set one when creating or opening it")]
    NoFaceModel,
    /// A face was given to compare, but the gallery has no calibration of its cosines.
    #[error("faces cannot be compared without a calibration of their model")]
    NoCalibration,
    /// A face was refused.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// A search asked for no candidates.
    #[error("a search must ask for at least one candidate")]
    NoCandidates,
    /// The caller's flag canceled it. A batch keeps what it had committed.
    #[error("canceled")]
    Canceled,
    /// More samples than an index can number.
    #[error("the gallery is full: {records} samples of one kind")]
    Full {
        /// Samples that it holds.
        records: usize,
    },
    /// A search had no threshold in a gallery that reports only decisions.
    #[error("the gallery reports only decisions: a search needs a threshold")]
    NoThreshold,
    /// Sealing failed: a record is too long, or the system cannot supply random numbers.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The anchor could not be read, or could not be updated after a change that is kept.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The log has no entry of this number.
    #[error("the log has {entries} entries; there is no number {number}")]
    NoSuchEntry {
        /// The number asked for.
        number: u64,
        /// The number of entries in the log.
        entries: u64,
    },
    /// The entry was retired from the log, and so was what would prove anything of it.
    #[error("the log begins at entry {retired}; number {number} was retired")]
    Retired {
        /// The number asked for.
        number: u64,
        /// The number of the first entry.
        retired: u64,
    },
    /// An entry of the log is not what was written.
    #[error("the log was changed or is damaged from entry {number} on")]
    Log {
        /// The number of the first bad entry.
        number: u64,
    },
    /// An earlier failure left the gallery in an uncertain state: open it again.
    #[error("the gallery must be opened again after an earlier failure")]
    Stopped,
}

/// An id in its readable form: 32 hexadecimal digits.
pub(super) fn id_text(id: &[u8; 16]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<Infallible> for GalleryError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl<E: std::error::Error + Into<Self>> From<IndexError<E>> for GalleryError {
    fn from(error: IndexError<E>) -> Self {
        match error {
            IndexError::Modality(error) => error.into(),
            IndexError::NoCandidates => Self::NoCandidates,
            IndexError::Canceled => Self::Canceled,
            IndexError::Full { references } => Self::Full { records: references },
            // What a gallery asks of an index that it fills itself.
            _ => Self::Stopped,
        }
    }
}
