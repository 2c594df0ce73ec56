//! The reference form in plain Rust.

use crate::simd::chunk::{Chunk, LANES};

/// See [`super::dot_rows`]. Without a fused multiply-add in the machine, the software form is slow but correct.
pub(super) fn dot_rows(probes: &[&[Chunk]], rows: &[Chunk], width: usize, out: &mut [f32]) {
    let count = rows.len() / width;
    for (r, row) in rows.chunks_exact(width).enumerate() {
        for (p, probe) in probes.iter().enumerate() {
            out[p * count + r] = product(probe, row);
        }
    }
}

fn product(a: &[Chunk], b: &[Chunk]) -> f32 {
    let mut sums = [0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(&a.0).zip(&b.0) {
            *sum = a.mul_add(b, *sum);
        }
    }
    for half in [8, 4, 2, 1] {
        for l in 0..half {
            sums[l] += sums[l + half];
        }
    }
    sums[0]
}
