//! The gallery as it was at one moment, and searches in it.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use super::bar::Bar;
use super::error::FaceIndexError;
use super::exact::{self, passable, row_score, subject_score};
use super::model::{FaceInput, FaceModel};
use super::params::{CANDIDATES_PER_PASS, PROBES_PER_PASS, RESCORED_PER_TASK};
use super::scan::wanted;
use super::search::{FaceFusion, FaceMode, FaceSearch};
use super::shortlist;
use super::state::{Slot, State};
use crate::face::compare::Cosine;
use crate::face::embedding::Embedding;
use crate::index::Candidate;
use crate::subject::SubjectId;

/// A gallery as it was when [`FaceIndex::snapshot`](super::FaceIndex::snapshot) was called, whatever happens to the index
/// meanwhile. Cheap to clone. As long as it lives, changes of the index copy what they touch. `Debug` shows counts only.
#[derive(Clone)]
pub struct FaceSnapshot {
    pub(super) state: Arc<State>,
}

impl FaceSnapshot {
    /// What made the embeddings.
    #[must_use]
    pub fn model(&self) -> &FaceModel {
        &self.state.model
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.subjects
    }

    /// Whether there are no subjects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of embeddings of all subjects.
    #[must_use]
    pub fn embeddings(&self) -> usize {
        self.state.rows
    }

    /// The subjects, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectId> {
        self.state.all_names()
    }

    /// The subjects most like the probe, best first; of equal scores the smaller id first. Nobody, when nobody reaches the
    /// search's threshold or nobody is enrolled; all of them, when more are asked for than there are.
    ///
    /// Runs on the rayon pool of the caller and waits for it. What is found does not depend on the number of threads.
    ///
    /// # Errors
    /// [`FaceIndexError`] when the probe is no embedding or of another model, no candidate is asked for, the form to scan is
    /// not there, or the search was canceled.
    pub fn search<'a>(
        &self,
        probe: impl Into<FaceInput<'a>>,
        search: &FaceSearch<'_>,
    ) -> Result<Vec<Candidate<Cosine>>, FaceIndexError> {
        let input = probe.into();
        let probe = self.state.model.read(&input)?;
        Ok(self.search_all(&[&probe], search)?.pop().unwrap_or_default())
    }

    /// [`FaceSnapshot::search`] for each of many probes, in their order. The gallery is read once for 256 of them, which is
    /// several times faster than single searches.
    ///
    /// # Errors
    /// As [`FaceSnapshot::search`]; one bad probe fails the batch ([`FaceIndexError::Row`] when it is no embedding).
    pub fn search_batch<'a, I>(
        &self,
        probes: impl IntoIterator<Item = I>,
        search: &FaceSearch<'_>,
    ) -> Result<Vec<Vec<Candidate<Cosine>>>, FaceIndexError>
    where
        I: Into<FaceInput<'a>>,
    {
        let inputs: Vec<FaceInput<'a>> = probes.into_iter().map(Into::into).collect();
        let read = |(row, input)| {
            self.state.model.read(input).map_err(|error| match error {
                FaceIndexError::Embedding(reason) => FaceIndexError::Row { row, reason },
                other => other,
            })
        };
        let probes = inputs.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        self.search_all(&probes.iter().map(|p| &**p).collect::<Vec<_>>(), search)
    }

    fn search_all(
        &self,
        probes: &[&Embedding],
        search: &FaceSearch<'_>,
    ) -> Result<Vec<Vec<Candidate<Cosine>>>, FaceIndexError> {
        if search.top == 0 {
            return Err(FaceIndexError::NoCandidates);
        }
        if search.is_canceled() {
            return Err(FaceIndexError::Canceled);
        }
        let state = &*self.state;
        let wanted = wanted(state, search, &|| self.slots_of(search.only));
        let most = match search.mode {
            FaceMode::Rescored { shortlist, .. } => shortlist.max(search.top),
            FaceMode::Exact => search.top.saturating_mul(4),
        };
        let per_pass = (CANDIDATES_PER_PASS / most.min(state.rows).max(1)).clamp(1, PROBES_PER_PASS);
        let mut found = Vec::with_capacity(probes.len());
        for pass in probes.chunks(per_pass) {
            let candidates = match search.mode {
                FaceMode::Exact => exact::candidates(state, pass, search, &wanted)?,
                FaceMode::Rescored { scan, shortlist } => {
                    shortlist::candidates(state, pass, search, &wanted, (scan, shortlist.max(search.top)))?
                }
            };
            let best = |(probe, candidates): (&&Embedding, Vec<exact::Candidate>)| self.best(probe, candidates, search);
            match pass {
                [_] => found.extend(pass.iter().zip(candidates).map(best)),
                _ => found.par_extend(pass.par_iter().zip(candidates).map(best)),
            }
        }
        Ok(found)
    }

    /// The places of subjects in the table.
    fn slots_of(&self, only: Option<&HashSet<SubjectId>>) -> Vec<Slot> {
        let Some(only) = only else { return Vec::new() };
        (0..self.state.slots()).filter(|&slot| self.state.name(slot).is_some_and(|name| only.contains(name))).collect()
    }

    /// The best subjects among candidates, by their exact scores.
    fn best(
        &self,
        probe: &Embedding,
        mut candidates: Vec<exact::Candidate>,
        search: &FaceSearch<'_>,
    ) -> Vec<Candidate<Cosine>> {
        let state = &*self.state;
        candidates.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let score = |row| -> Option<(Cosine, Slot)> {
            let (segment, place) = state.place(row)?;
            let slot = *segment.slots.get(place)?;
            let score = match search.fusion {
                FaceFusion::Mean if state.rows_of(slot).len() > 1 => subject_score(state, probe, slot, search)?,
                _ => row_score(state, probe, row)?,
            };
            search.at_least.is_none_or(|least| score >= least).then_some((score, slot))
        };
        let mut scored: Vec<(Cosine, Slot)> = match search.mode {
            FaceMode::Rescored { .. } if candidates.len() > RESCORED_PER_TASK => {
                candidates.par_iter().with_min_len(RESCORED_PER_TASK / 2).filter_map(|&(_, row)| score(row)).collect()
            }
            _ => {
                let mut bar = Bar::new(search.top, f32::NEG_INFINITY);
                let mut scored = Vec::new();
                for &(upper, row) in &candidates {
                    // The rows to come cannot reach what enough subjects have reached already.
                    if upper < bar.value() {
                        break;
                    }
                    if let Some((score, slot)) = score(row) {
                        bar.reach(passable(score.value()), slot);
                        scored.push((score, slot));
                    }
                }
                scored
            }
        };
        scored.sort_unstable_by_key(|&(score, slot)| (slot, Reverse(score)));
        scored.dedup_by_key(|s| s.1);
        scored.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| state.name(a.1).cmp(&state.name(b.1))));
        let named = |(score, slot): (Cosine, Slot)| Some(Candidate { subject: state.name(slot)?.clone(), score });
        scored.into_iter().take(search.top).filter_map(named).collect()
    }
}

impl fmt::Debug for FaceSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceSnapshot")
            .field("model", &self.state.model)
            .field("subjects", &self.len())
            .field("embeddings", &self.embeddings())
            .finish_non_exhaustive()
    }
}
