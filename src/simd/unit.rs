//! Vectors of unit length.

/// Sums that are kept side by side.
pub(crate) const SUMS: usize = 16;

every_set! {
    /// Adds the squares of components to sixteen sums, component `i` to sum `i % 16`. Squares are exact.
    fn add_squares(components: &[f32], sums: &mut [f64; SUMS]) {
        for chunk in components.chunks(SUMS) {
            for (sum, &component) in sums.iter_mut().zip(chunk) {
                *sum += f64::from(component) * f64::from(component);
            }
        }
    }

    /// Divides by a length in double precision, rounded once to single precision. As many as both have.
    fn divide(components: &[f32], length: f64, out: &mut [f32]) {
        for (out, &component) in out.iter_mut().zip(components) {
            *out = (f64::from(component) / length) as f32;
        }
    }

    /// Whether all numbers are finite, in `out`.
    fn all_finite(components: &[f32], out: &mut bool) {
        // The largest exponent, looked for without a branch.
        let most = components.iter().fold(0u32, |most, c| most.max(c.to_bits() & 0x7fff_ffff));
        *out = most < 0x7f80_0000;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::InstructionSet;
    use super::*;

    proptest! {
        #[test]
        fn every_set_divides_alike(
            components in prop::collection::vec(prop::num::f32::ANY, 0..100),
            length in 1e-30f64..1e30,
        ) {
            for set in InstructionSet::available() {
                let mut out = vec![0.0; components.len()];
                divide(set, &components, length, &mut out);
                let expected = components.iter().map(|c| (f64::from(*c) / length) as f32);
                prop_assert!(out.iter().zip(expected).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
                let (mut sums, mut plain) = ([0.0; SUMS], [0.0; SUMS]);
                add_squares(set, &components, &mut sums);
                components.iter().enumerate().for_each(|(i, c)| plain[i % SUMS] += f64::from(*c).powi(2));
                prop_assert!(sums.iter().zip(plain).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
                let mut finite = false;
                all_finite(set, &components, &mut finite);
                prop_assert_eq!(finite, components.iter().all(|c| c.is_finite()));
            }
        }
    }
}
