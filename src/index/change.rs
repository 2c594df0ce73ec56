//! Changes to an index.

use std::borrow::Borrow;
use std::sync::Arc;

use rayon::prelude::*;

use super::engine::Index;
use super::error::IndexError;
use super::params::PREPARED_TOGETHER;
use super::shard::Shard;
use super::subjects::RowNumber;
use crate::modality::Modality;
use crate::subject::SubjectId;

/// A template to enroll, with a label chosen by the caller: whatever a search may need to filter by before it compares,
/// for example a finger position ([`crate::FingerPosition::label`]), a site or a camera. The label is 0 unless stated.
/// See [`Search::filter_label`](super::Search::filter_label).
///
/// Methods take a template alone or with its label: `&template` or `(&template, label)`.
///
/// ```
/// use selfsame::index::{Index, Search};
/// use selfsame::synth::FaceGenerator;
/// use selfsame::{Face, SubjectId};
/// let people = FaceGenerator::new(1);
/// let mut index = Index::<Face>::default();
/// let ada = SubjectId::new("ada")?;
/// index.insert(ada.clone(), &people.embedding(1, 0))?;
/// // Taken at site 2.
/// index.add(ada.clone(), (&people.embedding(1, 1), 2))?;
/// assert!(index.samples(&ada).eq([0, 2]));
/// let at_site_2 = |label| label == 2;
/// let probe = index.prepare(&people.embedding(1, 2))?;
/// let found = index.identify(&probe, &Search::top(1).filter_label(&at_site_2))?;
/// assert_eq!((found[0].sample, found[0].label), (1, 2));
/// assert!(index.remove_sample(&ada, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Labeled<'a, T> {
    /// The template.
    pub template: &'a T,
    /// The label.
    pub label: u64,
}

impl<'a, T> From<&'a T> for Labeled<'a, T> {
    fn from(template: &'a T) -> Self {
        Self { template, label: 0 }
    }
}

impl<'a, T> From<(&'a T, u64)> for Labeled<'a, T> {
    fn from((template, label): (&'a T, u64)) -> Self {
        Self { template, label }
    }
}

