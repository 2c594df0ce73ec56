//! The evidence that a finger's probe and a code come from one finger.
//!
//! Neighborhoods are paired by how many fewer bits they differ in than others of the same row and column; each pair
//! beyond the level of strangers adds the square of the excess. Everything is in whole numbers, so that the sum is the
//! same on every machine.

use super::params::{CALIBRATION, FINGER_WORDS, LEAST_BITS, NEIGHBORHOOD_BITS, NEIGHBORHOODS};
use crate::score::Score;
use crate::simd::wide::{Kernels, Task};

/// Units per bit in which evidence is counted: the sums over a row and a column have 32 terms each, and half of their
/// means counts.
const STEPS: i32 = 2 * NEIGHBORHOODS as i32;

/// A probe and a code.
pub(super) struct Sides<'a> {
    /// For each neighborhood of the probe, the words that a code would have with it in every slot.
    pub(super) probe: &'a [u64],
    /// The words of a code.
    pub(super) code: &'a [u64],
}

/// Bits for the place of a pair in the table, and the last place.
const PLACE_BITS: u32 = (NEIGHBORHOODS * NEIGHBORHOODS).ilog2();
const PLACES: u32 = (1 << PLACE_BITS) - 1;

/// The words of a code.
type Words = [u64; FINGER_WORDS];

impl Task for Sides<'_> {
    /// The square root of the sum, in units of half a neighborhood; from 0 to about 4.3, where all pairs are identical.
    type Output = f32;

    #[inline(always)]
    fn run(self, _: impl Kernels) -> f32 {
        let (probe, Ok(code)) = (self.probe.as_chunks::<FINGER_WORDS>().0, <&Words>::try_from(self.code)) else {
            return 0.0;
        };
        if probe.len() != NEIGHBORHOODS {
            return 0.0;
        }
        let code = code.as_chunks::<NEIGHBORHOODS>().0;
        let mut apart = [[0u64; NEIGHBORHOODS]; NEIGHBORHOODS];
        let mut columns = [0u64; NEIGHBORHOODS];
        for (row, own) in apart.iter_mut().zip(probe) {
            // One neighborhood of the probe is compared with all slots at a time: the lanes are slots.
            let mut sums = [0u64; NEIGHBORHOODS];
            for (own, code) in own.as_chunks::<NEIGHBORHOODS>().0.iter().zip(code) {
                for (sum, (own, code)) in sums.iter_mut().zip(own.iter().zip(code)) {
                    *sum += u64::from((own ^ code).count_ones());
                }
            }
            for (sum, apart) in columns.iter_mut().zip(sums) {
                *sum += apart;
            }
            *row = sums;
        }
        // The lead of a pair, then its place counted from the end: one number, which sorts as the two do.
        let mut pairs = [0u32; NEIGHBORHOODS * NEIGHBORHOODS];
        let mut count = 0;
        for (i, row) in apart.iter().enumerate() {
            let own = row.iter().sum::<u64>() as i32 - LEAST_BITS * STEPS;
            let mut beyond = [0i32; NEIGHBORHOODS];
            for ((out, apart), column) in beyond.iter_mut().zip(row).zip(columns) {
                *out = own + column as i32 - STEPS * *apart as i32;
            }
            if beyond.iter().fold(0, |most, v| most.max(*v)) > 0 {
                for (j, &beyond) in beyond.iter().enumerate() {
                    if let Some(pair) = pairs.get_mut(count).filter(|_| beyond > 0) {
                        *pair = ((beyond as u32) << PLACE_BITS) | (PLACES - (i * NEIGHBORHOODS + j) as u32);
                        count += 1;
                    }
                }
            }
        }
        let pairs = pairs.get_mut(..count).unwrap_or_default();
        pairs.sort_unstable_by(|p, q| q.cmp(p));
        let (mut taken_a, mut taken_b, mut sum) = (0u32, 0u32, 0u64);
        for &pair in &*pairs {
            let place = PLACES - (pair & PLACES);
            let (in_a, in_b) = (1 << (place / NEIGHBORHOODS as u32), 1 << (place % NEIGHBORHOODS as u32));
            if taken_a & in_a == 0 && taken_b & in_b == 0 {
                (taken_a, taken_b) = (taken_a | in_a, taken_b | in_b);
                sum += u64::from(pair >> PLACE_BITS).pow(2);
            }
        }
        (sum as f64).sqrt() as f32 / (STEPS * NEIGHBORHOOD_BITS as i32 / 2) as f32
    }
}

