//! The Walsh-Hadamard transform of vectors whose length is a power of two.

/// Values that the first stages process together.
const BASE: usize = 16;

/// Stages of halves from `half` up to the length of `values`.
#[inline(always)]
fn stages(values: &mut [f32], mut half: usize) {
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (low, high) = pair.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

every_set! {
    /// The transform in place, unscaled. It uses only additions, in a fixed order.
    fn hadamard(values: &mut [f32]) {
        let whole = values.len().is_multiple_of(BASE);
        if whole {
            // The short halves of sixteen values, in registers.
            for values in values.as_chunks_mut::<BASE>().0 {
                let mut v = *values;
                let mut half = 1;
                while half < BASE {
                    v = std::array::from_fn(|i| if i & half == 0 { v[i] + v[i + half] } else { v[i - half] - v[i] });
                    half *= 2;
                }
                *values = v;
            }
        }
        stages(values, if whole { BASE } else { 1 });
    }

    /// Negates the values whose bit is set; value `i` has bit `i % 64` of word `i / 64`.
    fn flip(values: &mut [f32], negative: &[u64]) {
        for (values, word) in values.chunks_mut(64).zip(negative) {
            for (i, value) in values.iter_mut().enumerate() {
                *value = f32::from_bits(value.to_bits() ^ ((word >> i) as u32) << 31);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::on_every_set;
    use super::*;

    /// The transform by its definition: the sign of term `j` of output `i` is the parity of `i & j`.
    fn by_definition(values: &[f32]) -> Vec<f64> {
        let sign = |i: usize, j: usize| if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        (0..values.len()).map(|i| values.iter().enumerate().map(|(j, v)| sign(i, j) * f64::from(*v)).sum()).collect()
    }

    proptest! {
        #[test]
        fn every_set_transforms_alike(power in 0u32..10, values in prop::collection::vec(-100f32..100.0, 512), words in any::<[u64; 8]>()) {
            let values = &values[..1 << power];
            let (plain, flipped) = on_every_set(|set| {
                let (mut plain, mut flipped) = (values.to_vec(), values.to_vec());
                hadamard(set, &mut plain);
                flip(set, &mut flipped, &words);
                (plain, flipped)
            });
            prop_assert!(by_definition(values).iter().zip(&plain).all(|(a, b)| (a - f64::from(*b)).abs() < 0.05));
            let expected = values.iter().enumerate().map(|(i, v)| if words[i / 64] >> (i % 64) & 1 == 1 { -v } else { *v });
            prop_assert!(expected.eq(flipped));
        }
    }
}
