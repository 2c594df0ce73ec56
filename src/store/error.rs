//! Why a store fails.

use std::io;

use thiserror::Error;

/// Why a store could not be opened, read or changed. The texts hold no content.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or another part of this one, has it open.
    #[error("the store is open already")]
    Busy,
    /// There is something already where a new store should be made.
    #[error("there is a store already")]
    Exists,
    /// The file was written by a later version of the engine.
    #[error("the store was written in file format {version}, which this version does not know")]
    NewerVersion {
        /// The engine's format number.
        version: u8,
    },
    /// The file is damaged, or is no store.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The operating system refused: a full disk, a read-only folder, a broken device.
    #[error("the store's file could not be read or written")]
    Io(#[source] io::Error),
    /// An earlier error left the store in doubt: open it again.
    #[error("the store must be opened again after an earlier error")]
    Stopped,
    /// A value is longer than any that is ever stored.
    #[error("a stored value of {len} bytes is longer than the limit of {max}", max = super::MAX_VALUE)]
    TooLong {
        /// Its length, bytes.
        len: usize,
    },
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::Damaged(error.to_string()),
            _ => Self::Io(error),
        }
    }
}
