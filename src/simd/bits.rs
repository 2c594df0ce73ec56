//! Loops over lines of bitmaps, 64 pixels to a word, and several words at once on machines that can.
//!
//! A pixel's surroundings are given as three lines: the one above, its own and the one below, each with an extra word
//! at either end.

/// Words per step; lines are padded to a multiple of it.
pub(crate) const WORDS: usize = 8;

/// The eight neighbors of the 64 pixels of word `i` (without the extra one), clockwise from north.
#[inline(always)]
fn neighbors(lines: [&[u64; WORDS + 2]; 3], i: usize) -> [u64; 8] {
    let west = |line: &[u64; WORDS + 2]| (line[i + 1] << 1) | (line[i] >> 63);
    let east = |line: &[u64; WORDS + 2]| (line[i + 1] >> 1) | (line[i + 2] << 63);
    let [above, here, below] = lines;
    [above[i + 1], east(above), east(here), east(below), below[i + 1], west(below), west(here), west(above)]
}

/// Sets each word of a line to `f` of its pixels' neighbors and its old value.
#[inline(always)]
fn each(lines: [&[u64]; 3], out: &mut [u64], f: impl Fn([u64; 8], u64) -> u64) {
    assert!(out.len().is_multiple_of(WORDS), "lines must be filled up");
    for (step, out) in out.as_chunks_mut::<WORDS>().0.iter_mut().enumerate() {
        let [Some(above), Some(here), Some(below)] = lines.map(|l| l[step * WORDS..].first_chunk()) else { return };
        for (i, out) in out.iter_mut().enumerate() {
            *out = f(neighbors([above, here, below], i), here[i + 1]);
        }
    }
}

every_set! {
    /// One sub-iteration of Guo and Hall's thinning for a line.
    fn thinned(lines: [&[u64]; 3], second: bool, out: &mut [u64]) {
        let side = if second { u64::MAX } else { 0 };
        each(lines, out, |[p2, p3, p4, p5, p6, p7, p8, p9], here| {
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
            let kept = (((p6 | p7 | !p9) & p8) & side) | (((p2 | p3 | !p5) & p4) & !side);
            here & !(exactly_one & between & !kept)
        });
    }

    /// Set pixels with two adjacent neighbors that share an edge with them.
    fn bent(lines: [&[u64]; 3], out: &mut [u64]) {
        each(lines, out, |[north, _, east, _, south, _, west, _], here| here & (north | south) & (east | west));
    }

    /// Set pixels with one neighbor or more than two.
    fn nodes(lines: [&[u64]; 3], out: &mut [u64]) {
        each(lines, out, |neighbors, here| {
            let (mut one, mut two, mut three) = (0u64, 0u64, 0u64);
            for n in neighbors {
                three |= two & n;
                two |= one & n;
                one |= n;
            }
            here & ((one & !two) | three)
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simd::instruction_set::on_every_set;

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_bits_of_the_scalar_form(
            steps in 1usize..4,
            cells in prop::collection::vec(any::<[u64; 3]>(), 3 * WORDS + 2),
            second: bool,
        ) {
            let input = &cells[..steps * WORDS + 2];
            let line = |k: usize| input.iter().map(|w| w[k]).collect::<Vec<u64>>();
            let lines = [line(0), line(1), line(2)];
            let lines = [&*lines[0], &*lines[1], &*lines[2]];
            let all = |set| {
                let mut out = vec![vec![0; steps * WORDS]; 3];
                thinned(set, lines, second, &mut out[0]);
                bent(set, lines, &mut out[1]);
                nodes(set, lines, &mut out[2]);
                out
            };
            on_every_set(all);
        }
    }
}
