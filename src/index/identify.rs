//! Verification and identification against an index.

use super::engine::Index;
use super::error::IndexError;
use super::exact::{Found, Ranked};
use super::params::ROWS_PER_PASS;
use super::search::{Mode, Search};
use crate::modality::Modality;
use crate::subject::SubjectId;

/// A subject that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Candidate<S> {
    /// The subject.
    pub subject: SubjectId,
    /// The best score of the subject's references, or their mean: see [`Search::fusion`].
    pub score: S,
    /// The sample of the subject that scores best, counted from 0 in the order in which samples were added.
    pub sample: usize,
    /// The label of that sample.
    pub label: u64,
}

/// What a search found, best first.
pub type Candidates<M> = Vec<Candidate<<M as Modality>::Score>>;

impl<M: Modality> Index<M> {
    /// Compares a probe with one enrolled subject: the best score of the subject's references.
    ///
    /// ```
    /// use selfsame::index::{Index, IndexError};
    /// use selfsame::synth::TemplateGenerator;
    /// use selfsame::{Finger, SubjectId};
    /// let people = TemplateGenerator::new(1);
    /// let mut index = Index::<Finger>::default();
    /// index.insert(SubjectId::new("ada")?, &people.reference(1))?;
    /// let probe = index.prepare(&people.probe(1, 0))?;
    /// assert!(index.verify(&SubjectId::new("ada")?, &probe)?.decibels() > 40.0);
    /// assert_eq!(index.verify(&SubjectId::new("eve")?, &probe), Err(IndexError::Unknown));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IndexError::Unknown`] when the subject is not enrolled, [`IndexError::Modality`] when the probe cannot be
    /// compared with the subject's references.
    pub fn verify(&self, subject: &SubjectId, probe: &M::Probe) -> Result<M::Score, IndexError<M::Error>> {
        let slot = self.subjects.slot(subject).ok_or(IndexError::Unknown)?;
        let mut scratch = M::Scratch::default();
        let mut best = None;
        for (shard, row) in self.subjects.rows(slot).iter().filter_map(|&row| self.place(row)) {
            best = best.max(Some(self.modality.compare_row(probe, &shard.segment, row, &mut scratch)?));
        }
        best.ok_or(IndexError::Unknown)
    }

    /// The subjects most similar to the probe, best first; equal scores are ordered by ascending id. The result is
    /// empty when no subject reaches the search's threshold, and holds every subject when more are asked for than are
    /// enrolled.
    ///
    /// Runs on the caller's rayon pool and waits for the result.
    ///
    /// # Errors
    /// [`IndexError`] when the probe cannot be compared with the enrolled references, no candidates are asked for,
    /// there is no data to rank a shortlist by, there are no partitions, or the search was canceled.
    pub fn identify(
        &self,
        probe: &M::Probe,
        search: &Search<'_, M::Score>,
    ) -> Result<Candidates<M>, IndexError<M::Error>> {
        let mut found = self.identify_each(&[probe], search)?;
        Ok(found.pop().unwrap_or_default())
    }

    /// [`Index::identify`] for each of many probes, in their order. Where the modality supports it, references are read
    /// once for several probes; for faces this is several times faster than single searches.
    ///
    /// # Errors
    /// See [`Index::identify`]; one bad probe fails the batch.
    pub fn identify_batch(
        &self,
        probes: &[M::Probe],
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Candidates<M>>, IndexError<M::Error>> {
        self.identify_each(&probes.iter().collect::<Vec<_>>(), search)
    }

    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    fn identify_each(
        &self,
        probes: &[&M::Probe],
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Candidates<M>>, IndexError<M::Error>> {
        if search.top == 0 {
            return Err(IndexError::NoCandidates);
        }
        if search.is_canceled() {
            return Err(IndexError::Canceled);
        }
        let (shortlist, partitions) = match search.mode {
            Mode::Exact => (None, None),
            Mode::Shortlist { .. } if self.modality.stages() == 0 => return Err(IndexError::NoShortlist),
            Mode::Shortlist { rows } => (Some(rows), None),
            Mode::Partitions { visited, rows } => {
                let partitions = self.partitions.as_ref().ok_or(IndexError::NoPartitions)?;
                (Some(rows), Some((partitions, visited.max(1))))
            }
        };
        let wanted = self.wanted(search);
        let count = wanted.count(self.references);
        let search = &search.among(count);
        // A shortlist of all wanted rows is an exact search.
        let shortlist = shortlist.map(|rows| rows.max(search.top)).filter(|&rows| rows < count);
        let kept = shortlist.unwrap_or_else(|| search.top.saturating_mul(4)).min(self.references);
        let together = (ROWS_PER_PASS / kept.max(1)).clamp(1, M::PROBES_PER_PASS.max(1));
        let mut found = Vec::with_capacity(probes.len());
        for pass in probes.chunks(together) {
            let lists = match (shortlist, partitions) {
                (None, _) => self.exact(pass, &wanted, search)?,
                (Some(rows), Some((partitions, visited))) => {
                    self.of_partitions(pass, partitions, (visited, rows), &wanted, search)?
                }
                (Some(rows), None) => self.of_shortlist(pass, rows, &wanted, search)?,
            };
            found.extend(lists.into_iter().map(|list| self.named(list)));
        }
        Ok(found)
    }

    fn named(&self, list: Ranked<M>) -> Candidates<M> {
        let named = |Found { score, slot, row }| {
            let (shard, place) = self.place(row)?;
            let subject = self.subjects.name(slot)?.clone();
            Some(Candidate { subject, score, sample: self.sample_of(slot, row), label: shard.label(place) })
        };
        list.into_iter().filter_map(named).collect()
    }
}
