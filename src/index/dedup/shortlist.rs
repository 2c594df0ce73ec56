//! Compares a row with the most similar of those that follow it.

use rayon::prelude::*;

use super::super::error::IndexError;
use super::super::search::Search;
use super::pass::Own;
use super::{Dedup, Pair};
use crate::modality::SelfSearch;

impl<M: SelfSearch> Dedup<'_, M> {
    /// Pairs of a row with the shortlisted rows among those that follow it.
    pub(super) fn most_alike(&self, own: &Own<M>, count: usize) -> Result<Vec<Pair<M::Score>>, IndexError<M::Error>> {
        let search = Search::of_all(self.options.canceled_by());
        let (position, following) = own.at();
        let left = self.rows.len().saturating_sub(position + 1);
        let lists = self.index.shortlist(&[&own.probe], count, &following, left, &search)?;
        let compared = lists.into_par_iter().flatten().map_init(M::Scratch::default, |scratch, row| {
            if self.options.is_canceled() {
                return Err(IndexError::Canceled);
            }
            let score = self.compare_with(own, row, scratch)?.filter(|score| *score >= self.options.at_least);
            let b = self.rows.binary_search(&row).ok();
            Ok(score.zip(b).map(|(score, b)| Pair { a: position as u32, b: b as u32, score }))
        });
        Ok(compared.collect::<Result<Vec<_>, IndexError<M::Error>>>()?.into_iter().flatten().collect())
    }
}
