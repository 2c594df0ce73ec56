//! Rows in blocks that snapshots share.

use std::sync::Arc;

/// Units of equal length (rows or panels), `PER` of them in each block. A block is copied when it changes while a
/// snapshot shares it.
#[derive(Clone)]
pub(super) struct Blocks<T, const PER: usize>(Vec<Arc<Vec<T>>>);

impl<T, const PER: usize> Default for Blocks<T, PER> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy, const PER: usize> Blocks<T, PER> {
    /// `count` units of `size` elements from unit `first` on, which must lie in one block; `None` when there are fewer.
    #[inline]
    pub(super) fn get(&self, first: usize, count: usize, size: usize) -> Option<&[T]> {
        let start = first % PER * size;
        self.0.get(first / PER)?.get(start..start + count * size)
    }

    /// A mutable unit.
    pub(super) fn get_mut(&mut self, unit: usize, size: usize) -> Option<&mut [T]> {
        let start = unit % PER * size;
        own(self.0.get_mut(unit / PER)?, PER * size).get_mut(start..start + size)
    }

    /// Appends unit number `unit`, filled with `value`; all earlier units must exist.
    pub(super) fn push(&mut self, unit: usize, size: usize, value: T) -> Option<&mut [T]> {
        if unit / PER >= self.0.len() {
            self.0.push(Arc::new(Vec::with_capacity(PER * size)));
        }
        let block = own(self.0.get_mut(unit / PER)?, PER * size);
        let start = unit % PER * size;
        block.resize(start + size, value);
        block.get_mut(start..)
    }

    /// Keeps the first `units` units and frees empty blocks.
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

    /// Memory size, bytes.
    pub(super) fn memory(&self) -> usize {
        let block = |b: &Arc<Vec<T>>| b.capacity() * size_of::<T>() + size_of::<Vec<T>>() + 2 * size_of::<usize>();
        self.0.iter().map(block).sum::<usize>() + self.0.capacity() * size_of::<Arc<Vec<T>>>()
    }
}

/// The mutable block, copied first when it is shared.
fn own<T: Copy>(block: &mut Arc<Vec<T>>, capacity: usize) -> &mut Vec<T> {
    if Arc::get_mut(block).is_none() {
        let mut copy = Vec::with_capacity(capacity);
        copy.extend_from_slice(block);
        *block = Arc::new(copy);
    }
    Arc::make_mut(block)
}
