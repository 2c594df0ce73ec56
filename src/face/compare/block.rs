//! Many embeddings of one dimension, row after row.

use std::fmt;
use std::ops::Range;

use super::FaceReference;
use crate::modality::Block;
use crate::simd::chunk::Chunk;

/// References of one dimension in one aligned allocation; the first one decides the dimension.
///
/// A row takes `4 * dimension` bytes, rounded up to whole cache lines. `Debug` shows counts only.
#[derive(Clone, Default)]
pub struct FaceBlock {
    dimension: usize,
    /// Chunks per row; 0 while no reference was ever pushed.
    width: usize,
    rows: usize,
    chunks: Vec<Chunk>,
}

impl FaceBlock {
    /// Dimension of the references, when there are any.
    #[must_use]
    pub fn dimension(&self) -> Option<usize> {
        (self.rows > 0).then_some(self.dimension)
    }

    /// Chunks per row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The chunks of rows, as many of them as there are.
    pub(super) fn row_chunks(&self, rows: Range<usize>) -> &[Chunk] {
        let end = rows.end.min(self.rows);
        let start = rows.start.min(end);
        self.chunks.get(start * self.width..end * self.width).unwrap_or_default()
    }
}

impl Block<FaceReference> for FaceBlock {
    /// Appends a reference. One of another dimension, which [`crate::Modality::check_block`] would have refused, becomes a
    /// row of zeros that resembles nobody.
    fn push(&mut self, reference: FaceReference) {
        let embedding = reference.embedding();
        if self.rows == 0 {
            self.dimension = embedding.dimension();
            self.width = embedding.chunks().len();
        }
        if embedding.dimension() == self.dimension {
            self.chunks.extend_from_slice(embedding.chunks());
        } else {
            self.chunks.resize(self.chunks.len() + self.width, Chunk::ZERO);
        }
        self.rows += 1;
    }

    fn swap_remove(&mut self, row: usize) {
        if row >= self.rows {
            return;
        }
        let last = (self.rows - 1) * self.width;
        if row + 1 < self.rows {
            self.chunks.copy_within(last.., row * self.width);
        }
        self.chunks.truncate(last);
        self.rows -= 1;
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.chunks.capacity() * size_of::<Chunk>()
    }
}

impl fmt::Debug for FaceBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceBlock")
            .field("dimension", &self.dimension)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}
