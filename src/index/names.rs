//! A set of slots, found by the names that they have. Names are not in it: a slot takes 4 bytes and the room between slots.

/// A place in the table of subjects; reused after removal.
pub(super) type Slot = u32;

/// A place without a slot.
const FREE: Slot = Slot::MAX;
/// Places of the smallest set that is not empty.
const LEAST: usize = 4;

/// Slots in places that follow from the hashes of their names, or the next free one.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// A power of two, or none; at most seven of eight are in use.
    places: Vec<Slot>,
    len: usize,
}

impl Names {
    /// The slot of a name with this hash which `is` the one.
    pub(super) fn find(&self, hash: u64, is: impl Fn(Slot) -> bool) -> Option<Slot> {
        self.along(hash)
            .map_while(|at| self.places.get(at).copied().filter(|slot| *slot != FREE))
            .find(|slot| is(*slot))
    }

    /// Adds a slot whose name has this hash; `hash_of` gives the hashes of those already in the set.
    pub(super) fn insert(&mut self, hash: u64, slot: Slot, hash_of: impl Fn(Slot) -> u64) {
        if 8 * (self.len + 1) > 7 * self.places.len() {
            let room = (2 * self.places.len()).max(LEAST);
            let held = std::mem::replace(&mut self.places, vec![FREE; room]);
            held.into_iter().filter(|slot| *slot != FREE).for_each(|slot| self.put(hash_of(slot), slot));
        }
        self.put(hash, slot);
        self.len += 1;
    }

    fn put(&mut self, hash: u64, slot: Slot) {
        if let Some(at) = self.along(hash).find(|at| self.places.get(*at) == Some(&FREE)) {
            self.places[at] = slot;
        }
    }

    /// Removes a slot whose name has this hash.
    pub(super) fn remove(&mut self, hash: u64, slot: Slot, hash_of: impl Fn(Slot) -> u64) {
        let Some(mut free) = self.along(hash).find(|at| self.places.get(*at) == Some(&slot)) else { return };
        self.len -= 1;
        let mask = self.places.len() - 1;
        let mut at = free;
        // Slots that could not be nearer to their places come nearer.
        loop {
            at = (at + 1) & mask;
            let moved = self.places[at];
            if moved == FREE {
                break;
            }
            let wanted = hash_of(moved) as usize & mask;
            if at.wrapping_sub(wanted) & mask >= at.wrapping_sub(free) & mask {
                self.places[free] = moved;
                free = at;
            }
        }
        self.places[free] = FREE;
    }

    /// All places from that of a hash on.
    fn along(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let len = self.places.len();
        (0..len).map(move |step| (hash as usize).wrapping_add(step) & (len - 1))
    }

    /// Memory used, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Slot>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(changes in prop::collection::vec((0u32..40, any::<bool>()), 0..400), kinds in 1u64..50) {
            // Few hashes, so that many names share one, at the end of the list too.
            let hash_of = |slot: Slot| u64::MAX - u64::from(slot) % kinds;
            let (mut names, mut expected) = (Names::default(), HashMap::new());
            for (slot, add) in changes {
                if !add {
                    names.remove(hash_of(slot), slot, hash_of);
                    expected.remove(&slot);
                } else if expected.insert(slot, ()).is_none() {
                    names.insert(hash_of(slot), slot, hash_of);
                }
                for slot in 0..40 {
                    let found = names.find(hash_of(slot), |held| held == slot);
                    prop_assert_eq!(found, expected.get(&slot).map(|()| slot));
                }
            }
            prop_assert_eq!(names.len, expected.len());
        }
    }
}
