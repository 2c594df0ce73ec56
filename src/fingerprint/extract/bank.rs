//! The bank of Gabor kernels: one for each orientation and period.

use std::f32::consts::{PI, TAU};
use std::sync::OnceLock;

use super::frequency::table_period;
use super::params::{ENHANCED_LEVELS, GABOR_CUT, GABOR_ORIENTATIONS, GABOR_SIGMA, NORMALIZE_LEVELS, PERIODS};
use crate::simd::gabor::{Kernel, MARGIN, NONE};

/// Largest tap before the sum is adjusted to zero, which may add one: see [`crate::simd::gabor`].
const LARGEST: f32 = 63.0;

/// Kernels of the bank: by orientation, then period.
const KERNELS: usize = GABOR_ORIENTATIONS * PERIODS;

/// The bank, in which the kernels with the chosen numbers are in their places: even Gabor functions of zero mean with response 1
/// to a cosine of amplitude 1, with the sign that makes dark ridges positive. A kernel is made when it is first chosen, because a
/// print needs only some of them.
pub(super) fn bank(chosen: &[u16]) -> Vec<&'static Kernel> {
    static BANK: [OnceLock<Kernel>; KERNELS] = [const { OnceLock::new() }; KERNELS];
    let made = |number: usize| {
        let orientation = PI * (number / PERIODS) as f32 / GABOR_ORIENTATIONS as f32;
        BANK[number].get_or_init(|| kernel(orientation, table_period((number % PERIODS) as f32)))
    };
    let mut chosen = chosen.iter().filter(|number| **number != NONE).map(|number| usize::from(*number));
    let Some(first) = chosen.next() else { return Vec::new() };
    let mut bank = vec![made(first); KERNELS];
    chosen.for_each(|number| bank[number] = made(number));
    bank
}

fn kernel(orientation: f32, period: f32) -> Kernel {
    let sigma = GABOR_SIGMA * period;
    let radius = ((GABOR_CUT * sigma).ceil() as usize).min(MARGIN);
    let (sin, cos) = orientation.sin_cos();
    let bell = |i: usize| {
        let (x, y) = ((i % (radius + 1)) as f32, (i / (radius + 1)) as f32);
        (-(x * x + y * y) / (2.0 * sigma * sigma)).exp()
    };
    let quadrant: Vec<f32> = (0..(radius + 1) * (radius + 1)).map(bell).collect();
    let side = 2 * radius + 1;
    let count = side * side;
    let (mut waves, mut window) = (vec![0.0; count], vec![0.0; count]);
    // Both are the same on the opposite side of the middle.
    for i in 0..=count / 2 {
        let (x, y) = ((i % side) as f32 - radius as f32, (i / side) as f32 - radius as f32);
        let wave = (TAU * (x * sin + y * cos) / period).cos();
        let w = quadrant[y.abs() as usize * (radius + 1) + x.abs() as usize];
        for at in [i, count - 1 - i] {
            (waves[at], window[at]) = (wave, w);
        }
    }
    let mut taps: Vec<f32> = window.iter().zip(&waves).map(|(w, wave)| -w * wave).collect();
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
    let mut out: Vec<i8> = scaled.iter().map(|&t| rounded(t)).collect();
    let excess: i32 = out.iter().map(|&t| i32::from(t)).sum();
    let (sign, count) = (excess.signum() as i8, excess.unsigned_abs() as usize);
    if count == 0 {
        return out;
    }
    let moved = |i: usize| (f32::from(out[i]) - scaled[i]) * f32::from(sign);
    // One number has the order of what was moved, furthest first, and of places where that is equal.
    let mut order: Vec<u64> = (0..out.len()).map(|i| u64::from(!rank(moved(i))) << 32 | i as u64).collect();
    let least = count.min(order.len());
    order.select_nth_unstable(least - 1);
    for i in order.into_iter().take(least) {
        out[i as u32 as usize] -= sign;
    }
    out
}

/// The nearest whole number, away from zero between two: without the call that `round` is on plain x86-64.
fn rounded(t: f32) -> i8 {
    let below = t.abs() as i8;
    let nearest = below + i8::from(t.abs() - f32::from(below) >= 0.5);
    if t < 0.0 { -nearest } else { nearest }
}

/// An integer with the order of finite floats.
fn rank(v: f32) -> u32 {
    let bits = v.to_bits();
    bits ^ ((bits as i32 >> 31) as u32 | 1 << 31)
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
    fn the_bank_holds_the_chosen_kernels_in_their_places() {
        assert!(bank(&[NONE, NONE]).is_empty());
        let all: Vec<u16> = (0..KERNELS as u16).collect();
        let (all, some) = (bank(&all), bank(&[NONE, 7, 639, 7]));
        assert_eq!((all.len(), some.len()), (KERNELS, KERNELS));
        assert!([7, 639].iter().all(|&number| std::ptr::eq(all[number], some[number])));
        assert!((1..KERNELS).all(|number| !std::ptr::eq(all[number - 1], all[number])));
    }

    #[test]
    fn numbers_are_rounded_as_the_standard_library_does() {
        for t in (-640..=640).map(|t| t as f32 * 0.1).chain([0.5, -0.5, 1.5, 0.499_999_97, -62.5]) {
            assert_eq!(f32::from(rounded(t)), t.round(), "{t}");
        }
    }
}
