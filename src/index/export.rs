//! References out of an index.

use super::engine::Index;
use crate::modality::InTheClear;
use crate::subject::SubjectId;

impl<M: InTheClear> Index<M> {
    /// Hands out every reference in the clear, as it is stored: subjects in order of their names, the samples of each in the
    /// order in which they came with their labels; of faces the numbers as [`Form`](crate::face::compare::Form) keeps them, not
    /// scaled again. Whoever gets hold of them can look for these people in any other gallery of the model, and nobody can change
    /// a face. `sink` says whether to go on. Returns how many it was given.
    ///
    /// ```
    /// use selfsame::format::raw::{RawRows, encode_in_the_clear};
    /// use selfsame::index::Index;
    /// use selfsame::{Embedding, Face, SubjectId};
    /// let mut index = Index::<Face>::default();
    /// index.insert(SubjectId::new("ada")?, &Embedding::from_slice(&[0.125; 64])?)?;
    /// let mut bytes = Vec::new();
    /// index.export_in_the_clear(&mut |_subject, numbers, _label| {
    ///     bytes.extend(encode_in_the_clear(numbers));
    ///     true
    /// });
    /// assert_eq!(RawRows::new(&bytes, 64)?.rows(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export_in_the_clear(&self, sink: &mut dyn FnMut(&SubjectId, &[f32], u64) -> bool) -> usize {
        let mut slots: Vec<_> =
            self.subjects.slots().filter_map(|slot| Some((self.subjects.name(slot)?, slot))).collect();
        slots.sort_unstable();
        let mut given = 0;
        for (name, slot) in slots {
            for (shard, row) in self.subjects.rows(slot).iter().filter_map(|&row| self.place(row)) {
                let Some(numbers) = self.modality.read_row(&shard.segment, row) else { continue };
                given += 1;
                if !sink(name, &numbers, shard.label(row)) {
                    return given;
                }
            }
        }
        given
    }
}
