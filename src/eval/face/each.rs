//! Iteration over every pair of rows.

use rayon::prelude::*;

use super::super::params::PROBES_AT_ONCE;
use super::rows::Rows;
use crate::eval::EvalError;

/// A pair of rows and its cosine; `probe` comes before `reference`.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub probe: usize,
    pub reference: usize,
    pub cosine: f64,
}

/// Excluded pairs, sorted.
pub(super) fn sorted(excluded: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut excluded: Vec<_> = excluded.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
    excluded.sort_unstable();
    excluded.dedup();
    excluded
}

/// Calls `each` for every pair of rows except those of `excluded` (from [`sorted`]), on the current rayon pool. Each
/// thread starts with a part from `new`, takes every n-th group of probes, and returns its part.
pub(super) fn each_pair<T: Send>(
    rows: &Rows,
    excluded: &[(usize, usize)],
    new: impl Fn() -> T + Sync,
    each: impl Fn(&mut T, Pair) + Sync,
) -> Result<Vec<T>, EvalError> {
    let numbers: Vec<usize> = (0..rows.probes.len()).collect();
    let groups: Vec<&[usize]> = numbers.chunks(PROBES_AT_ONCE).collect();
    let threads = rayon::current_num_threads().max(1);
    (0..threads)
        .into_par_iter()
        .with_max_len(1)
        .map(|part| {
            let mut own = new();
            for group in groups.iter().skip(part).step_by(threads) {
                let from = group.first().copied().unwrap_or(0);
                rows.scan(group, from, &mut |probe, scores| {
                    let start = excluded.partition_point(|e| e.0 < probe);
                    let end = excluded.partition_point(|e| e.0 <= probe);
                    let left_out = excluded.get(start..end).unwrap_or_default();
                    // Row `probe` itself is at `probe - from`; only later ones count.
                    for (at, cosine) in scores.iter().enumerate().skip(probe + 1 - from) {
                        let reference = from + at;
                        if !left_out.contains(&(probe, reference)) {
                            each(&mut own, Pair { probe, reference, cosine: cosine.value().into() });
                        }
                    }
                })?;
            }
            Ok(own)
        })
        .collect()
}
