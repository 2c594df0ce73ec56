//! Forms in which embeddings are stored.

use std::fmt;

use thiserror::Error;

/// Storage form of an embedding's components.
///
/// At 512 dimensions a row takes 2048, 1024, 520 or 64 bytes, and reading them is the cost of a search with one probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Form {
    /// One bit per component, its sign. It gives only a rough estimate of a cosine.
    Bit,
    /// Signed bytes with one scale per embedding. The error of a cosine is at most the row's quantization error, about
    /// 0.01.
    I8,
    /// Half precision. The error of a cosine is at most 0.0005, usually less than 0.00002.
    F16,
    /// Single precision: the given embedding at unit length.
    F32,
}

impl Form {
    /// Bytes per embedding of `dimension` components.
    ///
    /// ```
    /// use selfsame::face::compare::Form;
    /// assert_eq!([Form::F32, Form::F16, Form::I8, Form::Bit].map(|form| form.bytes(512)), [2048, 1024, 520, 64]);
    /// ```
    #[must_use]
    pub fn bytes(self, dimension: usize) -> usize {
        match self {
            // Rows of floats are padded to whole cache lines, narrower ones to whole steps of four bytes.
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

/// The error for a scan that is not narrower than the rows, or is of floats.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{scan} beside rows of {rows} save nothing: scans are of bytes or bits, and narrower than the rows")]
pub struct FormError {
    /// The form that scores are computed from.
    pub rows: Form,
    /// The rejected scan.
    pub scan: Form,
}

/// Forms in which rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forms {
    /// The form that scores are computed from.
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
