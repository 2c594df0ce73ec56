//! Errors of sealed bytes and keys. No message shows a key, a passphrase or sealed content.

use std::error::Error;
use std::io;

use thiserror::Error;

/// Why bytes could not be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The bytes are not what was sealed under this key for this place: they were changed, truncated, moved, or sealed
    /// under another key. Which of these it was is never revealed.
    #[error("not authentic: changed, moved, or sealed under another key")]
    NotAuthentic,
    /// The bytes are longer than the limit for sealing.
    #[error("{len} bytes are too many to seal at once, the limit is {max}")]
    TooLong {
        /// The length, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// The system cannot supply random bytes.
    #[error("the system cannot supply random bytes")]
    Random,
}

/// Why a [`super::KeyProvider`] could not wrap or unwrap a key, or could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The wrapped key was not wrapped with this key for this place, or was changed since.
    #[error("the key or passphrase does not open it: it is the wrong one, or the wrapped key was changed")]
    WrongKey,
    /// Bytes, a file or a variable do not contain a key or wrapped key of this kind.
    #[error("malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The wrapped key was written by a later version of this crate.
    #[error("this version of selfsame does not support wrapped keys of version {version}")]
    NewerVersion {
        /// The version found.
        version: u8,
    },
    /// Parameters of Argon2id are too weak to protect a passphrase or too expensive to try.
    #[error("Argon2id: {what} is {value}, but must be {floor} to {ceiling}")]
    OutOfBounds {
        /// The parameter: `"memory, KiB"`, `"passes"`, `"lanes"`.
        what: &'static str,
        /// The value found.
        value: u32,
        /// The least allowed.
        floor: u32,
        /// The most allowed.
        ceiling: u32,
    },
    /// Opening would cost more than the provider accepts: the wrapped key demands too much memory or work.
    #[error(
        "opening needs {memory_kib} KiB of memory in {passes} passes of Argon2id; the limits are {most_memory_kib} KiB and {most_work} KiB times \
         passes; if you trust the file, Passphrase::accept_cost_up_to allows more"
    )]
    TooExpensive {
        /// The memory demanded, in KiB.
        memory_kib: u32,
        /// The passes demanded.
        passes: u32,
        /// The most memory accepted, in KiB.
        most_memory_kib: u32,
        /// The most memory times passes accepted, in KiB.
        most_work: u64,
    },
    /// Others than the owner can access the key file.
    #[error(
        "others than the owner can access the key file (mode {mode:03o}): chmod 600 it, and treat the key as compromised"
    )]
    FileTooOpen {
        /// The permission bits of the file.
        mode: u32,
    },
    /// An environment variable is not set.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// The name of the variable.
        name: String,
    },
    /// The passphrase has no characters.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The passphrase is too short to resist guessing.
    #[error(
        "the passphrase has {characters} characters, at least {least} are needed; Passphrase::of_any_length accepts a shorter one"
    )]
    ShortPassphrase {
        /// Its length after normalization, in characters.
        characters: usize,
        /// The least length, in characters.
        least: usize,
    },
    /// The passphrase contains a character that is not allowed: it cannot be typed the same way on every system, or may
    /// change with a later Unicode.
    #[error("a passphrase must not contain {what} (character {place})")]
    PassphraseCharacter {
        /// The kind of character: `"a control character"`, `"an invisible character"`,
        /// `"an unassigned or private character"`.
        what: &'static str,
        /// The position of the character after normalization, counted from 1.
        place: usize,
    },
    /// Argon2id needs more memory than the system can supply.
    #[error("Argon2id needs {kib} KiB of memory, which the system cannot supply")]
    Memory {
        /// The memory needed, in KiB.
        kib: u32,
    },
    /// The system cannot supply random bytes.
    #[error("the system cannot supply random bytes")]
    Random,
    /// A key file could not be read or written.
    #[error("the key file could not be read or written")]
    Io(#[from] io::Error),
    /// The caller's key service or module failed.
    #[error("the key provider failed")]
    Provider(#[source] Box<dyn Error + Send + Sync>),
}

impl From<SealError> for KeyError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::NotAuthentic => Self::WrongKey,
            SealError::TooLong { .. } => Self::Malformed { what: "too long for a wrapped key" },
            SealError::Random => Self::Random,
        }
    }
}

/// Why a keyring could not be created, read, changed or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The bytes are longer than any keyring.
    #[error("a keyring has at most {max} bytes")]
    TooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// The bytes are not a keyring, or are truncated.
    #[error("not a keyring: {what} at offset {offset}")]
    Malformed {
        /// What is missing or wrong.
        what: &'static str,
        /// The offset, in bytes.
        offset: usize,
    },
    /// The keyring was written by a later version of this crate.
    #[error("this version of selfsame does not support keyrings of version {version}")]
    NewerVersion {
        /// The version found.
        version: u16,
    },
    /// The key opens the keyring, but something in it was changed.
    #[error("the keyring was changed: its authentication code does not match")]
    NotAuthentic,
    /// The provider refused or failed: [`KeyError::WrongKey`] for a wrong passphrase.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There are no more generations.
    #[error("all generations are used up")]
    NoMoreGenerations,
    /// The provider made a wrapped key too long for a keyring.
    #[error("a wrapped key of {len} bytes is too long, the limit is {max}")]
    WrappedTooLong {
        /// Its length, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
}

impl From<SealError> for KeyringError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::NotAuthentic => Self::NotAuthentic,
            other => Self::Key(other.into()),
        }
    }
}