impl<M: Modality> Index<M> {
    /// Enrolls a new subject with one sample.
    ///
    /// # Errors
    /// [`IndexError::Duplicate`] when the subject is already enrolled, [`IndexError::Modality`] when the template does
    /// not fit the settings or the enrolled references, [`IndexError::Full`] beyond four billion references.
    /// On an error nothing is changed.
    pub fn insert<'a>(
        &mut self,
        subject: SubjectId,
        sample: impl Into<Labeled<'a, M::Template>>,
    ) -> Result<(), IndexError<M::Error>>
    where
        M::Template: 'a,
    {
        if self.contains(&subject) {
            return Err(IndexError::Duplicate);
        }
        self.add(subject, sample)
    }

    /// Adds a sample to a subject, who may be new.
    ///
    /// # Errors
    /// [`IndexError::Modality`] or [`IndexError::Full`]. On an error nothing is changed.
    pub fn add<'a>(
        &mut self,
        subject: SubjectId,
        sample: impl Into<Labeled<'a, M::Template>>,
    ) -> Result<(), IndexError<M::Error>>
    where
        M::Template: 'a,
    {
        let Labeled { template, label } = sample.into();
        let reference = self.modality.reference(template)?;
        self.add_reference(&subject, reference, label)
    }

    /// Adds one sample per row; a row is a subject, a label and a template. Subjects may be new, and may occur more
    /// than once. References are prepared on the caller's rayon pool. Returns the number of samples.
    ///
    /// ```
    /// use selfsame::index::Index;
    /// use selfsame::synth::FaceGenerator;
    /// use selfsame::{Face, SubjectId};
    /// let people = FaceGenerator::new(1);
    /// let mut index = Index::<Face>::default();
    /// // Three pictures of each of a hundred people.
    /// let rows = (0..300).map(|n| (SubjectId::new(format!("person-{}", n / 3)).unwrap(), 0, people.embedding(n / 3, n % 3)));
    /// assert_eq!(index.extend(rows)?, 300);
    /// assert_eq!((index.len(), index.references()), (100, 300));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IndexError::Row`] names the row that failed and the reason; none of the samples is then added.
    pub fn extend<T: Borrow<M::Template> + Send + Sync>(
        &mut self,
        samples: impl IntoIterator<Item = (SubjectId, u64, T)>,
    ) -> Result<usize, IndexError<M::Error>> {
        let before = self.clone();
        let mut samples = samples.into_iter();
        let mut done = 0;
        loop {
            let batch: Vec<(SubjectId, u64, T)> = samples.by_ref().take(PREPARED_TOGETHER).collect();
            if batch.is_empty() {
                return Ok(done);
            }
            let prepare = |(_, _, template): &(_, _, T)| self.modality.reference(template.borrow());
            let references: Vec<Result<M::Reference, M::Error>> = batch.par_iter().map(prepare).collect();
            for ((subject, label, _), reference) in batch.iter().zip(references) {
                let added = reference.map_err(IndexError::from).and_then(|r| self.add_reference(subject, r, *label));
                if let Err(reason) = added {
                    *self = before;
                    return Err(IndexError::Row { row: done, reason: Box::new(reason) });
                }
                done += 1;
            }
        }
    }

    /// Replaces all samples of a subject.
    ///
    /// # Errors
    /// [`IndexError::Unknown`] when the subject is not enrolled, [`IndexError::NoSample`] when there are no new
    /// samples, [`IndexError::Modality`] or [`IndexError::Full`]. On an error nothing is changed.
    pub fn replace<'a, S: Into<Labeled<'a, M::Template>>>(
        &mut self,
        subject: &SubjectId,
        samples: impl IntoIterator<Item = S>,
    ) -> Result<(), IndexError<M::Error>>
    where
        M::Template: 'a,
    {
        let prepare = |sample: S| {
            let Labeled { template, label } = sample.into();
            Ok((self.modality.reference(template)?, label))
        };
        let prepared = samples.into_iter().map(prepare).collect::<Result<Vec<_>, M::Error>>()?;
        if !self.contains(subject) {
            return Err(IndexError::Unknown);
        }
        self.replace_references(subject, prepared)
    }

    /// Replaces the references of a subject, who may have none, with ones prepared with this index's settings.
    pub(crate) fn replace_references(
        &mut self,
        subject: &SubjectId,
        references: Vec<(M::Reference, u64)>,
    ) -> Result<(), IndexError<M::Error>> {
        if references.is_empty() {
            return Err(IndexError::NoSample);
        }
        let slot = self.subjects.slot(subject);
        let mut old = slot.map_or_else(Vec::new, |slot| self.subjects.rows(slot).to_vec());
        for (reference, label) in references {
            if let Err(error) = self.add_reference(subject, reference, label) {
                while self.remove_sample(subject, old.len()) {}
                return Err(error);
            }
        }
        let Some(slot) = slot else { return Ok(()) };
        // Removing from the end keeps the numbers of the rows still to be removed.
        old.sort_unstable_by(|a, b| b.cmp(a));
        for row in old {
            self.subjects.forget(slot, row);
            self.remove_row(row);
        }
        Ok(())
    }

    /// Adds a reference prepared with this index's settings.
    pub(crate) fn add_reference(
        &mut self,
        subject: &SubjectId,
        reference: M::Reference,
        label: u64,
    ) -> Result<(), IndexError<M::Error>> {
        if let Some(held) = self.shards.iter().find(|s| !s.is_empty()) {
            self.modality.check_segment(&held.segment, &reference)?;
        }
        let number = self.open.first().copied().unwrap_or(self.shards.len());
        let full = IndexError::Full { references: self.references };
        let end = number.checked_add(1).and_then(|n| n.checked_mul(M::SEGMENT_ROWS));
        if end.is_none_or(|end| end >= RowNumber::MAX as usize) {
            return Err(full);
        }
        match self.shards.get(number) {
            Some(shard) => self.modality.check_segment(&shard.segment, &reference)?,
            None => {
                let shard = Shard::new(&self.modality);
                self.modality.check_segment(&shard.segment, &reference)?;
                self.shards.push(Arc::new(shard));
                self.open.insert(number);
            }
        }
        let Some(shard) = self.shards.get_mut(number).map(Arc::make_mut) else { return Err(full) };
        let row = (number * M::SEGMENT_ROWS + shard.len()) as RowNumber;
        let slot = self.subjects.push(subject, row);
        shard.push(reference, slot, label);
        if shard.is_full() {
            self.open.remove(&number);
        }
        self.references += 1;
        self.enter_partition(row);
        Ok(())
    }

    /// Removes a subject with all samples. Returns the number of samples: 0 when the subject is not enrolled.
    pub fn remove(&mut self, subject: &SubjectId) -> usize {
        let Some(slot) = self.subjects.slot(subject) else { return 0 };
        let mut rows = self.subjects.rows(slot).to_vec();
        // A removed row is replaced by the last row of its segment; removing from the end keeps the numbers of the
        // others.
        rows.sort_unstable_by(|a, b| b.cmp(a));
        rows.iter().for_each(|&row| self.remove_row(row));
        self.subjects.remove(subject);
        rows.len()
    }

    /// Removes one sample of a subject. Samples are counted from 0 in the order in which they were added; later samples
    /// move up. Removing the last sample removes the subject. Returns whether there was such a sample.
    pub fn remove_sample(&mut self, subject: &SubjectId, sample: usize) -> bool {
        let Some(slot) = self.subjects.slot(subject) else { return false };
        let rows = self.subjects.rows(slot);
        let Some(&row) = rows.get(sample) else { return false };
        if rows.len() == 1 {
            return self.remove(subject) > 0;
        }
        self.subjects.forget(slot, row);
        self.remove_row(row);
        true
    }

    /// Removes a row; the last row of its segment takes its number.
    fn remove_row(&mut self, row: RowNumber) {
        let (number, place) = (row as usize / M::SEGMENT_ROWS, row as usize % M::SEGMENT_ROWS);
        let Some(shard) = self.shards.get_mut(number).map(Arc::make_mut) else { return };
        shard.swap_remove(place);
        self.references -= 1;
        self.open.insert(number);
        let last = (number * M::SEGMENT_ROWS + shard.len()) as RowNumber;
        if let Some(&moved) = shard.slots.get(place) {
            self.subjects.renumber(moved, last, row);
        }
        if shard.is_empty() {
            // This frees the memory.
            *shard = Shard::new(&self.modality);
        }
        self.leave_partition(row, last);
    }
}
