//! Errors of protected templates.

use thiserror::Error;

use super::params::{LEAST_FACE_WORDS, MOST_FACE_WORDS, WORD};

/// Why a protected template cannot be made or compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProtectError {
    /// The length of a face's code is not supported.
    #[error("the code of a face has a multiple of 64 bits, {least} to {most}, not {bits}", least = LEAST_FACE_WORDS * WORD, most = MOST_FACE_WORDS * WORD)]
    Bits {
        /// The length asked for, in bits.
        bits: usize,
    },
    /// The embedding has another dimension than the key.
    #[error("the key is for embeddings of {expected} dimensions, not {dimension}")]
    Dimension {
        /// The dimension of the key.
        expected: usize,
        /// The dimension given.
        dimension: usize,
    },
    /// The codes were made with two keys: those of another gallery or subject, or from before a renewal.
    #[error("the two codes were made with different keys or key versions")]
    OtherKey,
    /// A stored code of a finger was given as a probe, which can be made only from the finger and the key.
    #[error("a stored code of a finger is not a probe: make one from the template and the key")]
    NotAProbe,
    /// The codes have two lengths.
    #[error("a code of {probe} bits cannot be compared with one of {reference}")]
    OtherLength {
        /// The length of the probe or of the new reference, in bits.
        probe: usize,
        /// The length of the existing reference, in bits.
        reference: usize,
    },
}

/// Why bytes are not a protected template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The signature is missing.
    #[error("these bytes are not a protected template")]
    NotACode,
    /// The code has another form, from before or after a change in how codes are made, and cannot be compared with
    /// those of this version.
    #[error("this protected template is of form {found}, but this library makes and compares form {expected}")]
    Form {
        /// The form this version makes and compares.
        expected: u8,
        /// The form found.
        found: u8,
    },
    /// The code is of a face where a finger is expected, or the reverse.
    #[error("this protected template is of kind {found}, not {expected}")]
    Kind {
        /// The kind expected: 1 face, 2 finger.
        expected: u8,
        /// The kind found.
        found: u8,
    },
    /// No code has this number of bits.
    #[error("no code has {bits} bits")]
    Bits {
        /// The number of bits in the header.
        bits: usize,
    },
    /// There are fewer or more bytes than the header states.
    #[error("the header states {expected} bytes, but there are {found}")]
    Length {
        /// The number of bytes the header states.
        expected: usize,
        /// The number of bytes found.
        found: usize,
    },
}
