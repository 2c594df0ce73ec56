//! The loop that all kernels share: tiles of probes by rows, so that each load is used several times.

use crate::simd::chunk::Chunk;

/// Sixteen sums in the registers of one instruction set.
///
/// # Safety
/// Implementors promise that `load` reads exactly one chunk. All methods may be called only on a machine with the
/// implementor's instruction set, from a function compiled for it.
pub(super) unsafe trait Lanes: Copy {
    /// Sixteen zeros.
    unsafe fn zero() -> Self;
    /// One chunk.
    unsafe fn load(chunk: &Chunk) -> Self;
    /// `a * b + self`, rounded once.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// The sum by halves.
    unsafe fn sum(self) -> f32;
    /// Four sums at once; the same bits as [`Lanes::sum`] of each.
    #[inline(always)]
    unsafe fn sum4(four: [Self; 4]) -> [f32; 4] {
        // SAFETY: the caller keeps this trait's promise.
        unsafe { [four[0].sum(), four[1].sum(), four[2].sum(), four[3].sum()] }
    }
    /// Prefetches a chunk that will be read soon.
    #[inline(always)]
    unsafe fn prefetch(chunk: &Chunk) {
        let _ = chunk;
    }
}

/// Most probes that are compared with single rows; arithmetic still takes less time than reading a row from memory.
const MAX_BY_ROWS: usize = 8;
/// Probes that are compared with a single row together.
const FEW: usize = 4;

/// Products of all probes with all rows.
///
/// Up to eight probes read row after row: one stream of memory, which the hardware prefetches best (several rows at a
/// time, each its own stream, take twice the time out of cache). More probes work on groups of `S` rows in the
/// first-level cache, `P` probes by `B` rows in registers, while the next group is fetched a few lines per tile.
///
/// # Safety
/// The machine has `L`'s instruction set; `width > 0`; each probe has `width` chunks; `rows` is a whole number of rows of
/// `width` chunks; `out` has `probes.len()` times that many places.
#[inline(always)]
pub(super) unsafe fn scan<L: Lanes, const P: usize, const B: usize, const S: usize>(
    probes: &[&[Chunk]],
    rows: &[Chunk],
    width: usize,
    out: &mut [f32],
) {
    const { assert!(S.is_multiple_of(B)) };
    let count = rows.len() / width;
    let whole = if probes.len() <= MAX_BY_ROWS { 0 } else { count - count % S };
    let batched = probes.len() - probes.len() % P;
    let lines_per_tile = (S * width).div_ceil((probes.len() / P * (S / B)).max(1));
    for row in (0..whole).step_by(S) {
        let mut ahead = rows.get((row + S) * width..).unwrap_or_default().chunks(lines_per_tile);
        for probe in (0..batched).step_by(P) {
            for first in (row..row + S).step_by(B) {
                for chunk in ahead.next().unwrap_or_default() {
                    // SAFETY: the caller keeps the promise of `Lanes`.
                    unsafe { L::prefetch(chunk) };
                }
                // SAFETY: `probe + P <= probes.len()` and `first + B <= row + S <= count`; the rest is the caller's promise.
                unsafe { tile::<L, P, B>(probes, probe, rows, first, width, count, out) };
            }
        }
        for single in row..row + S {
            // SAFETY: `single < count`; `batched <= probes.len()`.
            unsafe { few::<L>(probes, batched, rows, single, width, count, out) };
        }
    }
    for row in whole..count {
        // SAFETY: `row < count`.
        unsafe { few::<L>(probes, 0, rows, row, width, count, out) };
    }
}

/// Products of the probes from `probe` on with one row.
///
/// # Safety
/// As [`scan`], and `probe <= probes.len()`, `row < count`, `count` the number of rows.
#[inline(always)]
unsafe fn few<L: Lanes>(
    probes: &[&[Chunk]],
    mut probe: usize,
    rows: &[Chunk],
    row: usize,
    width: usize,
    count: usize,
    out: &mut [f32],
) {
    loop {
        // SAFETY: each arm takes no more probes than are left; the rest is the caller's promise.
        unsafe {
            match probes.len() - probe {
                0 => return,
                1 => return tile::<L, 1, 1>(probes, probe, rows, row, width, count, out),
                2 => return tile::<L, 2, 1>(probes, probe, rows, row, width, count, out),
                3 => return tile::<L, 3, 1>(probes, probe, rows, row, width, count, out),
                _ => tile::<L, FEW, 1>(probes, probe, rows, row, width, count, out),
            }
        }
        probe += FEW;
    }
}

/// Products of `P` probes from `probe` on with `R` rows from `row` on.
///
/// # Safety
/// As [`scan`], and `probe + P <= probes.len()`, `row + R <= count`, `count` the number of rows.
#[inline(always)]
unsafe fn tile<L: Lanes, const P: usize, const R: usize>(
    probes: &[&[Chunk]],
    probe: usize,
    rows: &[Chunk],
    row: usize,
    width: usize,
    count: usize,
    out: &mut [f32],
) {
    // SAFETY: the caller keeps the promise of `Lanes`.
    let zero = unsafe { L::zero() };
    const { assert!(R > 1 || P <= FEW) };
    let mut sums = [[zero; P]; R];
    for k in 0..width {
        let mut left = [zero; P];
        for (p, l) in left.iter_mut().enumerate() {
            // SAFETY: `probe + p < probes.len()`, and every probe has `width > k` chunks.
            *l = unsafe { L::load(probes.get_unchecked(probe + p).get_unchecked(k)) };
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: `row + r < count`, so the index is below `count * width`, the length of `rows`.
            let right = unsafe { L::load(rows.get_unchecked((row + r) * width + k)) };
            for (s, &l) in sums.iter_mut().zip(&left) {
                // SAFETY: the caller keeps the promise of `Lanes`.
                *s = unsafe { s.add_product(l, right) };
            }
        }
    }
    if R == 1 {
        let mut padded = [zero; 4];
        for (s, sum) in padded.iter_mut().zip(&sums[0]) {
            *s = *sum;
        }
        // SAFETY: the caller keeps the promise of `Lanes`.
        let done = if P == 1 { unsafe { [padded[0].sum(), 0.0, 0.0, 0.0] } } else { unsafe { L::sum4(padded) } };
        for (p, value) in done.into_iter().take(P).enumerate() {
            // SAFETY: `P <= FEW` for single rows, `probe + p < probes.len()` and `row < count`.
            unsafe { *out.get_unchecked_mut((probe + p) * count + row) = value };
        }
        return;
    }
    for p in 0..P {
        let mut of_probe = [zero; R];
        for (s, sums) in of_probe.iter_mut().zip(&sums) {
            *s = sums[p];
        }
        let start = (probe + p) * count + row;
        // SAFETY: `probe + p < probes.len()` and `row + R <= count`; `out` has `probes.len() * count` places.
        let target = unsafe { out.get_unchecked_mut(start..start + R) };
        let (fours, rest) = of_probe.as_chunks::<4>();
        let (target_fours, target_rest) = target.as_chunks_mut::<4>();
        for (t, &s) in target_fours.iter_mut().zip(fours) {
            // SAFETY: the caller keeps the promise of `Lanes`.
            *t = unsafe { L::sum4(s) };
        }
        for (t, s) in target_rest.iter_mut().zip(rest) {
            // SAFETY: the caller keeps the promise of `Lanes`.
            *t = unsafe { s.sum() };
        }
    }
}
