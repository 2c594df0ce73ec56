//! Closed- and open-set identification: the first image of each person is enrolled.

use std::collections::HashSet;

use rayon::prelude::*;

use super::super::params::PROBES_AT_ONCE;
use super::rows::{Rows, check_lengths, identities};
use crate::eval::EvalError;
use crate::face::embedding::Embedding;
use crate::score::Fmr;

/// Identification rates of a labeled set.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Identification {
    /// People enrolled in the closed set: all.
    pub enrolled: usize,
    /// Probes of enrolled people: every image except the first.
    pub probes: usize,
    /// For each rank from 1 on, the number of probes with their own person at this rank or better (cumulative match
    /// characteristic), up to [`Identification::RANKS`].
    pub cmc: Vec<usize>,
    /// Open set: only people with at least two images are enrolled; the others' images are probes without a mate.
    pub open: Option<OpenSet>,
}

/// Open-set rates.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OpenSet {
    /// People enrolled.
    pub enrolled: usize,
    /// Probes of enrolled people.
    pub mated: usize,
    /// Probes of people who are not enrolled.
    pub non_mated: usize,
    /// Per probe of an enrolled person, the best cosine if it is of the right person, else a value below any threshold.
    right: Vec<f32>,
    /// The best cosine per probe of a stranger, ascending.
    strangers: Vec<f32>,
}

impl Identification {
    /// Ranks in the cumulative match characteristic.
    pub const RANKS: usize = 20;

    /// Share of probes whose own person is at rank `rank` (from 1) or better.
    #[must_use]
    pub fn rank(&self, rank: usize) -> f64 {
        let found = rank.checked_sub(1).and_then(|r| self.cmc.get(r)).copied().unwrap_or(0);
        found as f64 / self.probes.max(1) as f64
    }
}

impl OpenSet {
    /// Makes the rates from the scores of enrolled people's probes (below any threshold if another person comes first)
    /// and the best scores of strangers.
    pub(super) fn new(enrolled: usize, right: Vec<f32>, mut strangers: Vec<f32>) -> Self {
        strangers.sort_by(f32::total_cmp);
        Self { enrolled, mated: right.len(), non_mated: strangers.len(), right, strangers }
    }

    /// The lowest threshold at which at most a share `fpir` of the strangers' probes return a candidate, and the number
    /// that do.
    #[must_use]
    pub fn threshold_at(&self, fpir: Fmr) -> (f64, usize) {
        let n = self.strangers.len();
        // Rounding the product up must not let one more pass.
        let allowed = ((fpir.get() * n as f64 * (1.0 + 4.0 * f64::EPSILON)) as usize).min(n);
        match n.checked_sub(allowed + 1).and_then(|i| self.strangers.get(i)) {
            // Just above the first that must not pass; scores that tie with it stay out too.
            Some(first_out) => {
                let threshold = first_out.next_up();
                let passed = n - self.strangers.partition_point(|s| *s < threshold);
                (f64::from(threshold), passed)
            }
            None => (-1.0, n),
        }
    }

    /// False negative identification rate at a threshold: the share of enrolled people's probes for which the right
    /// person is not the first candidate or lies below the threshold.
    #[must_use]
    pub fn fnir_at(&self, threshold: f64) -> f64 {
        let missed = self.right.iter().filter(|s| f64::from(**s) < threshold).count();
        missed as f64 / self.right.len().max(1) as f64
    }
}

