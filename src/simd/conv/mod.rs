//! Convolution of a row of positions, in 8-bit integers.
//!
//! All products of the network are summed over groups of four neighboring bytes: four channels of one pixel if a plane
//! has several channels, four pixels of one line if it has one. Activations have seven bits and weights are within
//! `-127..=127`, so a sum of two products stays within 16 bits (`127 * 127 * 2 < 32768`), and sums are exact in 32 bits
//! and hence the same on every instruction set.

mod scalar;
mod weights;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

#[cfg(test)]
mod tests;

use super::instruction_set::InstructionSet;
pub(crate) use weights::{GROUP, MAX_ACTIVATION, MAX_GROUPS, Weights, Window};

/// Sums of products of a row of positions: `sums[position * outputs + output]`.
///
/// # Panics
/// When the number of groups does not fit, a group lies outside the bytes, or `sums` is not a whole number of positions.
pub(crate) fn row(set: InstructionSet, weights: &Weights, window: Window<'_>, sums: &mut [i32]) {
    assert_eq!(window.offsets.len(), weights.groups, "one offset per group");
    assert!(sums.len().is_multiple_of(weights.outputs()), "whole positions");
    let Some(last) = (sums.len() / weights.outputs()).checked_sub(1) else { return };
    let reach = last.checked_mul(window.step).and_then(|r| r.checked_add(GROUP));
    let room = reach.and_then(|r| window.bytes.len().checked_sub(r));
    assert!(room.is_some_and(|room| window.offsets.iter().all(|&o| o <= room)), "groups must lie within the bytes");
    match set {
        InstructionSet::Scalar => scalar::row(weights, window, sums),
        // SAFETY: the value proves that this machine has the set, and all groups lie within the bytes.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) => unsafe { avx2::row(weights, window, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) => unsafe { avx512::row(weights, window, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon(_) => unsafe { neon::row(weights, window, sums) },
    }
}

every_set! {
    /// Activations of a row: `sums * scale + bias`, rounded half up and clamped to `0..=127`. Scale and bias are per
    /// output and finite; `out` may have fewer outputs than there are sums.
    fn activate(sums: &[i32], scale: &[f32], bias: &[f32], outputs: usize, out: &mut [u8]) {
        for (sums, out) in sums.chunks_exact(scale.len()).zip(out.chunks_exact_mut(outputs)) {
            for (((o, &s), scale), bias) in out.iter_mut().zip(sums).zip(scale).zip(bias) {
                *o = activation(s as f32 * scale + bias);
            }
        }
    }

    /// Like [`activate`], with activations of the same size added, each times `share`.
    fn activate_with(
        sums: &[i32],
        scale: &[f32],
        bias: &[f32],
        outputs: usize,
        others: &[u8],
        share: f32,
        out: &mut [u8],
    ) {
        let positions = sums.chunks_exact(scale.len()).zip(out.chunks_exact_mut(outputs)).zip(others.chunks_exact(outputs));
        for ((sums, out), others) in positions {
            for ((((o, &s), scale), bias), &other) in out.iter_mut().zip(sums).zip(scale).zip(bias).zip(others) {
                *o = activation(s as f32 * scale + bias + f32::from(other) * share);
            }
        }
    }

    /// Like [`activate`], with values of the same size added.
    fn activate_with_values(
        sums: &[i32],
        scale: &[f32],
        bias: &[f32],
        outputs: usize,
        values: &[f32],
        out: &mut [u8],
    ) {
        let positions = sums.chunks_exact(scale.len()).zip(out.chunks_exact_mut(outputs)).zip(values.chunks_exact(outputs));
        for ((sums, out), values) in positions {
            for ((((o, &s), scale), bias), value) in out.iter_mut().zip(sums).zip(scale).zip(bias).zip(values) {
                *o = activation(s as f32 * scale + bias + value);
            }
        }
    }

    /// Adds values of half the resolution: positions `2 i` and `2 i + 1` get position `i`.
    fn add_half_to(outputs: usize, halves: &[f32], out: &mut [f32]) {
        for (out, half) in out.chunks_mut(2 * outputs).zip(halves.chunks_exact(outputs)) {
            for out in out.chunks_exact_mut(outputs) {
                for (o, half) in out.iter_mut().zip(half) {
                    *o += half;
                }
            }
        }
    }

    /// Activations times `share`, with values of half the resolution added.
    fn add_half(others: &[u8], share: f32, outputs: usize, halves: &[f32], out: &mut [u8]) {
        let pairs = others.chunks(2 * outputs).zip(out.chunks_mut(2 * outputs)).zip(halves.chunks_exact(outputs));
        for ((others, out), half) in pairs {
            for (others, out) in others.chunks_exact(outputs).zip(out.chunks_exact_mut(outputs)) {
                for ((o, &other), half) in out.iter_mut().zip(others).zip(half) {
                    *o = activation(f32::from(other) * share + half);
                }
            }
        }
    }

    /// `sums * scale + bias` without rounding.
    fn scaled(sums: &[i32], scale: &[f32], bias: &[f32], outputs: usize, out: &mut [f32]) {
        for (sums, out) in sums.chunks_exact(scale.len()).zip(out.chunks_exact_mut(outputs)) {
            for (((o, &s), scale), bias) in out.iter_mut().zip(sums).zip(scale).zip(bias) {
                *o = s as f32 * scale + bias;
            }
        }
    }
}

/// Rounds half up and clamps to `0..=127`; NaN becomes 0.
#[inline(always)]
fn activation(value: f32) -> u8 {
    let value = value.max(0.0).min(f32::from(MAX_ACTIVATION)) + 0.5;
    // SAFETY: `max` and `min` return the other operand for NaN, so the value is within 0.5..=127.5.
    unsafe { value.to_int_unchecked::<i32>() as u8 }
}
