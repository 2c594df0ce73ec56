//! Thinning to lines one pixel wide (Guo and Hall 1989), 64 pixels at a time.

use super::params::THINNING_ROUNDS;
use crate::geometry::Bitmap;

/// The skeleton of a bitmap: 8-connected wherever the bitmap is, one pixel wide.
pub(super) fn thin(bits: &Bitmap) -> Bitmap {
    let mut bits = bits.clone();
    for _ in 0..THINNING_ROUNDS {
        let first = pass(&mut bits, false);
        let second = pass(&mut bits, true);
        if !first && !second {
            break;
        }
    }
    remove_corners(&mut bits);
    bits
}

/// The word with each bit replaced by its left (smaller x) neighbour.
fn from_left(row: &[u64], i: usize) -> u64 {
    (row[i] << 1) | if i > 0 { row[i - 1] >> 63 } else { 0 }
}

/// The word with each bit replaced by its right neighbour.
fn from_right(row: &[u64], i: usize) -> u64 {
    (row[i] >> 1) | if i + 1 < row.len() { row[i + 1] << 63 } else { 0 }
}

/// One parallel sub-iteration; whether a pixel was removed.
fn pass(bits: &mut Bitmap, second: bool) -> bool {
    let words = bits.width().div_ceil(64);
    let mut above = vec![0u64; words];
    let mut here = vec![0u64; words];
    let empty = vec![0u64; words];
    let mut changed = false;
    for y in 0..bits.height() {
        here.copy_from_slice(bits.row(y));
        let below = if y + 1 < bits.height() { bits.row(y + 1) } else { &empty };
        let mut line = here.clone();
        for (i, word) in line.iter_mut().enumerate() {
            if *word == 0 {
                continue;
            }
            let (p2, p6) = (above[i], below[i]);
            let (p9, p3) = (from_left(&above, i), from_right(&above, i));
            let (p8, p4) = (from_left(&here, i), from_right(&here, i));
            let (p7, p5) = (from_left(below, i), from_right(below, i));
            let removable = guo_hall([p2, p3, p4, p5, p6, p7, p8, p9], second) & *word;
            if removable != 0 {
                *word &= !removable;
                changed = true;
            }
        }
        std::mem::swap(&mut above, &mut here);
        bits.row_mut(y).copy_from_slice(&line);
    }
    changed
}

/// Guo and Hall's conditions for 64 pixels; neighbours clockwise from north, p2..p9.
fn guo_hall([p2, p3, p4, p5, p6, p7, p8, p9]: [u64; 8], second: bool) -> u64 {
    let transitions = [!p2 & (p3 | p4), !p4 & (p5 | p6), !p6 & (p7 | p8), !p8 & (p9 | p2)];
    let (mut odd, mut twice) = (0u64, 0u64);
    for t in transitions {
        twice |= odd & t;
        odd |= t;
    }
    let exactly_one = odd & !twice;
    let pairs_1 = [p9 | p2, p3 | p4, p5 | p6, p7 | p8];
    let pairs_2 = [p2 | p3, p4 | p5, p6 | p7, p8 | p9];
    let at_least_two = |p: [u64; 4]| (p[0] & p[1]) | (p[2] & p[3]) | ((p[0] | p[1]) & (p[2] | p[3]));
    let all = |p: [u64; 4]| p[0] & p[1] & p[2] & p[3];
    let between = at_least_two(pairs_1) & at_least_two(pairs_2) & !(all(pairs_1) & all(pairs_2));
    let side = if second { (p6 | p7 | !p9) & p8 } else { (p2 | p3 | !p5) & p4 };
    exactly_one & between & !side
}

/// Removes pixels that only fill a corner, one after the other, so that only forks have three neighbours.
fn remove_corners(bits: &mut Bitmap) {
    for y in 0..bits.height() {
        for i in 0..bits.row(y).len() {
            let mut rest = bits.row(y)[i];
            while rest != 0 {
                let x = i * 64 + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                if is_corner(neighbours(bits, x, y)) {
                    bits.set(x, y, false);
                }
            }
        }
    }
}

/// The 8 neighbours clockwise from north, bit 0 north.
pub(super) fn neighbours(bits: &Bitmap, x: usize, y: usize) -> u8 {
    const STEPS: [(isize, isize); 8] = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];
    let (x, y) = (x as isize, y as isize);
    STEPS.iter().enumerate().fold(0, |n, (i, &(dx, dy))| n | (u8::from(bits.get_signed(x + dx, y + dy)) << i))
}

/// Whether a pixel can go without cutting a line or shortening one: at least two set neighbours, all of them connected
/// with one another without it.
fn is_corner(n: u8) -> bool {
    let bit = |i: usize| (n >> (i % 8)) & 1 == 1;
    // Runs of 8-connected neighbours (Hilditch crossing number for 8-connectivity).
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

    /// Blobs and bars from a small generator, to test on many shapes.
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
            let thinned = thin(&bits);
            assert_eq!(components(&bits), components(&thinned), "seed {seed}");
            for (x, y) in thinned.ones() {
                assert!(bits.get(x, y));
                let square = thinned.get(x + 1, y) && thinned.get(x, y + 1) && thinned.get(x + 1, y + 1);
                assert!(!square, "seed {seed}: 2 x 2 block at {x}, {y}");
            }
        }
    }

    #[test]
    fn a_bar_becomes_a_line() {
        let bar = Bitmap::from_fn(200, 40, |x, y| (10..190).contains(&x) && (15..22).contains(&y));
        let line = thin(&bar);
        let ends = line.ones().filter(|&(x, y)| neighbours(&line, x, y).count_ones() == 1).count();
        let forks = line.ones().filter(|&(x, y)| neighbours(&line, x, y).count_ones() > 2).count();
        assert_eq!((ends, forks), (2, 0));
        assert!((165..=180).contains(&line.count()));
    }
}
