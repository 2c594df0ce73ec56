//! Forms in which embeddings are stored.

use std::fmt;

use thiserror::Error;

/// How the components of an embedding are stored.
///
/// At 512 dimensions a row takes 2048, 1024, 520 or 64 bytes, and reading that is what a search of one probe costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Form {
    /// One bit per component, its sign. What cosine it makes of two embeddings is a rough guess.
    Bit,
    /// Signed bytes with one scale per embedding. A cosine is off by at most the row's quantization error, about 0.01.
    I8,
    /// Half precision. A cosine is off by at most 0.0005, usually by less than 0.00002.
    F16,
    /// Single precision: the embedding as it was given, at unit length.
    F32,
}

impl Form {
    /// Bytes per embedding of a dimension.
    ///
    /// ```
    /// use selfsame::face::compare::Form;
    /// assert_eq!([Form::F32, Form::F16, Form::I8, Form::Bit].map(|form| form.bytes(512)), [2048, 1024, 520, 64]);
    /// ```
    #[must_use]
    pub fn bytes(self, dimension: usize) -> usize {
        match self {
            // Rows of floats are filled up to whole cache lines, narrower ones to whole steps of four bytes.
            Self::F32 => dimension.next_multiple_of(16) * 4,
            Self::F16 => dimension.next_multiple_of(16) * 2,
            Self::I8 => dimension.next_multiple_of(4) + 8,
            Self::Bit => dimension.next_multiple_of(32) / 8,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bit => "bits",
            Self::I8 => "bytes",
            Self::F16 => "half floats",
            Self::F32 => "floats",
        })
    }
}

/// A scan that would not be narrower than the rows, or one of floats.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{scan} beside rows of {rows} save nothing: scans are of bytes or bits, and narrower than the rows")]
pub struct FormError {
    /// What scores are computed from.
    pub rows: Form,
    /// What was asked for beside it.
    pub scan: Form,
}

/// In which forms rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forms {
    /// What scores are computed from.
    pub(super) rows: Form,
    pub(super) scan_bytes: bool,
    pub(super) scan_bits: bool,
}

impl Default for Forms {
    fn default() -> Self {
        Self { rows: Form::F32, scan_bytes: false, scan_bits: false }
    }
}

impl Forms {
    /// Whether there are bytes to scan.
    pub(super) fn bytes(self) -> bool {
        self.scan_bytes || self.rows == Form::I8
    }

    /// Whether there are bits to scan.
    pub(super) fn bits(self) -> bool {
        self.scan_bits || self.rows == Form::Bit
    }
}
