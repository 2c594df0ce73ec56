//! Local descriptors as words: the neighborhood of a minutia, one bit for each cell of each section.
//!
//! A descriptor is [`PLANES`] sections of [`CELLS`] bits and a mask of the observed cells. It is packed into
//! [`PLANES`] words: the low bits of word `w` are section `w`, and the [`SPARE`] bits above them are the bits `SPARE * w` and
//! up of the mask. A set of descriptors is stored plane after plane (structure of arrays), without gaps.

/// Sections of a descriptor, one word each.
pub(crate) const PLANES: usize = 6;
/// Cells of a section.
pub(crate) const CELLS: usize = 52;
/// Bits of a word that a section leaves over.
const SPARE: usize = 64 - CELLS;
/// Words that together hold the mask.
const MASKED: usize = CELLS.div_ceil(SPARE);
/// The bits of a section in its word.
pub(crate) const SECTION: u64 = (1 << CELLS) - 1;

/// One descriptor: bits (only where observed) and the mask of observed cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) bits: [u64; PLANES],
    pub(crate) valid: u64,
}

impl Descriptor {
    fn pack(&self) -> [u64; PLANES] {
        std::array::from_fn(|w| self.bits[w] | self.valid.unbounded_shr((SPARE * w) as u32) << CELLS)
    }
}

/// Packs descriptors plane after plane: word `w` of descriptor `j` of `n` is `[w * n + j]`.
pub(crate) fn planes(descriptors: &[Descriptor]) -> Vec<u64> {
    let n = descriptors.len();
    let mut out = vec![0; n * PLANES];
    for (j, d) in descriptors.iter().enumerate() {
        for (w, word) in d.pack().into_iter().enumerate() {
            out[w * n + j] = word;
        }
    }
    out
}

/// The sections of descriptor `j` of a set of `n`; zero when there is none.
pub(crate) fn sections(planes: &[u64], n: usize, j: usize) -> [u64; PLANES] {
    std::array::from_fn(|w| planes.get(w * n + j).copied().unwrap_or(0) & SECTION)
}

/// The mask of each descriptor of a set, as many as `out` holds.
#[inline(always)]
pub(crate) fn masks(planes: &[u64], out: &mut [u64]) {
    let n = out.len();
    out.fill(0);
    for (w, plane) in planes.chunks_exact(n.max(1)).enumerate().take(MASKED) {
        for (mask, word) in out.iter_mut().zip(plane) {
            *mask |= word >> CELLS << (SPARE * w) & SECTION;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn descriptors_come_back(list in prop::collection::vec((any::<[u64; PLANES]>(), any::<u64>()), 0..40)) {
            let valid = |v: u64| v & SECTION;
            let list: Vec<Descriptor> =
                list.into_iter().map(|(bits, v)| Descriptor { bits: bits.map(|b| b & valid(v)), valid: valid(v) }).collect();
            let planes = planes(&list);
            let mut observed = vec![9; list.len()];
            masks(&planes, &mut observed);
            for (j, d) in list.iter().enumerate() {
                prop_assert_eq!((sections(&planes, list.len(), j), observed[j]), (d.bits, d.valid));
            }
            prop_assert_eq!(sections(&planes, list.len(), 6 * list.len()), [0; PLANES]);
        }
    }
}
