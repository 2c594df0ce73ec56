//! Thinning to lines one pixel wide (Guo and Hall 1989), 64 pixels at a time.

use super::params::THINNING_ROUNDS;
use crate::geometry::Bitmap;
use crate::simd::bits;
use crate::simd::instruction_set::InstructionSet;

/// The skeleton of a bitmap: one pixel wide, and 8-connected wherever the bitmap is.
pub(super) fn thin(mut bits: Bitmap) -> Bitmap {
    let mut lines = Lines::new(bits.width());
    // Number of the pass that last changed each line. A line stays unchanged when nothing near it has changed since the
    // previous pass of the same kind.
    let mut touched = vec![1; bits.height()];
    for round in 1..=THINNING_ROUNDS {
        let first = pass(&mut bits, &mut lines, &mut touched, 2 * round);
        let second = pass(&mut bits, &mut lines, &mut touched, 2 * round + 1);
        if !first && !second {
            break;
        }
    }
    remove_corners(&mut bits, &mut lines);
    bits
}

/// Three lines of a bitmap before the pass, each with an empty word at either end, and the new middle line. Lines are
/// padded to whole vectors of words.
struct Lines {
    ring: [Vec<u64>; 3],
    out: Vec<u64>,
}

impl Lines {
    fn new(width: usize) -> Self {
        let words = width.div_ceil(64).next_multiple_of(bits::WORDS);
        Self { ring: std::array::from_fn(|_| vec![0; words + 2]), out: vec![0; words] }
    }

    /// Puts a line of a bitmap, or an empty line beyond it, into its place in the ring.
    fn load(&mut self, bits: &Bitmap, y: usize) {
        let from = bits.row(y);
        let to = &mut self.ring[y % 3][1..];
        if from.is_empty() { to.fill(0) } else { to[..from.len()].copy_from_slice(from) }
    }

    /// Prepares the first line, with nothing above it.
    fn start(&mut self, bits: &Bitmap) {
        self.ring[2].fill(0);
        self.load(bits, 0);
    }

    /// Lines above, at and below `y`, and the line to write.
    fn round(&mut self, y: usize) -> ([&[u64]; 3], &mut [u64]) {
        let Self { ring, out } = self;
        ([&ring[(y + 2) % 3], &ring[y % 3], &ring[(y + 1) % 3]], out)
    }
}

/// One parallel sub-iteration, the second of its round when `number` is odd; returns whether a pixel was removed.
fn pass(bits: &mut Bitmap, lines: &mut Lines, touched: &mut [usize], number: usize) -> bool {
    let set = InstructionSet::best();
    let mut any = false;
    lines.start(bits);
    for y in 0..bits.height() {
        lines.load(bits, y + 1);
        let near = &touched[y.saturating_sub(1)..(y + 2).min(touched.len())];
        if near.iter().all(|t| t + 2 < number) {
            continue;
        }
        let (round, out) = lines.round(y);
        bits::thinned(set, round, number % 2 == 1, out);
        let row = bits.row_mut(y);
        let out = &out[..row.len()];
        if row != out {
            any = true;
            touched[y] = number;
            row.copy_from_slice(out);
        }
    }
    any
}

/// Removes pixels that only fill a corner, one after the other, so that only forks have three neighbors.
fn remove_corners(bits: &mut Bitmap, lines: &mut Lines) {
    let set = InstructionSet::best();
    lines.start(bits);
    for y in 0..bits.height() {
        // Candidates come from the original neighbors: removals add none.
        lines.load(bits, y + 1);
        let (round, candidates) = lines.round(y);
        bits::bent(set, round, candidates);
        for (i, &word) in candidates.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                let x = i * 64 + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                if is_corner(neighbors(bits, x, y)) {
                    bits.set(x, y, false);
                }
            }
        }
    }
}

/// Pixels of a skeleton that have one neighbor or more than two: ends and forks.
pub(super) fn nodes(bits: &Bitmap) -> Bitmap {
    let set = InstructionSet::best();
    let mut lines = Lines::new(bits.width());
    let mut out = Bitmap::new(bits.width(), bits.height());
    lines.start(bits);
    for y in 0..bits.height() {
        lines.load(bits, y + 1);
        let (round, found) = lines.round(y);
        bits::nodes(set, round, found);
        let row = out.row_mut(y);
        row.copy_from_slice(&found[..row.len()]);
    }
    out
}

/// The 8 neighbors clockwise from north, bit 0 north.
#[inline]
pub(super) fn neighbors(bits: &Bitmap, x: usize, y: usize) -> u8 {
    // West, the pixel itself and east as bits 0, 1 and 2.
    let (word, shift) = (x / 64, x % 64);
    let three = |row: &[u64]| {
        let at = |i: usize| row.get(i).copied().unwrap_or(0);
        let west = if shift > 0 { at(word) >> (shift - 1) } else { (at(word) << 1) | (at(word.wrapping_sub(1)) >> 63) };
        let east = if shift == 63 { at(word + 1) << 2 } else { 0 };
        ((west & 7) | (east & 4)) as u8
    };
    let above = y.checked_sub(1).map_or(0, |y| three(bits.row(y)));
    let (here, below) = (three(bits.row(y)), three(bits.row(y + 1)));
    let bit = |three: u8, from: u8, to: u8| ((three >> from) & 1) << to;
    bit(above, 1, 0)
        | bit(above, 2, 1)
        | bit(here, 2, 2)
        | bit(below, 2, 3)
        | bit(below, 1, 4)
        | bit(below, 0, 5)
        | bit(here, 0, 6)
        | bit(above, 0, 7)
}

