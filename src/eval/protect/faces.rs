//! Comparison of protected faces with unprotected ones.

use std::collections::HashMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::super::face::all_pairs;
use super::super::params::SEED;
use super::super::{EvalError, ScoreSet};
use super::anchors::anchors;
use super::known::{Deal, KnownPairs};
use super::link::link;
use super::linkage::{Linkage, unlinkability};
use super::map::map;
use super::params::{ASCENT, INVERTED, LEAK_FMR, LINKED_PAIRS, PAIRS_PER_PERSON, secret};
use super::regression::apart;
use crate::face::embedding::Embedding;
use crate::protect::{FaceCode, FaceProtector, ProtectError, ProtectionKey};
use crate::score::Fmr;

/// Keys whose codes of one face are inverted together.
const KEYS: usize = 3;
/// Steepness of the ascent, in standard deviations of an output.
const STEEP: f32 = 4.0;

/// Protected faces of one length.
#[derive(Clone, Debug)]
pub struct FaceProtection {
    /// Bits of a code.
    pub bits: usize,
    /// Cosines of the embeddings themselves for all pairs, with equal weight for each identity.
    pub plain: ScoreSet,
    /// Cosines estimated from codes of one key, for the same pairs. This also applies when a subject's own key was
    /// stolen.
    pub protected: ScoreSet,
    /// Codes under two secret keys, compared by their bits.
    pub secret_keys: Linkage,
    /// One image before and after a renewal, compared by their bits.
    pub renewed: Linkage,
    /// Both keys known: both codes inverted and compared as embeddings.
    pub leaked_keys: Linkage,
    /// Inversion with a wrong key: the result for an attacker without the key.
    pub wrong_key: FaceLeak,
    /// Code and key known, inverted by one product with the rotation's transpose.
    pub linear: FaceLeak,
    /// The same, refined until the bits fit.
    pub refined: FaceLeak,
    /// Codes of one image under three keys, all known.
    pub three_keys: FaceLeak,
    /// Attacks without a key, for each number of known pairs with enough people.
    pub known_pairs: Vec<KnownPairs>,
}

/// Success of inverted codes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FaceLeak {
    /// Mean cosine with the enrolled embedding.
    pub enrolled: f64,
    /// Mean cosine with an embedding of another image of the person.
    pub fresh: f64,
    /// Share that an unprotected comparison with the other image accepts at FMR 1e-3.
    pub accepted: f64,
    /// Number of people.
    pub people: usize,
}

/// Measures the protection of labeled embeddings by codes of each length. `excluded`: pairs of rows that show one person under two labels.
/// `known`: numbers of known pairs for attacks without a key; those above half of the people are left out.
///
/// All pairs are compared for each length, which takes some seconds for 10,000 rows; a thousand known pairs cost as
/// much again.
///
/// # Errors
/// [`EvalError`] when there are no pairs, lists differ in length, or a length does not exist.
pub fn faces(
    embeddings: &[Embedding],
    labels: &[i64],
    excluded: &[(usize, usize)],
    lengths: &[usize],
    known: &[usize],
) -> Result<Vec<FaceProtection>, EvalError> {
    let plain = all_pairs(embeddings, labels, excluded)?.balanced;
    let dimension = embeddings.first().map_or(0, Embedding::dimension);
    let mut people: Vec<Vec<usize>> = Vec::new();
    let mut numbers: HashMap<i64, usize> = HashMap::new();
    for (row, label) in labels.iter().enumerate() {
        let person = *numbers.entry(*label).or_insert(people.len());
        people.resize_with(people.len().max(person + 1), Vec::new);
        if let Some(rows) = people.get_mut(person) {
            rows.push(row);
        }
    }
    let threshold = plain.threshold_at(Fmr::new(LEAK_FMR)?);
    let known = Deal::allowed(known, people.len());
    let most = known.iter().copied().max().unwrap_or(0);
    let deal = Deal::new(embeddings, &people, most, threshold);
    lengths
        .iter()
        .map(|&bits| {
            let protectors = (0..KEYS as u64)
                .map(|trial| FaceProtector::new(&ProtectionKey::new(&secret(trial), 0), dimension, bits))
                .collect::<Result<Vec<_>, _>>()
                .map_err(unfit)?;
            let set = Set { embeddings, people: &people, protectors: &protectors, deal: &deal, known: &known };
            set.measure(bits, &plain, threshold, excluded)
        })
        .collect()
}

fn unfit(reason: ProtectError) -> EvalError {
    EvalError::Embedding { index: 0, reason: reason.to_string() }
}

/// Pairs of rows.
type RowPairs = Vec<(usize, usize)>;

struct Set<'a> {
    embeddings: &'a [Embedding],
    /// Rows of each person.
    people: &'a [Vec<usize>],
    protectors: &'a [FaceProtector],
    /// The split of people for attacks with known pairs, and the numbers of pairs.
    deal: &'a Deal<'a>,
    known: &'a [usize],
}

