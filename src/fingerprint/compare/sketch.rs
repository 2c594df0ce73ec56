//! Sketches: of each print the little that ranks it, for indexes whose references are in a file.
//!
//! A sketch holds the best minutiae of a print, each with its place, its direction, and one word of its descriptor: the middle cells of the two
//! sections that the coarse stage of a shortlist uses (`coarse`). Sketches are ranked as that stage ranks prints.

use super::descriptor::{PLANES, sections};
use super::packed::{FingerReference, PackedRef};
use super::params::{COARSE_SECTIONS, MAX_USED, POSITION_STEP, SKETCH_MINUTIAE, SKETCH_STEP};
use crate::modality::Segment;
use crate::simd::look_up::Points;

/// Steps of a stored position per step of a sketch.
const STEPS: u16 = (SKETCH_STEP / POSITION_STEP) as u16;
/// Doublings of the step that any print needs: positions have 16 bits, those of a sketch 8.
const MOST_DOUBLED: u8 = 8;
/// Words that hold positions, four each, and directions, eight each.
const PLACES: usize = SKETCH_MINUTIAE.div_ceil(4);
const DIRECTIONS: usize = SKETCH_MINUTIAE.div_ceil(8);

/// The sketch of a print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// The middle cells of the descriptors, best quality first.
    bits: [u64; SKETCH_MINUTIAE],
    /// Steps from the leftmost and from the uppermost minutia, and 256ths of a turn.
    marks: [[u8; SKETCH_MINUTIAE]; 3],
    /// Minutiae in use.
    used: u8,
    /// How often the step is doubled, so that the print fits.
    doubled: u8,
}

/// The positions and directions of a sketch as the kernels read them.
#[derive(Default)]
pub(super) struct Unfolded {
    x: [u64; PLACES],
    y: [u64; PLACES],
    direction: [u64; DIRECTIONS],
}

/// The middle cells of the coarse sections in one word.
pub(super) fn middle(bits: [u64; PLANES]) -> u64 {
    /// For each row of the circle but the first and the last one: its first cell in the middle, how many these are, and their first bit.
    const ROWS: [(u32, u32, u32); 6] = [(5, 4, 0), (11, 6, 4), (19, 6, 10), (27, 6, 16), (35, 6, 22), (43, 4, 28)];
    let middle = |section: u64| {
        ROWS.iter().fold(0, |out, &(first, count, bit)| out | (section >> first & ((1 << count) - 1)) << bit)
    };
    middle(bits[COARSE_SECTIONS[0]]) | middle(bits[COARSE_SECTIONS[1]]) << 32
}

impl Sketch {
    /// The sketch of a print.
    pub(crate) fn new(print: PackedRef<'_>) -> Self {
        let mut order = [u32::MAX; MAX_USED];
        let described = |&i: &usize| sections(print.planes(), print.len(), i) != [0; PLANES];
        let best: Vec<usize> = print.best_first(&mut order).filter(described).take(SKETCH_MINUTIAE).collect();
        let (x, y): (Vec<u16>, Vec<u16>) = (print.x().collect(), print.y().collect());
        let direction: Vec<u16> = print.direction().map(|brad| brad as u16).collect();
        let of = |list: &[u16], i: usize| list.get(i).copied().unwrap_or(0);
        let range = |list: &[u16]| {
            let held = best.iter().map(|&i| of(list, i));
            (held.clone().min().unwrap_or(0), held.max().unwrap_or(0))
        };
        let ((left, right), (upper, lower)) = (range(&x), range(&y));
        let extent = u32::from((right - left).max(lower - upper));
        let fits = |doubled: &u8| (extent + u32::from(STEPS << doubled) / 2) / u32::from(STEPS << doubled) <= 255;
        let doubled = (0..MOST_DOUBLED).find(fits).unwrap_or(MOST_DOUBLED);
        let mut sketch =
            Self { bits: [0; SKETCH_MINUTIAE], marks: [[0; SKETCH_MINUTIAE]; 3], used: best.len() as u8, doubled };
        let steps = |from: u16, to: u16| {
            let step = u32::from(STEPS << doubled);
            ((u32::from(to - from) + step / 2) / step) as u8
        };
        for (k, &i) in best.iter().enumerate() {
            sketch.bits[k] = middle(sections(print.planes(), print.len(), i));
            let [xs, ys, directions] = &mut sketch.marks;
            (xs[k], ys[k]) = (steps(left, of(&x, i)), steps(upper, of(&y, i)));
            directions[k] = (of(&direction, i) >> 8) as u8;
        }
        sketch
    }

