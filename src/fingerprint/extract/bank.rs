//! The bank of Gabor kernels: one for each orientation and period.

use std::f32::consts::{PI, TAU};
use std::sync::OnceLock;

use super::frequency::table_period;
use super::params::{ENHANCED_LEVELS, GABOR_CUT, GABOR_ORIENTATIONS, GABOR_SIGMA, NORMALIZE_LEVELS, PERIODS};
use crate::simd::gabor::{Kernel, MARGIN};

/// Largest tap before the sum is adjusted to zero, which may add one: see [`crate::simd::gabor`].
const LARGEST: f32 = 63.0;

/// All kernels, by orientation, then period: even Gabor functions of zero mean with response 1 to a cosine of amplitude
/// 1, with the sign that makes dark ridges positive.
pub(super) fn bank() -> &'static [Kernel] {
    static BANK: OnceLock<Vec<Kernel>> = OnceLock::new();
    BANK.get_or_init(|| {
        let orientation = |k: usize| PI * k as f32 / GABOR_ORIENTATIONS as f32;
        (0..GABOR_ORIENTATIONS * PERIODS)
            .map(|i| kernel(orientation(i / PERIODS), table_period((i % PERIODS) as f32)))
            .collect()
    })
}

fn kernel(orientation: f32, period: f32) -> Kernel {
    let sigma = GABOR_SIGMA * period;
    let radius = ((GABOR_CUT * sigma).ceil() as usize).min(MARGIN);
    let (sin, cos) = orientation.sin_cos();
    let (mut taps, mut waves, mut window) = (Vec::new(), Vec::new(), Vec::new());
    for y in -(radius as isize)..=radius as isize {
        for x in -(radius as isize)..=radius as isize {
            let (x, y) = (x as f32, y as f32);
            let wave = (TAU * (x * sin + y * cos) / period).cos();
            let w = (-(x * x + y * y) / (2.0 * sigma * sigma)).exp();
            taps.push(-w * wave);
            waves.push(wave);
            window.push(w);
        }
    }
    // Subtract a share of the window to make the mean zero.
    let share = taps.iter().sum::<f32>() / window.iter().sum::<f32>();
    taps.iter_mut().zip(&window).for_each(|(t, w)| *t -= share * w);
    let taps = quantized(&taps);
    let response: f32 = taps.iter().zip(&waves).map(|(&t, w)| -f32::from(t) * w).sum();
    Kernel::new(radius, &taps, ENHANCED_LEVELS / (NORMALIZE_LEVELS * response))
}

/// Taps as small integers with zero sum: those that rounding moved furthest are moved back by one.
fn quantized(taps: &[f32]) -> Vec<i8> {
    let largest = taps.iter().fold(0f32, |m, t| m.max(t.abs()));
    let scaled: Vec<f32> = taps.iter().map(|t| t * LARGEST / largest).collect();
    let mut out: Vec<i8> = scaled.iter().map(|t| t.round() as i8).collect();
    let excess: i32 = out.iter().map(|&t| i32::from(t)).sum();
    let sign = excess.signum() as i8;
    let moved = |i: &usize| (f32::from(out[*i]) - scaled[*i]) * f32::from(sign);
    let mut order: Vec<usize> = (0..out.len()).collect();
    order.sort_by(|a, b| moved(b).total_cmp(&moved(a)).then(a.cmp(b)));
    for &i in order.iter().take(excess.unsigned_abs() as usize) {
        out[i] -= sign;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantized_taps_sum_to_zero_and_are_near() {
        let taps: Vec<f32> = (0..289).map(|i| (i as f32 * 0.37).sin() - 0.003).collect();
        let largest = taps.iter().fold(0f32, |m, t| m.max(t.abs()));
        let found = quantized(&taps);
        assert_eq!(found.iter().map(|&t| i32::from(t)).sum::<i32>(), 0);
        for (t, q) in taps.iter().zip(&found) {
            assert!((t * LARGEST / largest - f32::from(*q)).abs() <= 1.01);
        }
    }

    #[test]
    fn the_bank_holds_every_kernel() {
        assert_eq!(bank().len(), GABOR_ORIENTATIONS * PERIODS);
    }
}
