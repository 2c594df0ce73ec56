//! Why a gallery refuses.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use thiserror::Error;

use super::anchor::AnchorError;
use super::report::CheckReport;
use super::seal::{KeyringError, SealError};
use crate::face::embedding::FaceError;
use crate::index::IndexError;

/// Why something with a [`Gallery`](super::Gallery) failed. Unless the text says otherwise nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GalleryError {
    /// There is something already where a gallery should be made.
    #[error("there is a gallery, or something else, already")]
    Exists,
    /// There is no gallery, or one that was never finished.
    #[error("there is no gallery: {what} is missing")]
    Missing {
        /// What is not there.
        what: &'static str,
    },
    /// The gallery was written by a later version of this crate.
    #[error("galleries of format {format} are not known to this version of selfsame")]
    NewerFormat {
        /// The format found.
        format: u16,
    },
    /// Another process, or another part of this one, has the gallery open. [`GalleryBuilder::wait`](super::GalleryBuilder::wait) waits for it.
    #[error("the gallery is open elsewhere")]
    Busy,
    /// The files could not be read or written. After a write that failed the gallery must be opened again; nothing that was acknowledged is lost.
    #[error("the gallery's files could not be read or written")]
    Io(#[from] io::Error),
    /// The files were changed, cut, mixed with others', or are damaged. Nothing was written to them.
    #[error("the gallery is damaged or was tampered with: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// Something was changed, moved, replaced, removed or added. [`GalleryBuilder::check`](super::GalleryBuilder::check) says what. Nothing was
    /// written.
    #[error("the gallery is damaged or was tampered with: {0}")]
    Tampered(Box<CheckReport>),
    /// The keyring cannot be opened: a wrong passphrase, a changed file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// It is another gallery than the caller, or the anchor, expects.
    #[error("this is gallery {found}, expected is {expected}", found = id_text(found), expected = id_text(expected))]
    OtherGallery {
        /// The id found.
        found: [u8; 16],
        /// The id expected.
        expected: [u8; 16],
    },
    /// The gallery is older than what its anchor remembers: somebody put back an old copy.
    #[error("the gallery was rolled back: its log has {found} entries, its anchor remembers {expected}")]
    RolledBack {
        /// Entries of the log.
        found: u64,
        /// Entries that the anchor remembers.
        expected: u64,
    },
    /// The gallery's log does not go on from what its anchor remembers: somebody put a fork of it in its place.
    #[error("the gallery is a fork: its log does not begin with the {expected} entries that its anchor remembers")]
    Forked {
        /// Entries that the anchor remembers.
        expected: u64,
    },
    /// The gallery has an anchor, and was opened without, or the one given remembers nothing.
    #[error("the gallery has an anchor, and {what}: give the right one, or say that it gets a new one")]
    AnchorMissing {
        /// What is missing.
        what: &'static str,
    },
    /// A new gallery, or one that gets a new anchor, was given one that remembers something.
    #[error("the anchor is in use: it remembers a gallery already")]
    AnchorInUse,
    /// The gallery was opened to be read.
    #[error("the gallery was opened to be read only")]
    ReadOnly,
    /// Too many attempts failed: the next is refused until some time has passed.
    #[error("too many attempts failed; the next is taken in {} s", wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))]
    Limited {
        /// How long.
        wait: Duration,
    },
    /// Nobody of this name is enrolled.
    #[error("no such subject")]
    UnknownSubject,
    /// The subject has no such sample.
    #[error("the subject has no such sample")]
    UnknownSample,
    /// It is the subject's last sample. [`Gallery::delete`](super::Gallery::delete) removes the subject.
    #[error("it is the subject's last sample; delete or erase the subject instead")]
    LastSample,
    /// The subject is enrolled already and must not be.
    #[error("the subject is enrolled already")]
    Enrolled,
    /// Nothing to enroll or to search for was given.
    #[error("no sample was given")]
    NoSample,
    /// More impressions of a finger, or pictures of a face, than a subject may have.
    #[error("a subject has at most {max} impressions of a finger or pictures of a face")]
    TooManyImpressions {
        /// The limit.
        max: usize,
    },
    /// More subjects than are removed at once.
    #[error("at most {max} subjects are removed at once")]
    TooManySubjects {
        /// The limit.
        max: usize,
    },
    /// The caller's metadata are too long.
    #[error("metadata of {len} bytes are too long, the limit is {max}")]
    MetadataTooLong {
        /// Their length, bytes.
        len: usize,
        /// The limit, bytes.
        max: usize,
    },
    /// The calibration of faces has too many points to be stored.
    #[error("a calibration of {len} bytes is too long to be stored, the limit is {max}; fewer points serve")]
    CalibrationTooLong {
        /// Its length, bytes.
        len: usize,
        /// The limit, bytes.
        max: usize,
    },
    /// A face was given, and the gallery was not told which model makes its embeddings.
    #[error("the gallery has no face model: say which when it is made")]
    NoFaceModel,
    /// A face was given to be judged, and what its cosines mean is not known.
    #[error("faces cannot be judged without a calibration of their model")]
    NoCalibration,
    /// Something is wrong with a face.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// A search for no candidates at all.
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
    /// A search without a threshold in a gallery that tells decisions only.
    #[error("the gallery tells decisions only: a search needs a threshold")]
    NoThreshold,
    /// Sealing failed: a record is too long, or the system has no random numbers.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The anchor could not be asked, or, after a change that stands, not be told.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The log has fewer entries.
    #[error("the log has {entries} entries, there is no number {number}")]
    NoSuchEntry {
        /// What was asked for.
        number: u64,
        /// What there are.
        entries: u64,
    },
    /// An entry of the log is not what was written there.
    #[error("the log was changed or is damaged from entry {number} on")]
    Log {
        /// The first that is wrong.
        number: u64,
    },
    /// An earlier failure left the gallery in doubt: open it again.
    #[error("the gallery must be opened again after an earlier failure")]
    Stopped,
}

/// An id as people compare it: 32 hexadecimal digits.
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