/// Whether a pixel can be removed without cutting or shortening a line: it has at least two set neighbors, and they are
/// connected with one another without it. Two adjacent edge neighbors are set then: with only opposite ones there would
/// be two runs.
fn is_corner(n: u8) -> bool {
    let bit = |i: usize| (n >> (i % 8)) & 1 == 1;
    // Runs of 8-connected neighbors (Hilditch crossing number for 8-connectivity).
    let runs = [0, 2, 4, 6].iter().filter(|&&i| !bit(i) && (bit(i + 1) || bit(i + 2))).count();
    let edges = [0, 2, 4, 6].iter().filter(|&&i| bit(i)).count();
    runs == 1 && n.count_ones() >= 2 && edges >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(bits: &Bitmap) -> usize {
        let mut left = bits.clone();
        let mut count = 0;
        while let Some((x, y)) = { left.ones().next() } {
            count += 1;
            let mut stack = vec![(x, y)];
            left.set(x, y, false);
            while let Some((x, y)) = stack.pop() {
                for dy in -1..=1isize {
                    for dx in -1..=1isize {
                        let (nx, ny) = (x as isize + dx, y as isize + dy);
                        if left.get_signed(nx, ny) {
                            left.set(nx as usize, ny as usize, false);
                            stack.push((nx as usize, ny as usize));
                        }
                    }
                }
            }
        }
        count
    }

    /// Blobs and bars from a small generator, for tests on many shapes.
    fn shapes(seed: u32) -> Bitmap {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = |n: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % n
        };
        let bars: Vec<[f32; 5]> = (0..8)
            .map(|_| {
                [next(150) as f32, next(100) as f32, next(314) as f32 / 100.0, next(40) as f32, next(4) as f32 + 1.5]
            })
            .collect();
        Bitmap::from_fn(150, 100, |x, y| {
            bars.iter().any(|&[cx, cy, o, half, thick]| {
                let (dx, dy) = (x as f32 - cx, y as f32 - cy);
                (dx * o.cos() + dy * o.sin()).abs() <= half && (dx * o.sin() - dy * o.cos()).abs() <= thick
            })
        })
    }

    #[test]
    fn keeps_connection_and_is_one_pixel_wide() {
        for seed in 0..40 {
            let bits = shapes(seed);
            let thinned = thin(bits.clone());
            assert_eq!(components(&bits), components(&thinned), "seed {seed}");
            for (x, y) in thinned.ones() {
                assert!(bits.get(x, y));
                let square = thinned.get(x + 1, y) && thinned.get(x, y + 1) && thinned.get(x + 1, y + 1);
                assert!(!square, "seed {seed}: 2 x 2 block at {x}, {y}");
            }
        }
    }

    fn by_definition(bits: &Bitmap, x: usize, y: usize) -> u8 {
        const STEPS: [(isize, isize); 8] = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];
        let (x, y) = (x as isize, y as isize);
        STEPS.iter().enumerate().fold(0, |n, (i, &(dx, dy))| n | (u8::from(bits.get_signed(x + dx, y + dy)) << i))
    }

    #[test]
    fn neighbors_nodes_and_corners_are_those_of_the_definition() {
        for n in 0..=255u8 {
            let adjacent = [0, 2, 4, 6].iter().any(|&i| (n >> i) & (n >> ((i + 2) % 8)) & 1 == 1);
            assert!(!is_corner(n) || adjacent, "{n:08b}");
        }
        for seed in 0..10 {
            let bits = shapes(seed);
            let found = nodes(&bits);
            for (x, y) in (0..150 * 100).map(|i| (i % 150, i / 150)) {
                let n = by_definition(&bits, x, y);
                assert_eq!(neighbors(&bits, x, y), n);
                assert_eq!(found.get(x, y), bits.get(x, y) && (n.count_ones() == 1 || n.count_ones() > 2));
            }
        }
    }

    #[test]
    fn a_bar_becomes_a_line() {
        let bar = Bitmap::from_fn(200, 40, |x, y| (10..190).contains(&x) && (15..22).contains(&y));
        let line = thin(bar);
        let ends = line.ones().filter(|&(x, y)| neighbors(&line, x, y).count_ones() == 1).count();
        let forks = line.ones().filter(|&(x, y)| neighbors(&line, x, y).count_ones() > 2).count();
        assert_eq!((ends, forks), (2, 0));
        assert!((165..=180).contains(&line.count()));
    }
}
