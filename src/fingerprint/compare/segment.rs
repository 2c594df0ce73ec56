//! Many references stored for a scan.

use super::packed::{FingerReference, PackedRef};
use crate::modality::Segment;
use crate::simd::slab::Line;

/// A full list grows by one over this: less than the standard doubling, because memory limits a gallery's size.
const GROWTH: usize = 8;
/// At most one over this of the slab may be holes.
const HOLES: usize = 8;

/// Many references in rows, all in one slab of cache lines.
#[derive(Clone, Debug, Default)]
pub struct FingerSegment {
    slab: Vec<Line>,
    rows: Vec<Row>,
    /// Number of lines of the slab that no longer belong to a row.
    holes: usize,
}

/// Place of a print in the slab.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: usize,
    lines: u32,
    minutiae: u16,
}

impl FingerSegment {
    /// The print in row `row`.
    pub(crate) fn row(&self, row: usize) -> Option<PackedRef<'_>> {
        self.rows.get(row).and_then(|row| self.print(row))
    }

    fn print(&self, row: &Row) -> Option<PackedRef<'_>> {
        let lines = self.slab.get(row.start..row.start + row.lines as usize)?;
        Some(PackedRef::new(lines, usize::from(row.minutiae)))
    }

    /// Closes the holes.
    fn compact(&mut self) {
        let mut slab = Vec::with_capacity(self.slab.len() - self.holes);
        for row in &mut self.rows {
            let lines = &self.slab[row.start..row.start + row.lines as usize];
            row.start = slab.len();
            slab.extend_from_slice(lines);
        }
        self.slab = slab;
        self.holes = 0;
    }
}

fn make_room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / GROWTH));
    }
}

impl Segment<FingerReference> for FingerSegment {
    fn push(&mut self, reference: FingerReference) {
        let lines = reference.lines();
        make_room(&mut self.slab, lines.len());
        make_room(&mut self.rows, 1);
        // A print has at most 96 minutiae and a ridge flow of 2^32 cells, which are 2^26 lines.
        self.rows.push(Row { start: self.slab.len(), lines: lines.len() as u32, minutiae: reference.len() as u16 });
        self.slab.extend_from_slice(lines);
    }

    fn swap_remove(&mut self, row: usize) {
        if row >= self.rows.len() {
            return;
        }
        let removed = self.rows.swap_remove(row);
        self.holes += removed.lines as usize;
        if self.holes * HOLES > self.slab.len() {
            self.compact();
        }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn bytes(&self) -> usize {
        self.slab.capacity() * size_of::<Line>() + self.rows.capacity() * size_of::<Row>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::minutia::{Minutia, MinutiaKind};
    use crate::fingerprint::template::FingerTemplate;
    use crate::geometry::Angle;

    /// A different print for each number, of various lengths.
    fn numbered(number: u32) -> FingerReference {
        let at = |i: u32| ((i * i * 7 + number * 31) % 400) as f32;
        let minutiae = (0..number % 50).map(|i| Minutia {
            x: at(i),
            y: at(i + 5),
            direction: Angle::from_degrees(at(i + 9)),
            kind: MinutiaKind::Ending,
            quality: 50,
        });
        FingerReference::new(&FingerTemplate::new(400, 400, minutiae.collect()).unwrap())
    }

    #[test]
    fn any_order_of_removals_keeps_the_other_rows() {
        let prints: Vec<FingerReference> = (0..60).map(numbered).collect();
        let mut block = FingerSegment::default();
        let mut expected: Vec<&FingerReference> = Vec::new();
        for print in &prints {
            block.push(print.clone());
            expected.push(print);
        }
        let full = block.bytes();
        for step in 0..60 {
            let row = step * 7919 % expected.len();
            block.swap_remove(row);
            block.swap_remove(expected.len());
            expected.swap_remove(row);
            assert_eq!(block.len(), expected.len());
            assert_eq!((0..100).filter_map(|row| block.row(row)).count(), expected.len());
            for (print, expected) in (0..100).filter_map(|row| block.row(row)).zip(&expected) {
                assert_eq!(print.words(), expected.get().words());
                assert_eq!(print.words().as_ptr() as usize % 64, 0);
            }
        }
        assert!(block.bytes() < full / 2);
    }
}
