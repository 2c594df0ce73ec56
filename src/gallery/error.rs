//! Why a gallery refuses.

use thiserror::Error;

use super::anchor::AnchorError;
use super::check::CheckReport;
use crate::audit::LogError;
use crate::face::index::FaceIndexError;
use crate::seal::{KeyringError, SealError};
use crate::store::StoreError;

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
    /// The store's file cannot be read or written, is open elsewhere, or is damaged.
    #[error(transparent)]
    Store(StoreError),
    /// The keyring cannot be opened or written: a wrong passphrase, a changed file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Keys of the keyring and the store belong to two galleries, or the manifest was changed.
    #[error("the gallery was tampered with: its manifest is not authentic under the keys of its keyring")]
    Manifest,
    /// The gallery is older than what its anchor remembers: somebody put back an old copy.
    #[error("the gallery was rolled back: it stands at commit {found}, its anchor remembers {expected}")]
    RolledBack {
        /// Commits of the gallery.
        found: u64,
        /// Commits that the anchor remembers.
        expected: u64,
    },
    /// Something was changed, moved, replaced, removed or added. [`GalleryBuilder::check`](super::GalleryBuilder::check) says what.
    #[error("the gallery was tampered with: {0}")]
    Tampered(Box<CheckReport>),
    /// Nobody of this name is enrolled.
    #[error("no such subject")]
    UnknownSubject,
    /// The subject is enrolled already and must not be.
    #[error("the subject is enrolled already")]
    Enrolled,
    /// Nothing to enrol or to search for was given.
    #[error("no sample was given")]
    NoSample,
    /// More impressions of a finger, or pictures of a face, than a subject may have.
    #[error("a subject has at most {max} impressions of a finger or pictures of a face")]
    TooManyImpressions {
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
    /// A face was given, and the gallery was not told which model makes its embeddings.
    #[error("the gallery has no face model: say which when it is made")]
    NoFaceModel,
    /// A face was given to be judged, and what its cosines mean is not known.
    #[error("faces cannot be judged without a calibration of their model")]
    NoCalibration,
    /// Something is wrong with a face.
    #[error(transparent)]
    Face(#[from] FaceIndexError),
    /// A search for no candidates at all.
    #[error("a search must ask for at least one candidate")]
    NoCandidates,
    /// Sealing failed: a record is too long, or the system has no random numbers.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The anchor could not be asked, or, after a change that stands, not be told.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The log could not be written or read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An earlier failure left the gallery in doubt: open it again.
    #[error("the gallery must be opened again after an earlier failure")]
    Stopped,
}

impl From<StoreError> for GalleryError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stopped => Self::Stopped,
            StoreError::Exists => Self::Exists,
            other => Self::Store(other),
        }
    }
}
