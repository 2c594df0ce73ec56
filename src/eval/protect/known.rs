//! Attacks without any key, by an attacker who knows the pictures behind some codes of a secret.
//!
//! The people are split once: into a pool whose pictures, codes and statistics the attacker has, and the others, who
//! are attacked. Codes are made of a person's first picture, and another picture decides whether an attack found the
//! person.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::super::params::SEED;
use super::linear::product;
use super::linkage::Linkage;
use super::params::{INVERTED, POOL};
use crate::face::embedding::Embedding;

/// Result of an attack, with those of the same attack on shuffled labels (the null) and where it must succeed (the
/// control).
#[derive(Clone, Debug)]
pub struct Attack<T> {
    /// The attack.
    pub found: T,
    /// The same attack after the known pairs were shuffled: the success of chance and the mean face.
    pub null: T,
    /// The same attack where it must succeed unless its program is wrong.
    pub control: T,
}

/// Success of reconstructed faces.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guess {
    /// Share of codes whose owner ranks first when the other pictures of all people are ranked by the reconstruction;
    /// `None` if nobody was ranked.
    pub rank_one: Option<f64>,
    /// Share that an unprotected comparison with another picture accepts at FMR 1e-3.
    pub accepted: f64,
    /// Number of attacked codes.
    pub targets: usize,
}

/// Success of linking old codes to renewed ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Renewal {
    /// Share of old codes whose best match among all renewed codes is that of the same person's other picture.
    pub rank_one: f64,
    /// Number of attacked old codes.
    pub targets: usize,
    /// Linkage of old and renewed codes.
    pub linkage: Linkage,
}

/// Attacks with a number of known pairs.
#[derive(Clone, Debug)]
pub struct KnownPairs {
    /// Number of known pairs.
    pub known: usize,
    /// Number of people among whom an owner is ranked.
    pub among: usize,
    /// Reconstruction of a face from a code's distances to the known codes and the statistics of faces. The control has
    /// exact cosines in place of distances.
    pub anchors: Attack<Guess>,
    /// A linear map from codes to faces, learned from the known pairs. The control maps the known codes themselves.
    pub map: Attack<Guess>,
    /// A linear map from old to renewed codes, learned from known pairs of the two. In the control, nothing was
    /// renewed.
    pub link: Attack<Renewal>,
}

/// An attacked person.
pub(super) struct Target {
    /// Row of the picture whose code is attacked.
    pub(super) coded: usize,
    /// Rows of the person's other pictures; the first one decides.
    pub(super) others: Vec<usize>,
    /// Index in the candidates.
    pub(super) candidate: usize,
}

/// The split of people.
pub(super) struct Deal<'a> {
    pub(super) embeddings: &'a [Embedding],
    /// Rows of the attacker's people, one picture each; the known ones come first.
    pub(super) pool: Vec<usize>,
    /// The other picture of each known person, if there is one.
    pub(super) pool_others: Vec<Option<usize>>,
    /// Rows of the ranked pictures of all people, attacked or not.
    pub(super) candidates: Vec<usize>,
    pub(super) targets: Vec<Target>,
    /// Mean of the pool's pictures.
    pub(super) mean: Vec<f32>,
    /// Cosine from which the unprotected comparison accepts two pictures as one person.
    threshold: f64,
    /// The candidates minus the mean, scaled to unit length.
    turned: Vec<Vec<f32>>,
}

impl<'a> Deal<'a> {
    /// Splits people, each given by its rows; `most` is the largest number of known pairs.
    pub(super) fn new(embeddings: &'a [Embedding], people: &[Vec<usize>], most: usize, threshold: f64) -> Self {
        let order = shuffled(people.len());
        let pool_size = most.max(POOL.min(people.len() / 3));
        let (mut pool, mut pool_others, mut candidates, mut targets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, person) in order.into_iter().enumerate() {
            let Some([first, others @ ..]) = people.get(person).map(Vec::as_slice) else { continue };
            if number < pool_size {
                pool.push(*first);
                pool_others.push(others.first().copied());
                continue;
            }
            if !others.is_empty() && targets.len() < INVERTED {
                targets.push(Target { coded: *first, others: others.to_vec(), candidate: candidates.len() });
            }
            candidates.push(others.first().copied().unwrap_or(*first));
        }
        let mut deal = Self {
            embeddings,
            pool,
            pool_others,
            candidates,
            targets,
            mean: Vec::new(),
            threshold,
            turned: Vec::new(),
        };
        let dimension = embeddings.first().map_or(0, Embedding::dimension);
        let mut mean = vec![0f64; dimension];
        for &row in &deal.pool {
            mean.iter_mut().zip(deal.face(row)).for_each(|(m, v)| *m += f64::from(*v) / deal.pool.len() as f64);
        }
        deal.mean = mean.into_iter().map(|m| m as f32).collect();
        deal.turned = deal.candidates.iter().map(|&row| deal.beyond_mean(deal.face(row))).collect();
        deal
    }

    /// Numbers of known pairs that this many people allow: half of them remain to be attacked.
    pub(super) fn allowed(known: &[usize], people: usize) -> Vec<usize> {
        known.iter().copied().filter(|&k| k > 1 && k <= people / 2).collect()
    }

    pub(super) fn face(&self, row: usize) -> &'a [f32] {
        self.embeddings.get(row).map_or(&[], Embedding::as_slice)
    }

    /// A vector minus the mean face, scaled to unit length.
    fn beyond_mean(&self, vector: &[f32]) -> Vec<f32> {
        let mut out: Vec<f32> = vector.iter().zip(&self.mean).map(|(v, m)| v - m).collect();
        let length = product(&out, &out).sqrt();
        if length > 0.0 {
            out.iter_mut().for_each(|v| *v /= length);
        }
        out
    }

    /// Whether the unprotected comparison accepts a reconstruction as the person of a row.
    pub(super) fn accepts(&self, guess: &[f32], row: usize) -> bool {
        let face = self.face(row);
        let lengths = (product(guess, guess) * product(face, face)).sqrt();
        lengths > 0.0 && f64::from(product(guess, face) / lengths) >= self.threshold
    }

    /// Evaluates a reconstruction of each target.
    pub(super) fn judge(&self, guess: impl Fn(&Target) -> Vec<f32> + Sync) -> Guess {
        let one = |target: &Target| {
            let guess = guess(target);
            let turned = self.beyond_mean(&guess);
            let score = |candidate: &Vec<f32>| product(&turned, candidate);
            let own = self.turned.get(target.candidate).map_or(f32::NEG_INFINITY, score);
            let first = self.turned.iter().enumerate().all(|(i, c)| i == target.candidate || score(c) < own);
            (first, target.others.first().is_some_and(|&row| self.accepts(&guess, row)))
        };
        let found: Vec<(bool, bool)> = self.targets.par_iter().map(one).collect();
        let share =
            |hit: fn(&(bool, bool)) -> bool| found.iter().filter(|f| hit(f)).count() as f64 / found.len().max(1) as f64;
        Guess { rank_one: Some(share(|f| f.0)), accepted: share(|f| f.1), targets: found.len() }
    }
}

/// Numbers below `n` in a fixed random order.
pub(super) fn shuffled(n: usize) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, ((u64::from(random.next_u32()) * (i as u64 + 1)) >> 32) as usize);
    }
    order
}
