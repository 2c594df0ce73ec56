//! Selection of samples to compare, and comparison in parallel.

use rayon::prelude::*;

use super::EvalError;
use crate::modality::Modality;

/// The name of a sample, `SUBJECT_SAMPLE`, split at the last underscore (`FINGER_IMPRESSION` for fingerprints).
///
/// ```
/// use selfsame::eval::protocol::SampleName;
/// let name = SampleName::parse("right_thumb_3")?;
/// assert_eq!((name.subject(), name.sample()), ("right_thumb", "3"));
/// # Ok::<(), selfsame::eval::EvalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleName {
    name: String,
    split: usize,
}

impl SampleName {
    /// Splits a name.
    ///
    /// # Errors
    /// [`EvalError::Name`] when there is no underscore or nothing on either side of it.
    pub fn parse(name: &str) -> Result<Self, EvalError> {
        match name.rfind('_') {
            Some(split) if split > 0 && split + 1 < name.len() => Ok(Self { name: name.into(), split }),
            _ => Err(EvalError::Name { name: name.into() }),
        }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The subject (or finger).
    #[must_use]
    pub fn subject(&self) -> &str {
        self.name.get(..self.split).unwrap_or_default()
    }

    /// The sample (or impression) of the subject.
    #[must_use]
    pub fn sample(&self) -> &str {
        self.name.get(self.split + 1..).unwrap_or_default()
    }
}

/// Subjects as numbers `0..n`, in order of their first sample.
#[must_use]
pub fn subjects(names: &[SampleName]) -> Vec<usize> {
    let mut known = std::collections::HashMap::new();
    names
        .iter()
        .map(|n| {
            let next = known.len();
            *known.entry(n.subject()).or_insert(next)
        })
        .collect()
}

/// The score of a comparison of two samples, given by their positions in a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairScore<S> {
    /// Position of the probe.
    pub probe: usize,
    /// Position of the reference, above that of the probe.
    pub reference: usize,
    /// The score; `None` when one of the two has no template.
    pub score: Option<S>,
}

/// Compares each sample with each later one, in parallel on the current rayon pool.
///
/// `templates[i]` is `None` when extraction failed; its pairs have no score. Pairs come in the order (0,1), (0,2), ...,
/// (1,2), ... with any number of threads. Each template is prepared once. `done` is called after each row with its
/// number of pairs, from any thread.
///
/// # Errors
/// [`EvalError::Compare`] for the first pair that cannot be compared.
pub fn score_all_pairs<M: Modality>(
    modality: &M,
    templates: &[Option<M::Template>],
    done: impl Fn(usize) + Sync,
) -> Result<Vec<PairScore<M::Score>>, EvalError> {
    score_all_pairs_between(modality, templates, templates, done)
}

/// Like [`score_all_pairs`], with two kinds of templates of the same samples: `probes[i]` is compared with
/// `references[j]` for each `i < j`. Samples beyond the shorter list are left out.
///
/// # Errors
/// [`EvalError::Compare`] for the first pair that cannot be compared.
pub fn score_all_pairs_between<M: Modality>(
    modality: &M,
    probes: &[Option<M::Template>],
    references: &[Option<M::Template>],
    done: impl Fn(usize) + Sync,
) -> Result<Vec<PairScore<M::Score>>, EvalError> {
    let failed = |probe, reference, e: M::Error| EvalError::Compare { probe, reference, reason: e.to_string() };
    let prepared = probes
        .par_iter()
        .zip(references)
        .enumerate()
        .map(|(i, (probe, reference))| {
            let probe = probe.as_ref().map(|t| modality.prepare(t)).transpose();
            let reference = reference.as_ref().map(|t| modality.reference(t)).transpose();
            probe.and_then(|p| Ok((p, reference?))).map_err(|e| failed(i, i, e))
        })
        .collect::<Vec<_>>();
    // The first error in order, not the first in time.
    let prepared = prepared.into_iter().collect::<Result<Vec<_>, _>>()?;
    let row = |scratch: &mut M::Scratch, probe: usize| {
        let mut scores = Vec::with_capacity(prepared.len() - probe);
        for (reference, other) in prepared.iter().enumerate().skip(probe + 1) {
            let score = match (prepared.get(probe), other) {
                (Some((Some(p), _)), (_, Some(r))) => {
                    Some(modality.compare(p, r, scratch).map_err(|e| failed(probe, reference, e))?)
                }
                _ => None,
            };
            scores.push(PairScore { probe, reference, score });
        }
        done(scores.len());
        Ok(scores)
    };
    let rows: Vec<Result<Vec<_>, EvalError>> =
        (0..prepared.len()).into_par_iter().with_max_len(1).map_init(M::Scratch::default, row).collect();
    Ok(rows.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_the_last_underscore() {
        let name = SampleName::parse("101-4_12").unwrap();
        assert_eq!((name.subject(), name.sample(), name.as_str()), ("101-4", "12", "101-4_12"));
        for bad in ["", "_", "a_", "_1", "abc"] {
            assert_eq!(SampleName::parse(bad), Err(EvalError::Name { name: bad.into() }));
        }
        let names = ["b_1", "a_1", "b_2", "a_b_1"].map(|n| SampleName::parse(n).unwrap());
        assert_eq!(subjects(&names), [0, 1, 0, 2]);
    }
}
