//! Synthetic face embeddings whose cosines are distributed like those of real people.
//!
//! Uniform vectors are far too easy: their impostor cosines have no tail. Here identities share parts drawn from two fixed
//! pools, their images scatter with a real spectrum, and a few images hardly show the identity. The equal
//! error rate and the thresholds down to a false match rate of 1e-5 follow a real model; beyond that, they extrapolate.

mod params;
mod rotation;
mod spectrum;

use std::fmt;
use std::sync::Arc;

use self::params::{LARGE_POOL, SCATTER_DEVIATION, SMALL_POOL, STRANGERS, WITHIN_TRACE};
use self::rotation::Rotation;
use self::spectrum::{DIMENSION, Spectrum};
use super::math;
use super::random::{Purpose, Stream};
use crate::face::embedding::Embedding;

/// Makes embeddings of synthetic people with 512 dimensions. It is cheap to clone.
///
/// Identity `i` and its sample `k` depend only on the seed, `i` and `k`. The first call takes about 20 ms and 3 MiB,
/// and an identity with a sample about 25 microseconds.
///
/// ```
/// use selfsame::synth::FaceGenerator;
/// let people = FaceGenerator::new(1);
/// let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
/// let (a, b, c) = (people.sample(5, 0), people.sample(5, 1), people.sample(6, 0));
/// assert!(dot(&a, &b) > dot(&a, &c));
/// ```
#[derive(Clone)]
pub struct FaceGenerator {
    seed: u64,
    shared: Arc<Shared>,
}

/// Data that all identities of a generator share.
struct Shared {
    spectrum: Spectrum,
    small: Vec<f32>,
    large: Vec<f32>,
    rotation: Rotation,
}

/// A synthetic person: a mean embedding, and the scatter of the person's images.
#[derive(Clone)]
pub struct FaceIdentity {
    seed: u64,
    number: u64,
    shared: Arc<Shared>,
    center: Vec<f32>,
    scatter: f32,
}

impl FaceGenerator {
    /// Dimension of the embeddings.
    pub const DIMENSION: usize = DIMENSION;

    /// A generator of people.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let spectrum = Spectrum::new();
        let mut random = Stream::new(seed, Purpose::FacePool, 0, 0);
        let mut pool = |count: usize| {
            let mut values = Vec::with_capacity(count * DIMENSION);
            for _ in 0..count {
                values.extend(spectrum.between.iter().map(|s| s * random.normal()));
            }
            values
        };
        let (small, large) = (pool(SMALL_POOL.1), pool(LARGE_POOL.1));
        let rotation = Rotation::draw(&mut Stream::new(seed, Purpose::FacePool, 0, 1));
        Self { seed, shared: Arc::new(Shared { spectrum, small, large, rotation }) }
    }

    /// Person `i`.
    #[must_use]
    pub fn identity(&self, i: u64) -> FaceIdentity {
        let mut random = Stream::new(self.seed, Purpose::FaceIdentity, i, 0);
        let center = self.shared.person(&mut random);
        let scatter = math::exp(SCATTER_DEVIATION * f64::from(random.normal())) as f32;
        FaceIdentity { seed: self.seed, number: i, shared: Arc::clone(&self.shared), center, scatter }
    }

    /// Sample `k` of person `i`, unit length; the same as `identity(i).sample(k)`.
    #[must_use]
    pub fn sample(&self, i: u64, k: u64) -> Vec<f32> {
        self.identity(i).sample(k)
    }

    /// Sample `k` of person `i` as an embedding.
    #[must_use]
    pub fn embedding(&self, i: u64, k: u64) -> Embedding {
        self.identity(i).embedding(k)
    }
}

impl FaceIdentity {
    /// Sample `k`: 512 components of unit length.
    #[must_use]
    pub fn sample(&self, k: u64) -> Vec<f32> {
        let mut random = Stream::new(self.seed, Purpose::FaceSample, self.number, k);
        let mut x = self.center.clone();
        if random.chance(STRANGERS) {
            let own = random.uniform();
            let other = (1.0 - own * own).sqrt();
            for (v, stranger) in x.iter_mut().zip(self.shared.person(&mut random)) {
                *v = own * *v + other * stranger;
            }
        }
        let direction: Vec<f32> = self.shared.spectrum.within.iter().map(|s| s * random.normal()).collect();
        // Twice a Beta(2, 2) number: the median of three uniform ones.
        let mut three = [random.uniform(), random.uniform(), random.uniform()];
        three.sort_by(f32::total_cmp);
        let strength = (self.scatter * 2.0 * three[1] * WITHIN_TRACE).sqrt() / length(&direction);
        for (v, d) in x.iter_mut().zip(&direction) {
            *v += strength * d;
        }
        self.shared.rotation.apply(&mut x);
        let norm = 1.0 / length(&x);
        for v in &mut x {
            *v *= norm;
        }
        x
    }

