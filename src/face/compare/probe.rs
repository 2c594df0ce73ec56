//! An embedding on either side of a comparison.

use std::sync::atomic::{AtomicU64, Ordering};

use super::form::Forms;
use super::query::{ByteQuery, bit_levels};
use crate::face::embedding::Embedding;
use crate::simd::panel::Bound;

/// An embedding used as a probe.
#[derive(Clone)]
pub struct FaceProbe {
    pub(super) embedding: Embedding,
    /// Probes with equal numbers are the same.
    pub(super) number: u64,
    pub(super) bytes: Option<ByteQuery>,
    /// Empty where no bits are scanned.
    pub(super) bits: Vec<u8>,
}

impl FaceProbe {
    pub(super) fn new(embedding: &Embedding, forms: Forms) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            embedding: embedding.clone(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            bytes: forms.bytes().then(|| ByteQuery::new(forms, embedding)),
            bits: if forms.bits() { bit_levels(embedding) } else { Vec::new() },
        }
    }

    pub(super) fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    pub(super) fn bound(&self) -> Option<Bound> {
        self.bytes.as_ref().map(|query| query.bound)
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
