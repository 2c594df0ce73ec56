//! Embeddings out of a gallery.

use super::snapshot::FaceSnapshot;
use crate::simd::chunk::{Chunk, as_floats};
use crate::subject::SubjectId;

impl FaceSnapshot {
    /// Hands out every embedding in the clear, as it is stored: subjects in order of their names, the embeddings of each in the
    /// order in which they came, numbers as [`Form`](super::Form) keeps them and not scaled again. Whoever gets hold of them can
    /// look for these people in any other gallery of the model, and nobody can change a face. `sink` says whether to go on; tells
    /// how many it was given.
    ///
    /// ```
    /// use selfsame::SubjectId;
    /// use selfsame::face::index::{FaceIndex, FaceModel};
    /// use selfsame::format::raw::{RawRows, encode_in_the_clear};
    /// let model = FaceModel::new("example", "1", 64)?;
    /// let index = FaceIndex::builder(model.clone()).build()?;
    /// index.insert(&SubjectId::new("ada")?, &[0.125; 64])?;
    /// let (mut names, mut bytes) = (Vec::new(), Vec::new());
    /// index.snapshot().export_in_the_clear(&mut |subject, embedding, _label| {
    ///     names.push(subject.clone());
    ///     bytes.extend(encode_in_the_clear(embedding));
    ///     true
    /// });
    /// // And back.
    /// let other = FaceIndex::builder(model).build()?;
    /// other.insert_raw(&names, &RawRows::new(&bytes, 64)?)?;
    /// assert!(other.contains(&SubjectId::new("ada")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export_in_the_clear(&self, sink: &mut dyn FnMut(&SubjectId, &[f32], u64) -> bool) -> usize {
        let state = &*self.state;
        let mut slots: Vec<_> = (0..state.slots()).filter_map(|slot| Some((state.name(slot)?, slot))).collect();
        slots.sort_unstable();
        let mut row = vec![Chunk::ZERO; state.layout.width()];
        let mut given = 0;
        for (name, slot) in slots {
            for &number in state.rows_of(slot) {
                let Some((segment, place)) = state.place(number) else { continue };
                segment.load(&state.layout, place, &mut row);
                given += 1;
                if !sink(name, as_floats(&row).get(..state.layout.dimension).unwrap_or_default(), segment.label(place))
                {
                    return given;
                }
            }
        }
        given
    }
}