    /// Appends the sketch: `used u8 | doubled u8 | x, y, direction u8, bits u64` of each minutia, little-endian.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.used, self.doubled]);
        for k in 0..usize::from(self.used) {
            out.extend(self.marks.map(|list| list[k]));
            out.extend_from_slice(&self.bits[k].to_le_bytes());
        }
    }

    /// The sketch that these bytes hold; `None` when they are not those of any.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[used, doubled], minutiae) = bytes.split_first_chunk()?;
        let (minutiae, []) = minutiae.as_chunks::<11>() else { return None };
        if minutiae.len() != usize::from(used) || minutiae.len() > SKETCH_MINUTIAE || doubled > MOST_DOUBLED {
            return None;
        }
        let mut sketch = Self { bits: [0; SKETCH_MINUTIAE], marks: [[0; SKETCH_MINUTIAE]; 3], used, doubled };
        for (k, [x, y, direction, bits @ ..]) in minutiae.iter().enumerate() {
            for (list, mark) in sketch.marks.iter_mut().zip([x, y, direction]) {
                list[k] = *mark;
            }
            sketch.bits[k] = u64::from_le_bytes(*bits);
        }
        Some(sketch)
    }

    /// The words of the minutiae.
    pub(super) fn bits(&self) -> &[u64] {
        self.bits.get(..usize::from(self.used)).unwrap_or_default()
    }

    /// Positions and directions, unfolded into `words`.
    pub(super) fn points<'a>(&self, words: &'a mut Unfolded) -> Points<'a> {
        let [x, y, direction] = &self.marks;
        for (words, places) in [(&mut words.x, x), (&mut words.y, y)] {
            for (word, four) in words.iter_mut().zip(places.as_chunks::<4>().0) {
                *word = four.iter().rev().fold(0, |word, place| word << 16 | u64::from(*place));
            }
        }
        for (word, eight) in words.direction.iter_mut().zip(direction.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*eight);
        }
        let step = SKETCH_STEP * f32::from(1_u16 << self.doubled);
        Points { x: &words.x, y: &words.y, direction: &words.direction, step }
    }
}

/// Sketches of many prints.
#[derive(Clone, Debug, Default)]
pub struct FingerSketches(Vec<Sketch>);

impl FingerSketches {
    /// The sketch of a row.
    pub(super) fn get(&self, row: usize) -> Option<&Sketch> {
        self.0.get(row)
    }

    /// Appends the sketch that these bytes hold; `None`, and as before, when they are not those of any.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Option<()> {
        self.0.push(Sketch::decode(bytes)?);
        Some(())
    }
}

impl Segment<FingerReference> for FingerSketches {
    fn push(&mut self, reference: FingerReference) {
        self.0.push(Sketch::new(reference.get()));
    }

