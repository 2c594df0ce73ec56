//! Seeded random numbers: one independent ChaCha8 stream for every item.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::math;

/// Purpose of a stream; two purposes never share random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Purpose {
    /// A finger's ridge pattern.
    Master = 1,
    /// One impression of a finger.
    Impression = 2,
    /// A minutiae template of a gallery.
    Reference = 3,
    /// A variant of such a template.
    Probe = 4,
    /// A face identity.
    FaceIdentity = 5,
    /// A sample of a face identity.
    FaceSample = 6,
    /// Data that face identities share.
    FacePool = 7,
}

/// Random numbers of one item.
#[derive(Clone)]
pub(crate) struct Stream {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Stream {
    /// The stream of part `part` of item `item` under `seed`.
    pub(crate) fn new(seed: u64, purpose: Purpose, item: u64, part: u64) -> Self {
        let mut key = [0u8; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, purpose as u64, item, 0x7365_6c66_7361_6d65]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(part);
        Self { rng, spare: None }
    }

    /// 32 random bits.
    #[cfg(test)]
    pub(crate) fn bits(&mut self) -> u32 {
        self.rng.next_u32()
    }

    /// Uniform in `[0, 1)`, 24 bits.
    pub(crate) fn uniform(&mut self) -> f32 {
        (self.rng.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// Uniform in `0..count`; 0 when `count` is 0.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        ((u64::from(self.rng.next_u32()) * count as u64) >> 32) as usize
    }

    /// True with probability `probability`.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.uniform() < probability
    }

    /// Standard normal (Box and Muller).
    pub(crate) fn normal(&mut self) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare as f32;
        }
        let u = (f64::from(self.rng.next_u32()) + 1.0) / 4_294_967_296.0;
        let radius = (-2.0 * math::ln(u)).sqrt();
        let (sine, cosine) = math::sin_cos(TAU * f64::from(self.uniform()));
        self.spare = Some(radius * sine);
        (radius * cosine) as f32
    }

    /// Normal with mean 0 and deviation `sigma`, truncated at `bound` on both sides; 0 when either is NaN or the bound
    /// is not positive.
    pub(crate) fn bounded_normal(&mut self, sigma: f32, bound: f32) -> f32 {
        let value = sigma * self.normal();
        if bound > 0.0 && !value.is_nan() { value.clamp(-bound, bound) } else { 0.0 }
    }

    /// Approximately normal with unit variance, from the sum of four bytes; it is cheap.
    pub(crate) fn rough_normal(&mut self) -> f32 {
        /// One over the deviation of a sum of four uniform bytes.
        const SCALE: f32 = 1.0 / 147.8;
        let b = self.rng.next_u32().to_le_bytes();
        let sum = i32::from(b[0]) + i32::from(b[1]) + i32::from(b[2]) + i32::from(b[3]);
        (sum - 510) as f32 * SCALE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_repeatable_and_differ() {
        let draw = |seed, item, part| {
            let mut s = Stream::new(seed, Purpose::Master, item, part);
            (s.bits(), s.bits())
        };
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        assert_ne!(draw(1, 2, 3), draw(1, 2, 4));
        assert_ne!(draw(1, 2, 3), draw(1, 3, 3));
        assert_ne!(draw(1, 2, 3), draw(2, 2, 3));
    }

    #[test]
    fn moments() {
        let mut s = Stream::new(9, Purpose::Impression, 0, 0);
        for rough in [false, true] {
            let (mut sum, mut squares) = (0f64, 0f64);
            let n = 40_000;
            for _ in 0..n {
                let v = f64::from(if rough { s.rough_normal() } else { s.normal() });
                sum += v;
                squares += v * v;
            }
            let (mean, variance) = (sum / f64::from(n), squares / f64::from(n));
            assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.03, "rough {rough}: {mean} {variance}");
        }
    }
}
