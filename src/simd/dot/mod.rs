//! Dot products of f32 vectors.
//!
//! The definition, on every instruction set: sixteen sums, `sum[l] = fma(a[16 k + l], b[16 k + l], sum[l])` over
//! `k = 0, 1, ..`, added by halves at the end (`sum[l] + sum[l + 8]`, then `+ 4`, `+ 2`, `+ 1`). Fused multiply-add
//! rounds once, also in software, so all kernels return the same bits; `dot(a, b)` equals `dot(b, a)`.

mod scalar;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod tile;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

use super::chunk::Chunk;
use super::instruction_set::InstructionSet;

/// Dot products of every probe with every row on the fastest instruction set of the machine.
///
/// Each probe has `width` chunks, `rows` holds whole rows of `width` chunks, and the product of probe `p` with row `r` of
/// `n` is written to `out[p * n + r]`. Rows are read from memory once for all probes. At `width` 32 (512 dimensions) a
/// single probe runs at the speed of memory; from about four probes on, arithmetic is the limit.
///
/// # Panics
/// When the lengths do not fit together; the safety of the kernels rests on it.
#[inline]
pub fn dot_rows(probes: &[&[Chunk]], rows: &[Chunk], width: usize, out: &mut [f32]) {
    dot_rows_on(InstructionSet::best(), probes, rows, width, out);
}

/// [`dot_rows`] on a given instruction set.
///
/// # Panics
/// See [`dot_rows`].
pub fn dot_rows_on(set: InstructionSet, probes: &[&[Chunk]], rows: &[Chunk], width: usize, out: &mut [f32]) {
    assert!(width > 0 && rows.len().is_multiple_of(width), "rows must be whole");
    assert!(probes.iter().all(|p| p.len() == width), "probes must be as wide as rows");
    assert!(Some(out.len()) == probes.len().checked_mul(rows.len() / width), "one result per probe and row");
    match set {
        InstructionSet::Scalar => scalar::dot_rows(probes, rows, width, out),
        // SAFETY: the value proves that this machine has the set, and the lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) => unsafe { avx2::dot_rows(probes, rows, width, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) => unsafe { avx512::dot_rows(probes, rows, width, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon(_) => unsafe { neon::dot_rows(probes, rows, width, out) },
    }
}

/// Dot product of two vectors of equally many chunks.
///
/// # Panics
/// When the lengths differ.
pub fn dot(a: &[Chunk], b: &[Chunk]) -> f32 {
    let mut out = [0.0];
    if !a.is_empty() || !b.is_empty() {
        dot_rows(&[a], b, b.len(), &mut out);
    }
    out[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::chunk::{LANES, as_floats};
    use super::super::instruction_set::{bits, on_every_set};
    use super::*;

    /// Chunks from a small generator (splitmix64), about -1..1, some of them zero or tiny.
    fn chunks(count: usize, seed: u64) -> Vec<Chunk> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let mut float = || {
            let bits = next();
            let v = (bits >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
            match bits % 16 {
                0 => 0.0,
                1 => v * 1e-30,
                _ => v,
            }
        };
        (0..count).map(|_| Chunk(std::array::from_fn(|_| float()))).collect()
    }

    /// The definition, word by word.
    fn by_definition(a: &[Chunk], b: &[Chunk]) -> f32 {
        let (a, b) = (as_floats(a), as_floats(b));
        let mut sums = [0f32; LANES];
        for (i, (&x, &y)) in a.iter().zip(b).enumerate() {
            sums[i % LANES] = x.mul_add(y, sums[i % LANES]);
        }
        for half in [8, 4, 2, 1] {
            for l in 0..half {
                sums[l] += sums[l + half];
            }
        }
        sums[0]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_instruction_set_gives_the_bits_of_the_definition(
            width in 1usize..70,
            row_count in 0usize..30,
            probe_count in 0usize..20,
            skip in 0usize..3,
            seed: u64,
        ) {
            // Rows that do not begin where the allocation begins.
            let storage = chunks(skip + row_count * width, seed);
            let rows = &storage[skip..];
            let probe_storage = chunks(probe_count * width, !seed);
            let probes: Vec<&[Chunk]> = probe_storage.chunks_exact(width).collect();
            let expected: Vec<u32> = probes
                .iter()
                .flat_map(|p| rows.chunks_exact(width).map(|r| by_definition(p, r).to_bits()))
                .collect();
            let found = on_every_set(|set| {
                let mut out = vec![f32::NAN; probe_count * row_count];
                dot_rows_on(set, &probes, rows, width, &mut out);
                bits(&out)
            });
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_product_is_symmetric_and_near_the_exact_one(width in 1usize..256, seed: u64) {
            let (a, b) = (chunks(width, seed), chunks(width, seed ^ 1));
            let product = dot(&a, &b);
            prop_assert_eq!(product.to_bits(), dot(&b, &a).to_bits());
            let terms = || as_floats(&a).iter().zip(as_floats(&b)).map(|(&x, &y)| f64::from(x) * f64::from(y));
            let (exact, size) = (terms().sum::<f64>(), terms().map(f64::abs).sum::<f64>());
            // `width` roundings per lane and four at the end.
            let bound = size * (width + 4) as f64 * f64::from(f32::EPSILON) / 2.0 + 1e-37;
            prop_assert!((f64::from(product) - exact).abs() <= bound);
        }
    }

    #[test]
    fn nothing_times_nothing_is_zero() {
        assert_eq!(dot(&[], &[]), 0.0);
    }

    #[test]
    #[should_panic(expected = "as wide as rows")]
    fn lengths_are_checked() {
        dot(&[Chunk::ZERO; 2], &[Chunk::ZERO; 3]);
    }
}