    fn swap_remove(&mut self, row: usize) {
        if row < self.0.len() {
            self.0.swap_remove(row);
        }
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Sketch>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::compare::Finger;
    use crate::fingerprint::minutia::{Minutia, MinutiaKind};
    use crate::fingerprint::template::FingerTemplate;
    use crate::geometry::Angle;
    use crate::modality::{Rows, Sketched};
    use crate::simd::instruction_set::on_every_set;

    /// Minutiae all over a picture of this side.
    fn print(number: u32, count: u32, side: u32) -> FingerReference {
        let at = |i: u32| ((i * i * 7919 + number * 31 + i * 101) % side) as f32;
        let minutia = |i| Minutia {
            x: at(i),
            y: at(i + 500),
            direction: Angle::from_degrees(at(i + 9)),
            kind: MinutiaKind::Ending,
            quality: (i * 37 % 100) as u8,
        };
        FingerReference::new(&FingerTemplate::new(side, side, (0..count).map(minutia).collect()).unwrap())
    }

    #[test]
    fn a_sketch_has_the_best_minutiae_at_their_places() {
        for (count, side) in [(0, 300), (1, 300), (20, 300), (60, 300), (90, 500), (90, 900), (90, 12_000)] {
            let reference = print(3, count, side);
            let (sketch, print) = (Sketch::new(reference.get()), reference.get());
            let mut order = [0; MAX_USED];
            let described = |&i: &usize| sections(print.planes(), print.len(), i) != [0; PLANES];
            let best: Vec<usize> = print.best_first(&mut order).filter(described).take(SKETCH_MINUTIAE).collect();
            assert_eq!(sketch.bits().len(), best.len());
            let mut unfolded = Unfolded::default();
            let points = sketch.points(&mut unfolded);
            for (k, &i) in best.iter().enumerate() {
                assert_eq!(sketch.bits()[k], middle(sections(print.planes(), print.len(), i)));
                let (x, y, direction) = print.points().get(i);
                let (left, upper, turn) = points.get(k);
                let (left_0, upper_0, _) = points.get(0);
                let (x_0, y_0, _) = print.points().get(best[0]);
                assert_eq!(turn, direction);
                // Two positions, each to the nearest step.
                assert!(((left - left_0) - (x - x_0)).abs() <= points.step, "{side} {left} {x}");
                assert!(((upper - upper_0) - (y - y_0)).abs() <= points.step);
            }
            assert!(points.step == 2.0 || side > 500, "the usual step for usual prints");
        }
    }

    #[test]
    fn sketches_come_back_from_their_bytes() {
        for count in [0, 5, 32, 70] {
            let sketch = Sketch::new(print(1, count, 400).get());
            let mut bytes = Vec::new();
            sketch.encode(&mut bytes);
            assert_eq!(Sketch::decode(&bytes), Some(sketch));
            assert!(bytes.len() <= 2 + 11 * SKETCH_MINUTIAE);
            assert!((0..bytes.len()).all(|end| Sketch::decode(&bytes[..end]).is_none()));
            assert_eq!(Sketch::decode(&[&bytes[..], &[0]].concat()), None);
            let wrong = [bytes[0], MOST_DOUBLED + 1];
            assert_eq!(Sketch::decode(&[&wrong, &bytes[2..]].concat()), None);
        }
        assert_eq!(size_of::<Sketch>(), 360);
    }

    #[test]
    fn the_middle_is_32_cells_of_each_section() {
        let of = |w: usize, cell: u32| {
            let mut bits = [0; PLANES];
            bits[w] = 1_u64 << cell;
            middle(bits)
        };
        for (w, shift) in [(COARSE_SECTIONS[0], 0), (COARSE_SECTIONS[1], 32)] {
            let found = (0..52).fold(0, |all, cell| all | of(w, cell));
            assert_eq!(found, u64::from(u32::MAX) << shift);
            assert_eq!((0..52).filter(|&cell| of(w, cell) != 0).count(), 32);
            // The first row of the circle is its edge; the first and the last cell of the second one are, too.
            assert!((0..5).chain([9, 10]).all(|cell| of(w, cell) == 0) && of(w, 5) != 0 && of(w, 8) != 0);
        }
        assert_eq!(of(1, 20), 0);
    }

    #[test]
    fn a_print_ranks_itself_first_and_alike_on_every_set() {
        let (finger, mut sketches) = (Finger::default(), FingerSketches::default());
        let prints: Vec<FingerReference> = (0..40).map(|n| print(n, 10 + n, 400)).collect();
        prints.iter().for_each(|reference| sketches.push(reference.clone()));
        for (n, reference) in prints.iter().enumerate().skip(5) {
            let probe = crate::fingerprint::compare::FingerProbe::from(reference.clone());
            let mut ranks = [Vec::new()];
            finger.rank_sketches(&[&probe], &sketches, Rows::all(0..40), &mut Default::default(), &mut ranks);
            let best = ranks[0].iter().copied().fold(0.0, f32::max);
            assert!(ranks[0][n] == best, "{n}: {} of {best}", ranks[0][n]);
        }
        on_every_set(|set| {
            let sketch = prints.iter().map(|print| Sketch::new(print.get()));
            let mut found = Vec::new();
            let groups = [[std::array::from_fn(|k| Sketch::new(prints[k].get()).bits[3])]];
            sketch.for_each(|sketch| {
                let mut out = Vec::new();
                let set_of = (sketch.bits(), sketch.bits().len());
                crate::simd::nearest::nearest::<1, 1>(set, &groups, [0], set_of, u64::MAX, &mut out);
                found.extend(out);
            });
            found
        });
        sketches.swap_remove(0);
        sketches.swap_remove(99);
        assert_eq!((sketches.len(), sketches.get(0)), (39, Some(&Sketch::new(prints[39].get()))));
    }
}