/// The calibrated score of evidence: linear between the points of the table, and extrapolated beyond the last.
pub(super) fn score(raw: f32) -> Score {
    let [mut low, mut high, ref more @ ..] = CALIBRATION;
    for &next in more {
        if raw <= high.0 {
            break;
        }
        (low, high) = (high, next);
    }
    Score::from_decibels(low.1 + (raw - low.0) * (high.1 - low.1) / (high.0 - low.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::params::NEIGHBORHOOD_WORDS;
    use super::*;
    use crate::simd::instruction_set::on_every_set;

    /// The method of this file's header, in floating point.
    fn plainly(probe: &[u64], code: &[u64]) -> f64 {
        let n = NEIGHBORHOODS;
        let apart = |i: usize, j: usize| -> f64 {
            let word = |w: usize| probe[i * FINGER_WORDS + w * n + j] ^ code[w * n + j];
            (0..NEIGHBORHOOD_WORDS).map(|w| f64::from(word(w).count_ones())).sum()
        };
        let row = |i: usize| (0..n).map(|j| apart(i, j)).sum::<f64>() / n as f64;
        let column = |j: usize| (0..n).map(|i| apart(i, j)).sum::<f64>() / n as f64;
        let mut pairs: Vec<(f64, usize, usize)> = (0..n * n)
            .map(|k| (k / n, k % n))
            .map(|(i, j)| ((row(i) + column(j)) / 2.0 - apart(i, j) - f64::from(LEAST_BITS), i, j))
            .filter(|p| p.0 > 0.0)
            .collect();
        pairs.sort_by(|p, q| q.0.total_cmp(&p.0).then((p.1, p.2).cmp(&(q.1, q.2))));
        let (mut rows, mut columns, mut sum) = (vec![false; n], vec![false; n], 0.0);
        for (beyond, i, j) in pairs {
            if !rows[i] && !columns[j] {
                (rows[i], columns[j]) = (true, true);
                sum += beyond * beyond;
            }
        }
        sum.sqrt() / (NEIGHBORHOOD_BITS as f64 / 2.0)
    }

    proptest! {
        #[test]
        fn every_set_finds_what_the_plain_form_finds(
            probe in prop::collection::vec(any::<u64>(), NEIGHBORHOODS * FINGER_WORDS),
            noise in prop::collection::vec(any::<(u64, u64)>(), FINGER_WORDS),
            turn in 0..NEIGHBORHOODS,
            same in any::<u32>(),
        ) {
            // Some slots hold neighborhoods of the probe, at other places and with a quarter of the bits changed.
            let code: Vec<u64> = (0..FINGER_WORDS).map(|k| {
                let j = k % NEIGHBORHOODS;
                let own = probe[(j + turn) % NEIGHBORHOODS * FINGER_WORDS + k] ^ (noise[k].0 & noise[k].1);
                if same >> j & 1 == 1 { own } else { noise[k].0 }
            }).collect();
            let expected = plainly(&probe, &code);
            let found = on_every_set(|set| set.run(Sides { probe: &probe, code: &code }).to_bits());
            let found = f32::from_bits(found);
            prop_assert!((f64::from(found) - expected).abs() < 1e-5, "{} {}", found, expected);
        }
    }

    #[test]
    fn scores_rise_with_evidence() {
        let scores: Vec<Score> = (0..6000).map(|i| score(i as f32 * 0.001)).collect();
        assert!(scores.is_sorted());
        assert_eq!(scores[0], Score::ZERO);
        assert!(scores[510].decibels() > 45.0 && scores[5999].decibels() > 100.0);
    }
}