impl Set<'_> {
    fn measure(
        &self,
        bits: usize,
        plain: &ScoreSet,
        threshold: f64,
        excluded: &[(usize, usize)],
    ) -> Result<FaceProtection, EvalError> {
        let codes = |key: usize| -> Result<Vec<FaceCode>, EvalError> {
            let protector = self.protectors.get(key).ok_or(EvalError::NoImpostor)?;
            let one = |(index, e)| {
                protector
                    .protect(e)
                    .map_err(|why: ProtectError| EvalError::Embedding { index, reason: why.to_string() })
            };
            self.embeddings.par_iter().enumerate().map(one).collect()
        };
        let (first, second) = (codes(0)?, codes(1)?);
        let protected = self.all_pairs(&first, bits, excluded)?;
        let (mated, non_mated) = self.linked_pairs();
        let by_bits = |pairs: &[(usize, usize)]| -> Vec<f64> {
            pairs.iter().map(|&(i, j)| alike(first.get(i), second.get(j))).collect()
        };
        let non_mated_bits = by_bits(&non_mated);
        let own: Vec<(usize, usize)> = (0..self.embeddings.len()).map(|i| (i, i)).collect();
        let by_inversion = |pairs: &[(usize, usize)]| -> Vec<f64> {
            let one = |&(i, j): &(usize, usize)| {
                let (a, b) = (self.invert(&[(0, first.get(i))], 0), self.invert(&[(1, second.get(j))], 0));
                cosine(&a, &b)
            };
            pairs.par_iter().map(one).collect()
        };
        let leak = |keys: &[usize], with: &[usize], steps: usize| -> Result<FaceLeak, EvalError> {
            let all = keys.iter().map(|&key| codes(key)).collect::<Result<Vec<_>, _>>()?;
            Ok(self.leak(threshold, |row| {
                let known: Vec<_> = with.iter().zip(&all).map(|(&key, codes)| (key, codes.get(row))).collect();
                self.invert(&known, steps)
            }))
        };
        let known_pairs = self.known.iter().map(|&known| KnownPairs {
            known,
            among: self.deal.candidates.len(),
            anchors: anchors(self.deal, &first, known, bits),
            map: map(self.deal, &first, known),
            link: link(self.deal, &first, &second, known),
        });
        Ok(FaceProtection {
            bits,
            known_pairs: known_pairs.collect(),
            plain: plain.clone(),
            protected,
            secret_keys: unlinkability(&by_bits(&mated), &non_mated_bits),
            renewed: unlinkability(&by_bits(&own), &non_mated_bits),
            leaked_keys: unlinkability(&by_inversion(&mated), &by_inversion(&non_mated)),
            wrong_key: leak(&[0], &[1], 0)?,
            linear: leak(&[0], &[0], 0)?,
            refined: leak(&[0], &[0], ASCENT)?,
            three_keys: leak(&[0, 1, 2], &[0, 1, 2], ASCENT)?,
        })
    }

    /// Scores of all pairs by their bits; each identity's genuine pairs share one weight.
    fn all_pairs(&self, codes: &[FaceCode], bits: usize, excluded: &[(usize, usize)]) -> Result<ScoreSet, EvalError> {
        let mut person = vec![0usize; codes.len()];
        for (number, rows) in self.people.iter().enumerate() {
            for &row in rows {
                if let Some(p) = person.get_mut(row) {
                    *p = number;
                }
            }
        }
        let weight = |number: usize| {
            let n = self.people.get(number).map_or(0, Vec::len) as f64;
            2.0 / (n * (n - 1.0))
        };
        let mut excluded: Vec<_> = excluded.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
        excluded.sort_unstable();
        let row = |i: usize| {
            let (mut genuine, mut impostor) = (vec![0.0; bits + 1], vec![0u64; bits + 1]);
            if let (Some(a), Some(&own)) = (codes.get(i), person.get(i)) {
                for (j, b) in codes.iter().enumerate().skip(i + 1) {
                    let apart = apart(a, b);
                    if person.get(j) == Some(&own) {
                        if let Some(sum) = genuine.get_mut(apart) {
                            *sum += weight(own);
                        }
                    } else if let Some(count) = impostor.get_mut(apart)
                        && excluded.binary_search(&(i, j)).is_err()
                    {
                        *count += 1;
                    }
                }
            }
            (genuine, impostor)
        };
        let zero = || (vec![0.0; bits + 1], vec![0u64; bits + 1]);
        // The chunks of rows do not depend on the number of threads, so weights are added in a fixed order.
        let starts: Vec<usize> = (0..codes.len()).step_by(64).collect();
        let parts: Vec<_> =
            starts.par_iter().map(|&start| (start..(start + 64).min(codes.len())).map(row).fold(zero(), add)).collect();
        let (genuine, impostor) = parts.into_iter().fold(zero(), add);
        let score = |apart: usize| (std::f64::consts::PI * apart as f64 / bits as f64).cos();
        let genuine: Vec<_> = genuine.into_iter().enumerate().map(|(apart, w)| (score(apart), w)).collect();
        let impostor: Vec<_> = impostor.into_iter().enumerate().map(|(apart, n)| (score(apart), n as f64)).collect();
        ScoreSet::weighted(genuine, impostor)
    }

    /// Pairs of rows of one person, and the same number of pairs of two people.
    fn linked_pairs(&self) -> (RowPairs, RowPairs) {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        let mut mated = Vec::new();
        for rows in self.people {
            let pairs = rows.iter().flat_map(|&a| rows.iter().filter(move |&&b| a != b).map(move |&b| (a, b)));
            mated.extend(pairs.take(PAIRS_PER_PERSON));
        }
        let mut below = |n: usize| ((u64::from(random.next_u32()) * n as u64) >> 32) as usize;
        let mut non_mated = Vec::new();
        while self.people.len() > 1 && non_mated.len() < mated.len().max(LINKED_PAIRS) {
            let (p, q) = (below(self.people.len()), below(self.people.len()));
            if let (true, Some(a), Some(b)) = (p != q, self.people.get(p), self.people.get(q)) {
                let pair = (a.get(below(a.len())), b.get(below(b.len())));
                if let (Some(&a), Some(&b)) = pair {
                    non_mated.push((a, b));
                }
            }
        }
        (mated, non_mated)
    }

    /// The face reconstructed from codes by an attacker who assumes these keys.
    fn invert(&self, codes: &[(usize, Option<&FaceCode>)], steps: usize) -> Vec<f32> {
        let known: Vec<_> = codes
            .iter()
            .filter_map(|&(key, code)| Some((self.protectors.get(key)?.rotation(), signs(code?))))
            .collect();
        let mut guess: Vec<f32> = Vec::new();
        for (rotation, signs) in &known {
            add_to(&mut guess, &rotation.back(signs.iter().copied()), 1.0);
        }
        to_unit(&mut guess);
        let steep = STEEP * (guess.len() as f32).sqrt();
        for step in 0..steps {
            // Ascent of the sum of log-logistic margins, in decreasing steps.
            let rate = 0.5 / (1.0 + step as f32 * 0.1);
            let mut way: Vec<f32> = Vec::new();
            for (rotation, signs) in &known {
                let outputs = rotation.outputs(&guess);
                let pull = outputs.iter().zip(signs).map(|(o, s)| s / (1.0 + (steep * o * s).exp()));
                add_to(&mut way, &rotation.back(pull), 1.0);
            }
            to_unit(&mut way);
            add_to(&mut guess, &way, rate);
            to_unit(&mut guess);
        }
        guess
    }

    /// Compares inversions of people's first image with their second one.
    fn leak(&self, threshold: f64, invert: impl Fn(usize) -> Vec<f32> + Sync) -> FaceLeak {
        let shown: Vec<(usize, usize)> =
            (self.people.iter()).filter_map(|rows| Some((*rows.first()?, *rows.get(1)?))).take(INVERTED).collect();
        let one = |&(enrolled, fresh): &(usize, usize)| {
            let guess = invert(enrolled);
            let with = |row: usize| self.embeddings.get(row).map_or(0.0, |e| cosine(&guess, e.as_slice()));
            (with(enrolled), with(fresh))
        };
        let cosines: Vec<(f64, f64)> = shown.par_iter().map(one).collect();
        let n = cosines.len().max(1) as f64;
        FaceLeak {
            enrolled: cosines.iter().map(|c| c.0).sum::<f64>() / n,
            fresh: cosines.iter().map(|c| c.1).sum::<f64>() / n,
            accepted: cosines.iter().filter(|c| c.1 >= threshold).count() as f64 / n,
            people: cosines.len(),
        }
    }
}

