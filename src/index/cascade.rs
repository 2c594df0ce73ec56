//! A cheap pass over all rows, then the full comparison of the best.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::rows::RowNumber;
use super::top_k::TopK;
use super::{Index, IndexError, Ranked, Search};
use crate::modality::Modality;

/// What one thread gathers in the first pass; `cheap` is false once the modality declines.
struct Gathered<M: Modality> {
    top: TopK<f32, RowNumber>,
    cheap: bool,
    scratch: M::Scratch,
    values: Vec<f32>,
}

impl<M: Modality> Index<M> {
    /// The best subjects among the `shortlist` rows of the highest coarse similarity.
    pub(super) fn cascade(
        &self,
        probe: &M::Probe,
        shortlist: usize,
        search: &Search<'_, M::Score>,
    ) -> Result<Ranked<M>, IndexError<M::Error>> {
        let spans = match self.shortlist(probe, shortlist, search)? {
            Some(mut rows) => {
                rows.sort_unstable();
                self.spans_of(&rows, M::COMPARISONS_PER_TASK)
            }
            None => self.searched_spans(1, search),
        };
        Ok(self.scan(&[probe], &spans, search)?.pop().unwrap_or_default())
    }

    /// The rows of the highest coarse similarity; `None` when the full comparison of all is as cheap.
    fn shortlist(
        &self,
        probe: &M::Probe,
        count: usize,
        search: &Search<'_, M::Score>,
    ) -> Result<Option<Vec<RowNumber>>, IndexError<M::Error>> {
        if self.references <= count {
            return Ok(None);
        }
        let order = |a: &_, b: &_| self.rank_rows(a, b);
        let new =
            || Gathered::<M> { top: TopK::new(count), cheap: true, scratch: M::Scratch::default(), values: Vec::new() };
        let gathered = (self.shards.par_iter().enumerate())
            .filter(|(_, shard)| !shard.is_empty())
            .try_fold(new, |mut gathered, (number, shard)| -> Result<_, IndexError<M::Error>> {
                if search.is_cancelled() {
                    return Err(IndexError::Cancelled);
                }
                let Gathered { top, cheap, scratch, values } = &mut gathered;
                values.clear();
                *cheap = *cheap && self.modality.coarse_rows(probe, &shard.block, scratch, values);
                if !*cheap {
                    return Ok(gathered);
                }
                for (row, ((&value, link), &label)) in values.iter().zip(&shard.links).zip(&shard.labels).enumerate() {
                    let entry = (value, (number * self.shard_rows + row) as RowNumber);
                    if search.wants_label(label)
                        && top.admits(entry, &order)
                        && self.subjects.name(link.subject).is_some_and(|name| search.allows(name))
                    {
                        top.push(entry, &order);
                    }
                }
                Ok(gathered)
            })
            .map(|gathered: Result<Gathered<M>, _>| gathered.map(|g| g.cheap.then_some(g.top)))
            .try_reduce_with(|a, b| Ok(a.zip(b).map(|(a, b)| a.merge(b, &order))));
        match gathered.transpose()? {
            Some(Some(top)) => Ok(Some(top.into_sorted(&order).into_iter().map(|(_, row)| row).collect())),
            _ => Ok(None),
        }
    }

    /// Ranks two rows: the higher similarity first, then the smaller id, then the row.
    fn rank_rows(&self, a: &(f32, RowNumber), b: &(f32, RowNumber)) -> Ordering {
        let name = |row: RowNumber| self.link(row).and_then(|link| self.subjects.name(link.subject));
        b.0.total_cmp(&a.0).then_with(|| name(a.1).cmp(&name(b.1))).then_with(|| a.1.cmp(&b.1))
    }
}
