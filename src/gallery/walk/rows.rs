//! Rows of the two indexes, in segments, before there is an index.

use std::collections::HashSet;

use crate::face::compare::Face;
use crate::fingerprint::compare::Finger;
use crate::gallery::people::Prepared;
use crate::index::Part;
use crate::modality::{Modality, Segment};
use crate::subject::SubjectId;

/// Segments of rows, of fingers and of faces.
pub(in crate::gallery) struct Rows {
    pub(in crate::gallery) fingers: Segments<Finger>,
    /// `None` in a gallery without a face model.
    pub(in crate::gallery) faces: Option<Segments<Face>>,
}

/// Segments of rows of one modality; all but the last may be expected to be full.
pub(in crate::gallery) struct Segments<M: Modality> {
    pub(in crate::gallery) modality: M,
    pub(in crate::gallery) parts: Vec<Part<M>>,
}

impl Rows {
    /// No rows, for indexes of these settings.
    pub(in crate::gallery) fn new(face: Option<Face>) -> Self {
        Self { fingers: Segments::new(Finger::default()), faces: face.map(Segments::new) }
    }

    /// The settings of the index of faces.
    pub(super) fn face(&self) -> Option<&Face> {
        self.faces.as_ref().map(|faces| &faces.modality)
    }

    /// No rows, for the same indexes.
    pub(super) fn another(&self) -> Self {
        Self::new(self.face().cloned())
    }

    /// Appends the samples of a subject, in their order. `None` when one does not fit, which the settings exclude.
    pub(super) fn put(&mut self, subject: &SubjectId, prepared: Vec<Prepared>) -> Option<()> {
        let (mut finger, mut face) = (0, 0);
        for one in prepared {
            match one {
                Prepared::Finger(reference, label) => {
                    self.fingers.push(subject, finger, reference, label)?;
                    finger += 1;
                }
                Prepared::Face(reference) => {
                    self.faces.as_mut()?.push(subject, face, reference, 0)?;
                    face += 1;
                }
            }
        }
        Some(())
    }

    /// Appends rows of the same indexes.
    pub(super) fn append(&mut self, other: Self) {
        self.fingers.parts.extend(other.fingers.parts);
        if let (Some(faces), Some(other)) = (&mut self.faces, other.faces) {
            faces.parts.extend(other.parts);
        }
    }

    /// Removes all rows of some subjects.
    pub(super) fn forget(&mut self, subjects: &HashSet<SubjectId>) {
        if !subjects.is_empty() {
            self.fingers.forget(subjects);
            self.faces.iter_mut().for_each(|faces| faces.forget(subjects));
        }
    }
}

impl<M: Modality> Segments<M> {
    fn new(modality: M) -> Self {
        Self { modality, parts: Vec::new() }
    }

    fn push(&mut self, subject: &SubjectId, sample: u32, reference: M::Reference, label: u64) -> Option<()> {
        if self.parts.last().is_none_or(|part| part.rows.len() >= M::SEGMENT_ROWS) {
            self.parts.push(Part { segment: self.modality.new_segment(), rows: Vec::new() });
        }
        let part = self.parts.last_mut()?;
        self.modality.check_segment(&part.segment, &reference).ok()?;
        part.segment.push(reference);
        part.rows.push((subject.clone(), sample, label));
        Some(())
    }

    fn forget(&mut self, subjects: &HashSet<SubjectId>) {
        for part in &mut self.parts {
            for row in (0..part.rows.len()).rev() {
                if part.rows.get(row).is_some_and(|(subject, ..)| subjects.contains(subject)) {
                    part.segment.swap_remove(row);
                    part.rows.swap_remove(row);
                }
            }
        }
    }
}
