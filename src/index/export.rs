//! Export of the references in an index.

use super::engine::Index;
use crate::modality::InTheClear;
use crate::subject::SubjectId;

impl<M: InTheClear> Index<M> {
    /// Passes every reference to `sink`, unencrypted and as it is stored: subjects in order of their names, and the
    /// samples of each in the order in which they were added, with their labels. For faces, the numbers are as
    /// [`Form`](crate::face::compare::Form) keeps them, not rescaled. Anyone who obtains them can search for these
    /// people in any other gallery of the same model, and a face cannot be changed. `sink` returns whether to continue.
    /// Returns the number of references passed.
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
