//! What can be wrong with protected templates.

use thiserror::Error;

use super::params::{LEAST_FACE_WORDS, MOST_FACE_WORDS, WORD};

/// Why a protected template cannot be made or compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProtectError {
    /// A length of a face's code that does not exist.
    #[error("the code of a face has a multiple of 64 bits, {least} to {most}, not {bits}", least = LEAST_FACE_WORDS * WORD, most = MOST_FACE_WORDS * WORD)]
    Bits {
        /// What was asked for.
        bits: usize,
    },
    /// An embedding of another model.
    #[error("the key is for embeddings of {expected} dimensions, not {dimension}")]
    Dimension {
        /// What the key is for.
        expected: usize,
        /// What was given.
        dimension: usize,
    },
    /// Codes of two keys: another gallery's or subject's, or one from before a renewal.
    #[error("the two codes were made with different keys or versions of one")]
    OtherKey,
    /// A stored code of a finger where a probe is wanted, which only the finger and the key make.
    #[error("a stored code of a finger is no probe: make one of the template and the key")]
    NotAProbe,
    /// Codes of two lengths.
    #[error("a code of {probe} bits cannot be compared with one of {reference}")]
    OtherLength {
        /// Length of the probe, or of the reference that is new.
        probe: usize,
        /// Length of what is already there.
        reference: usize,
    },
}

/// Why bytes are not a protected template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// They do not begin as one does.
    #[error("these bytes are not a protected template")]
    NotACode,
    /// Another form, from before or after a change of what codes are made of: it cannot be compared with those of today.
    #[error("this protected template is of form {found}, and this library makes and compares form {expected}")]
    Form {
        /// What is made and compared.
        expected: u8,
        /// What it is.
        found: u8,
    },
    /// A face where a finger is wanted, or the other way round.
    #[error("this protected template is of kind {found}, not {expected}")]
    Kind {
        /// What is wanted: 1 face, 2 finger.
        expected: u8,
        /// What it is.
        found: u8,
    },
    /// A number of bits that no code has.
    #[error("no code has {bits} bits")]
    Bits {
        /// What the header says.
        bits: usize,
    },
    /// Fewer or more bytes than the header says.
    #[error("the header says {expected} bytes, there are {found}")]
    Length {
        /// What the header says.
        expected: usize,
        /// What there is.
        found: usize,
    },
}