/// Enrolls the first image of each person and searches with the others, on the current rayon pool.
///
/// In the open set, probes of strangers that occur in `excluded` pairs of rows (label errors: the stranger is actually
/// enrolled under another name) are left out.
///
/// # Errors
/// [`EvalError`] when lengths differ, embeddings differ in dimension, or no person has two images.
pub fn identification(
    embeddings: &[Embedding],
    labels: &[i64],
    excluded: &[(usize, usize)],
) -> Result<Identification, EvalError> {
    check_lengths(embeddings, labels)?;
    let (identity, people) = identities(labels);
    let mut images = vec![0usize; people];
    for &i in &identity {
        if let Some(n) = images.get_mut(i) {
            *n += 1;
        }
    }
    let has_mates = |person: usize| images.get(person).is_some_and(|n| *n > 1);
    // Identities are numbered in order of their first rows, so row `person` of the gallery is that person's.
    let mut first = Vec::with_capacity(people);
    let mut probes = Vec::new();
    for (row, &person) in identity.iter().enumerate() {
        let is_first = person == first.len();
        if is_first {
            first.push(row);
        }
        if !is_first || !has_mates(person) {
            probes.push(row);
        }
    }
    if first.len() == embeddings.len() {
        return Err(EvalError::NoGenuine);
    }
    let excluded: HashSet<usize> = excluded.iter().flat_map(|&(a, b)| [a, b]).collect();
    let gallery: Vec<Embedding> = first.iter().filter_map(|&row| embeddings.get(row).cloned()).collect();
    let mut rows = Rows::new(&gallery)?;
    let searchers = Rows::new(embeddings)?;
    rows.probes = searchers.probes;
    let groups: Vec<&[usize]> = probes.chunks(PROBES_AT_ONCE).collect();
    let found: Vec<Result<Vec<Found>, EvalError>> = groups
        .par_iter()
        .map(|group| {
            let mut found = Vec::with_capacity(group.len());
            rows.scan(group, 0, &mut |row, scores| {
                let own = identity.get(row).copied().unwrap_or(0);
                let own_score = scores.get(own).map_or(-1.0, |c| c.value());
                let mut one = Found { row, own: own_score, better: 0, best_other: -1.0 };
                for (person, cosine) in scores.iter().enumerate().filter(|(person, _)| *person != own) {
                    one.better += usize::from(cosine.value() > own_score);
                    if has_mates(person) {
                        one.best_other = one.best_other.max(cosine.value());
                    }
                }
                found.push(one);
            })?;
            Ok(found)
        })
        .collect();
    let found = found.into_iter().collect::<Result<Vec<_>, _>>()?.concat();

    let mut result =
        Identification { enrolled: people, probes: 0, cmc: vec![0; Identification::RANKS.min(people)], open: None };
    let mut open = OpenSet { enrolled: 0, mated: 0, non_mated: 0, right: Vec::new(), strangers: Vec::new() };
    open.enrolled = images.iter().filter(|n| **n > 1).count();
    for one in found {
        if has_mates(identity.get(one.row).copied().unwrap_or(0)) {
            result.probes += 1;
            result.cmc.iter_mut().skip(one.better).for_each(|n| *n += 1);
            open.right.push(if one.own >= one.best_other { one.own } else { f32::NEG_INFINITY });
        } else if !excluded.contains(&one.row) {
            open.strangers.push(one.best_other);
        }
    }
    open.strangers.sort_by(f32::total_cmp);
    (open.mated, open.non_mated) = (open.right.len(), open.strangers.len());
    if open.non_mated > 0 && open.enrolled > 0 {
        result.open = Some(open);
    }
    Ok(result)
}

/// Results of one probe.
#[derive(Clone, Copy)]
struct Found {
    row: usize,
    /// Cosine with the own person's enrolled image.
    own: f32,
    /// Number of other people with a higher cosine.
    better: usize,
    /// Best cosine with another person of the open set's gallery.
    best_other: f32,
}

#[cfg(test)]
mod tests {
    use super::super::tests::population;
    use super::*;

    #[test]
    fn everybody_is_found_when_nobody_is_alike() {
        let (embeddings, labels) = population(12, 3);
        let report = identification(&embeddings, &labels, &[]).unwrap();
        assert_eq!((report.enrolled, report.probes, report.open.is_none()), (12, 24, true));
        assert_eq!(report.rank(1), 1.0);
        assert_eq!(report.cmc, [24; 12]);
    }

    #[test]
    fn strangers_decide_the_threshold() {
        // The last four people have one image each.
        let (mut embeddings, mut labels) = population(12, 3);
        for person in 8..12 {
            let at = labels.iter().position(|l| *l == 100 - person).unwrap();
            embeddings.drain(at + 1..at + 3);
            labels.drain(at + 1..at + 3);
        }
        let report = identification(&embeddings, &labels, &[]).unwrap();
        let open = report.open.as_ref().unwrap();
        assert_eq!((open.enrolled, open.mated, open.non_mated), (8, 16, 4));
        assert_eq!((report.enrolled, report.probes), (12, 16));
        let at = |rate: f64| open.threshold_at(Fmr::new(rate).unwrap());
        assert_eq!([at(1.0).1, at(0.5).1, at(0.25).1, at(0.2).1], [4, 2, 1, 0]);
        assert!(at(0.2).0 > at(0.25).0 && at(0.25).0 > at(0.5).0);
        assert_eq!(open.fnir_at(-1.0), 0.0);
        assert_eq!(open.fnir_at(1.1), 1.0);
        // One of the strangers is a label error.
        let row = labels.iter().position(|l| *l == 90).unwrap();
        let fewer = identification(&embeddings, &labels, &[(0, row)]).unwrap();
        assert_eq!(fewer.open.unwrap().non_mated, 3);
        assert_eq!(identification(&embeddings[..1], &labels[..1], &[]).unwrap_err(), EvalError::NoGenuine);
    }
}
