//! Rows in blocks that snapshots share.

use std::sync::Arc;

/// Units of equally many elements (a row, a panel), `PER` of them in each block. Blocks are copied when they are changed while
/// somebody else holds them.
#[derive(Clone)]
pub(super) struct Blocks<T, const PER: usize>(Vec<Arc<Vec<T>>>);

impl<T, const PER: usize> Default for Blocks<T, PER> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy, const PER: usize> Blocks<T, PER> {
    /// `count` units of `size` elements from unit `first` on, which must lie in one block; none when there are not as many.
    pub(super) fn get(&self, first: usize, count: usize, size: usize) -> Option<&[T]> {
        let start = first % PER * size;
        self.0.get(first / PER)?.get(start..start + count * size)
    }

    /// A unit, to be changed.
    pub(super) fn get_mut(&mut self, unit: usize, size: usize) -> Option<&mut [T]> {
        let start = unit % PER * size;
        own(self.0.get_mut(unit / PER)?, PER * size).get_mut(start..start + size)
    }

    /// Appends unit number `unit`, all `value`; the ones before must be there.
    pub(super) fn push(&mut self, unit: usize, size: usize, value: T) -> Option<&mut [T]> {
        if unit / PER >= self.0.len() {
            self.0.push(Arc::new(Vec::with_capacity(PER * size)));
        }
        let block = own(self.0.get_mut(unit / PER)?, PER * size);
        let start = unit % PER * size;
        block.resize(start + size, value);
        block.get_mut(start..)
    }

    /// Leaves `units` units and gives back blocks that are empty then.
    pub(super) fn truncate(&mut self, units: usize, size: usize) {
        self.0.truncate(units.div_ceil(PER));
        let last = units % PER * size;
        if last > 0
            && let Some(block) = self.0.get_mut(units / PER).filter(|block| block.len() > last)
        {
            own(block, PER * size).truncate(last);
        }
    }

    /// Copies a unit over another one.
    pub(super) fn copy(&mut self, from: usize, to: usize, size: usize) {
        if from == to {
            return;
        }
        let Some(unit) = self.get(from, 1, size).map(<[T]>::to_vec) else { return };
        if let Some(place) = self.get_mut(to, size) {
            place.copy_from_slice(&unit);
        }
    }

    /// Memory held, bytes.
    pub(super) fn memory(&self) -> usize {
        let block = |b: &Arc<Vec<T>>| b.capacity() * size_of::<T>() + size_of::<Vec<T>>() + 2 * size_of::<usize>();
        self.0.iter().map(block).sum::<usize>() + self.0.capacity() * size_of::<Arc<Vec<T>>>()
    }
}

/// The block, copied first when somebody else holds it.
fn own<T: Copy>(block: &mut Arc<Vec<T>>, capacity: usize) -> &mut Vec<T> {
    if Arc::get_mut(block).is_none() {
        let mut copy = Vec::with_capacity(capacity);
        copy.extend_from_slice(block);
        *block = Arc::new(copy);
    }
    Arc::make_mut(block)
}
