//! Vectors of unit length.

/// Number of parallel sums.
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

    /// Divides by a length in double precision and rounds once to single precision; extra values of either slice are
    /// ignored.
    fn divide(components: &[f32], length: f64, out: &mut [f32]) {
        for (out, &component) in out.iter_mut().zip(components) {
            *out = (f64::from(component) / length) as f32;
        }
    }

    /// Whether all numbers are finite, in `out`.
    fn all_finite(components: &[f32], out: &mut bool) {
        // Find the largest exponent without a branch.
        let most = components.iter().fold(0u32, |most, c| most.max(c.to_bits() & 0x7fff_ffff));
        *out = most < 0x7f80_0000;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::on_every_set;
    use super::*;

    proptest! {
        #[test]
        fn every_set_divides_alike(
            components in prop::collection::vec(prop::num::f32::ANY, 0..100),
            length in 1e-30f64..1e30,
        ) {
            let one = |v: f64| if v.is_nan() { f64::NAN } else { v }.to_bits();
            let found = on_every_set(|set| {
                let (mut out, mut sums, mut finite) = (vec![0.0; components.len()], [0.0; SUMS], false);
                divide(set, &components, length, &mut out);
                add_squares(set, &components, &mut sums);
                all_finite(set, &components, &mut finite);
                (out.iter().map(|&v| one(v.into())).collect::<Vec<_>>(), sums.map(one), finite)
            });
            let divided = components.iter().map(|c| one(f64::from((f64::from(*c) / length) as f32)));
            let mut sums = [0.0; SUMS];
            components.iter().enumerate().for_each(|(i, c)| sums[i % SUMS] += f64::from(*c).powi(2));
            prop_assert_eq!(found, (divided.collect(), sums.map(one), components.iter().all(|c| c.is_finite())));
        }
    }
}