    /// Sample `k` as an embedding.
    #[must_use]
    pub fn embedding(&self, k: u64) -> Embedding {
        Embedding::from_slice(&self.sample(k)).unwrap_or_else(|_| unreachable!("samples are finite and of unit length"))
    }
}

impl Shared {
    /// The center of a new person.
    fn person(&self, random: &mut Stream) -> Vec<f32> {
        let small = random.index(SMALL_POOL.1) * DIMENSION;
        let large = random.index(LARGE_POOL.1) * DIMENSION;
        let own = (1.0 - SMALL_POOL.0 - LARGE_POOL.0).sqrt();
        let (share_small, share_large) = (SMALL_POOL.0.sqrt(), LARGE_POOL.0.sqrt());
        let pools = self.small[small..small + DIMENSION].iter().zip(&self.large[large..large + DIMENSION]);
        let spread = self.spectrum.mean.iter().zip(&self.spectrum.between);
        spread
            .zip(pools)
            .map(|((m, s), (a, b))| m + own * s * random.normal() + share_small * a + share_large * b)
            .collect()
    }
}

/// Euclidean length, summed in a fixed order; at least the smallest positive number.
fn length(v: &[f32]) -> f32 {
    let (chunks, rest) = v.as_chunks::<8>();
    let mut sums = [0f32; 8];
    for chunk in chunks {
        for (s, x) in sums.iter_mut().zip(chunk) {
            *s += x * x;
        }
    }
    let tail: f32 = rest.iter().map(|x| x * x).sum();
    (sums.iter().sum::<f32>() + tail).sqrt().max(f32::MIN_POSITIVE)
}

impl fmt::Debug for FaceGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceGenerator").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl fmt::Debug for FaceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceIdentity").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn samples_are_repeatable_and_of_unit_length() {
        let people = FaceGenerator::new(4);
        for i in [0, 1, u64::MAX] {
            let x = people.sample(i, 9);
            assert!((length(&x) - 1.0).abs() < 1e-5);
            assert_eq!(x, FaceGenerator::new(4).identity(i).sample(9));
            assert_ne!(x, people.sample(i, 8));
            assert_ne!(x, FaceGenerator::new(5).sample(i, 9));
        }
    }

    #[test]
    fn components_are_alike() {
        // After the rotation no direction has far more variance than another, so narrow forms behave as with real
        // models.
        let people = FaceGenerator::new(4);
        let mut squares = vec![0f32; DIMENSION];
        for i in 0..400 {
            for (s, x) in squares.iter_mut().zip(people.sample(i, 0)) {
                *s += x * x * DIMENSION as f32 / 400.0;
            }
        }
        let (low, high) = squares.iter().fold((f32::MAX, 0f32), |(l, h), &s| (l.min(s), h.max(s)));
        assert!(low > 0.4 && high < 2.5, "{low} {high}");
    }

    #[test]
    fn error_rates_follow_the_real_model() {
        // 3000 people, 2 images each: 3000 genuine and 4.5 million impostor cosines.
        let people = FaceGenerator::new(11);
        let count = 3000;
        let samples: Vec<[Vec<f32>; 2]> = (0..count)
            .map(|i| {
                let identity = people.identity(i);
                [identity.sample(0), identity.sample(1)]
            })
            .collect();
        let mut genuine: Vec<f32> = samples.iter().map(|[a, b]| dot(a, b)).collect();
        genuine.sort_by(f32::total_cmp);
        let mut impostor = Vec::with_capacity(samples.len() * samples.len() / 2);
        for (n, [a, _]) in samples.iter().enumerate() {
            impostor.extend(samples[..n].iter().map(|[_, b]| dot(a, b)));
        }
        impostor.sort_by(f32::total_cmp);
        let at = |rate: f64| impostor[impostor.len() - 1 - (rate * impostor.len() as f64) as usize];
        let eer = genuine
            .iter()
            .enumerate()
            .map(|(n, t)| {
                let above = impostor.len() - impostor.partition_point(|c| c < t);
                (n as f64 / genuine.len() as f64).max(above as f64 / impostor.len() as f64)
            })
            .fold(1.0, f64::min);
        let mean = genuine.iter().map(|&c| f64::from(c)).sum::<f64>() / genuine.len() as f64;
        println!("mean {mean:.3} EER {:.2} % thresholds {:.3} {:.3} {:.3}", 100.0 * eer, at(1e-3), at(1e-4), at(1e-5));
        assert!((at(1e-3) - 0.250).abs() < 0.015, "FAR 1e-3: {}", at(1e-3));
        assert!((at(1e-4) - 0.323).abs() < 0.025, "FAR 1e-4: {}", at(1e-4));
        assert!((at(1e-5) - 0.391).abs() < 0.040, "FAR 1e-5: {}", at(1e-5));
        assert!((0.0025..0.0085).contains(&eer), "EER {eer}");
    }
}
