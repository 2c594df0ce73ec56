//! What can go wrong with sealed bytes and keys. No message shows a key, a passphrase or what was sealed.

use std::error::Error;
use std::io;

use thiserror::Error;

/// Why bytes could not be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The bytes are not what was sealed under this key for this place: changed, cut, moved, or sealed under another key.
    /// Which of these it was is never told.
    #[error("not authentic: changed, moved, or sealed under another key")]
    NotAuthentic,
    /// Longer than anything that is sealed.
    #[error("{len} bytes are too many to seal at once, the limit is {max}")]
    TooLong {
        /// The length, bytes.
        len: usize,
        /// The limit, bytes.
        max: usize,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// Why a [`super::KeyProvider`] could not wrap or unwrap a key, or could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The wrapped key was not wrapped with this key for this place, or was changed since.
    #[error("the key or passphrase does not open it: it is another one, or what it should open was changed")]
    WrongKey,
    /// Bytes, a file or a variable hold no key or wrapped key of this kind.
    #[error("malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// Written by a later version of this crate.
    #[error("wrapped keys of version {version} are not known to this version of selfsame")]
    NewerVersion {
        /// The version found.
        version: u8,
    },
    /// Parameters of Argon2id that are too weak to protect a passphrase or too expensive to try.
    #[error("Argon2id: {what} is {value}, allowed are {floor} to {ceiling}")]
    OutOfBounds {
        /// Which: `"memory, KiB"`, `"passes"`, `"lanes"`.
        what: &'static str,
        /// The value found.
        value: u32,
        /// The least allowed.
        floor: u32,
        /// The most allowed.
        ceiling: u32,
    },
    /// Opening would cost more than the provider accepts: what was wrapped asks for too much memory or work.
    #[error(
        "opening costs Argon2id {memory_kib} KiB of memory in {passes} passes, accepted are {most_memory_kib} KiB and {most_work} KiB times \
         passes; if it is to be trusted, Passphrase::accept_cost_up_to allows more"
    )]
    TooExpensive {
        /// The memory that is asked for, KiB.
        memory_kib: u32,
        /// The passes that are asked for.
        passes: u32,
        /// The most memory that is accepted, KiB.
        most_memory_kib: u32,
        /// The most memory times passes that is accepted, KiB.
        most_work: u64,
    },
    /// Others than the owner may read or write the key file.
    #[error(
        "the key file is open to others than its owner (mode {mode:03o}): chmod 600 it, and consider the key known"
    )]
    FileTooOpen {
        /// Permission bits of the file.
        mode: u32,
    },
    /// An environment variable is not set.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// Its name.
        name: String,
    },
    /// A passphrase of no characters.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A passphrase that is soon guessed.
    #[error(
        "the passphrase has {characters} characters, at least {least} are needed; Passphrase::of_any_length takes a shorter one"
    )]
    ShortPassphrase {
        /// Its length after normalization, characters.
        characters: usize,
        /// The least length, characters.
        least: usize,
    },
    /// A character that no passphrase holds: it cannot be typed alike on every system, or may change with a later Unicode.
    #[error("a passphrase must not hold {what}, as its character {place} is")]
    PassphraseCharacter {
        /// What kind of character it is: `"a control character"`, `"an invisible character"`, `"an unassigned or private character"`.
        what: &'static str,
        /// Which one it is after normalization, counted from 1.
        place: usize,
    },
    /// Argon2id needs more memory than the system gives.
    #[error("Argon2id needs {kib} KiB of memory, which the system does not give")]
    Memory {
        /// What is needed, KiB.
        kib: u32,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
    /// A key file could not be read or written.
    #[error("the key file could not be read or written")]
    Io(#[from] io::Error),
    /// A key service or module of the caller failed.
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

/// Why a keyring could not be made, read, changed or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// Longer than any keyring.
    #[error("a keyring has at most {max} bytes")]
    TooLong {
        /// The limit, bytes.
        max: usize,
    },
    /// Not a keyring, or cut short.
    #[error("not a keyring: {what} at offset {offset}")]
    Malformed {
        /// What is missing or wrong.
        what: &'static str,
        /// Where, bytes.
        offset: usize,
    },
    /// Written by a later version of this crate.
    #[error("keyrings of version {version} are not known to this version of selfsame")]
    NewerVersion {
        /// The version found.
        version: u16,
    },
    /// The key opens it, but something in it was changed.
    #[error("the keyring was changed: its authentication code does not fit")]
    NotAuthentic,
    /// The provider refused or failed: [`KeyError::WrongKey`] for a wrong passphrase.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There are no more generations.
    #[error("all generations are used up")]
    NoMoreGenerations,
    /// The provider made a wrapped key that is longer than a keyring takes.
    #[error("a wrapped key of {len} bytes is too long, the limit is {max}")]
    WrappedTooLong {
        /// Its length, bytes.
        len: usize,
        /// The limit, bytes.
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