type Counts = (Vec<f64>, Vec<u64>);

fn add(mut sum: Counts, part: Counts) -> Counts {
    sum.0.iter_mut().zip(part.0).for_each(|(a, b)| *a += b);
    sum.1.iter_mut().zip(part.1).for_each(|(a, b)| *a += b);
    sum
}

/// Share of bits in common.
fn alike(a: Option<&FaceCode>, b: Option<&FaceCode>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) => 1.0 - apart(a, b) as f64 / a.bits().max(1) as f64,
        _ => 0.0,
    }
}

fn signs(code: &FaceCode) -> Vec<f32> {
    let bit = |i: usize| code.words().get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1);
    (0..code.bits()).map(|i| if bit(i) { 1.0 } else { -1.0 }).collect()
}

fn add_to(sum: &mut Vec<f32>, part: &[f32], factor: f32) {
    sum.resize(sum.len().max(part.len()), 0.0);
    sum.iter_mut().zip(part).for_each(|(a, b)| *a += factor * b);
}

fn to_unit(values: &mut [f32]) {
    let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    if norm > 0.0 {
        values.iter_mut().for_each(|v| *v /= norm);
    }
}

/// Cosine of two vectors.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let norms = (product(a, a) * product(b, b)).sqrt();
    if norms > 0.0 { product(a, b) / norms } else { 0.0 }
}
