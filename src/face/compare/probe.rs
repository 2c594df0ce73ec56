//! An embedding on either side of a comparison.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::form::Form;
use super::query::{ByteQuery, bit_levels};
use crate::face::embedding::Embedding;

/// An embedding used as a probe.
#[derive(Clone)]
pub struct FaceProbe {
    pub(super) embedding: Embedding,
    /// Probes with equal numbers are the same.
    pub(super) number: u64,
    /// The form of the rows that it was prepared for.
    pub(super) rows: Form,
    // Made when they are first asked for.
    bytes: OnceLock<ByteQuery>,
    bits: OnceLock<Vec<u8>>,
}

impl FaceProbe {
    pub(super) fn new(embedding: &Embedding, rows: Form) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            embedding: embedding.clone(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            rows,
            bytes: OnceLock::new(),
            bits: OnceLock::new(),
        }
    }

    pub(super) fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// The probe as bytes, with bounds of cosines with rows of its form.
    pub(super) fn bytes(&self) -> &ByteQuery {
        self.bytes.get_or_init(|| ByteQuery::new(self.rows, &self.embedding))
    }

    /// The probe in steps of a few bits.
    pub(super) fn bits(&self) -> &[u8] {
        self.bits.get_or_init(|| bit_levels(&self.embedding))
    }
}

impl std::fmt::Debug for FaceProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FaceProbe").field(&self.embedding).finish()
    }
}

/// An embedding used as a reference.
#[derive(Clone, Debug)]
pub struct FaceReference(pub(super) Embedding);
