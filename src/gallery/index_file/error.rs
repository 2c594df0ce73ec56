//! Why a file of an index is refused.

use std::io;

use thiserror::Error;

use crate::gallery::seal::{KeyringError, SealError};

/// Why an index could not be written to a file or read from one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexFileError {
    /// The file could not be read or written.
    #[error("the file of the index: {0}")]
    Io(#[from] io::Error),
    /// The file is no file of an index.
    #[error("this is not the file of an index")]
    NotAnIndex,
    /// The file was written by another version.
    #[error("files of version {version} are not known to this version of selfsame")]
    OtherVersion {
        /// The version found.
        version: u16,
    },
    /// The keys could not be made or unlocked: another passphrase or key, or the file's head was changed.
    #[error(transparent)]
    Key(#[from] KeyringError),
    /// A part of the file is not what was written there: changed, moved, or taken from another file.
    #[error("part {frame} of the file was changed, moved, or taken from another file")]
    NotAuthentic {
        /// Which part, from 0.
        frame: u64,
    },
    /// The file ends before its end, or goes on behind it.
    #[error("the file is cut short or too long")]
    Length,
    /// The index that was written has other settings than the one that is read into.
    #[error("the file holds {held}; it is read as {asked}")]
    OtherSettings {
        /// What the file holds.
        held: String,
        /// What was asked for.
        asked: String,
    },
    /// The file opens, and holds what no index of this version writes.
    #[error("the file holds what no index writes: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// A subject of a part that was to be appended is in an earlier part.
    #[error("a subject is in an earlier part of the file")]
    Duplicate,
    /// A row is longer than a part of the file may be.
    #[error("a reference of {len} bytes is too long for a file")]
    RowTooLong {
        /// Its length, bytes.
        len: usize,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

impl From<SealError> for IndexFileError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::TooLong { len, .. } => Self::RowTooLong { len },
            _ => Self::Random,
        }
    }
}
