//! The loop that all kernels share: tiles of probes by rows, so that what is loaded once is used several times.

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
}

/// Products of all probes with all rows. `P` probes by `B` rows are held in registers at once; probes left over are taken
/// singly by `S` rows. `S` is a multiple of `B` and of 4.
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
    const { assert!(S.is_multiple_of(B) && S.is_multiple_of(4)) };
    let count = rows.len() / width;
    let whole = count - count % S;
    let batched = probes.len() - probes.len() % P;
    let mut row = 0;
    while row < whole {
        // One group of `S` rows stays in the first-level cache while all probes pass over it.
        let mut probe = 0;
        while probe < batched {
            for first in (row..row + S).step_by(B) {
                // SAFETY: `probe + P <= probes.len()` and `first + B <= row + S <= count`; the rest is the caller's promise.
                unsafe { tile::<L, P, B>(probes, probe, rows, first, width, count, out) };
            }
            probe += P;
        }
        while probe < probes.len() {
            // SAFETY: `probe < probes.len()` and `row + S <= count`.
            unsafe { tile::<L, 1, S>(probes, probe, rows, row, width, count, out) };
            probe += 1;
        }
        row += S;
    }
    while row < count {
        for probe in 0..probes.len() {
            // SAFETY: `probe < probes.len()` and `row < count`.
            unsafe { tile::<L, 1, 1>(probes, probe, rows, row, width, count, out) };
        }
        row += 1;
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
