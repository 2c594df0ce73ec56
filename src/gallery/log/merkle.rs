//! The Merkle tree of RFC 6962, section 2.1, with its proofs.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Hash of a leaf: `SHA-256(0 | entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new_with_prefix([0]).chain_update(entry).finalize().into()
}

/// Root of a tree without leaves: the hash of the empty string.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Hash of a node: `SHA-256(1 | left | right)`.
pub(crate) fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The complete subtrees of a tree, largest first: all that is needed to add leaves and to compute the root. There are
/// at most 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.size
    }

    /// Whether there are no leaves.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each trailing one bit of the size is a complete subtree that the new leaf merges into a larger one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = join(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.subtrees.iter().rev();
        let Some(last) = smallest_first.next() else { return empty_root() };
        smallest_first.fold(*last, |right, left| join(left, &right))
    }

    /// The hashes of the complete subtrees, largest first.
    #[must_use]
    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// The first leaf of each complete subtree, and the subtree's level.
    pub(in crate::gallery) fn parts(&self) -> impl Iterator<Item = (u64, u32)> + use<> {
        Self::parts_of(self.size)
    }

    /// The same for so many leaves.
    pub(in crate::gallery) fn parts_of(size: u64) -> impl Iterator<Item = (u64, u32)> + use<> {
        let levels = (0..u64::BITS).rev().filter(move |level| size >> level & 1 == 1);
        let mut next = 0_u64;
        levels.map(move |level| {
            let from = next;
            next |= 1_u64.checked_shl(level).unwrap_or(0);
            (from, level)
        })
    }

    /// Creates a frontier from [`Frontier::subtrees`]; `None` when their number does not match `size`.
    #[must_use]
    pub fn from_subtrees(size: u64, subtrees: &[Hash]) -> Option<Self> {
        let fits = u32::try_from(subtrees.len()).ok()? == size.count_ones();
        fits.then(|| Self { size, subtrees: subtrees.to_vec() })
    }
}

/// The root of the tree over these leaves.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            join(&root(left), &root(right))
        }
    }
}

fn split(n: usize) -> usize {
    u64::try_from(n).map(split_of).ok().and_then(|k| usize::try_from(k).ok()).unwrap_or(0)
}

/// The largest power of two below `n`, for `n` of at least 2: where RFC 6962 splits a tree.
pub(crate) fn split_of(n: u64) -> u64 {
    n.saturating_sub(1).checked_ilog2().map_or(0, |log| 1_u64.checked_shl(log).unwrap_or(0))
}

/// The hashes that prove that leaf `number` is in the tree over `leaves`, from the leaf up (RFC 6962, 2.1.1). `None`
/// when there is no such leaf.
#[must_use]
pub fn inclusion_proof(leaves: &[Hash], number: usize) -> Option<Vec<Hash>> {
    leaves.get(number)?;
    let (mut within, mut number, mut proof) = (leaves, number, Vec::new());
    while within.len() > 1 {
        let k = split(within.len());
        let (left, right) = within.split_at(k);
        if number < k {
            proof.push(root(right));
            within = left;
        } else {
            proof.push(root(left));
            within = right;
            number = number.saturating_sub(k);
        }
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that the leaf with this hash is number `number` in the tree of `size` leaves with this root.
///
/// A root does not determine its size: take both from one trusted place, a checkpoint for example.
///
/// ```
/// use selfsame::gallery::log::{inclusion_proof, leaf_hash, root, verify_inclusion};
/// let leaves: Vec<_> = [&b"a"[..], b"b", b"c"].iter().map(|e| leaf_hash(e)).collect();
/// let proof = inclusion_proof(&leaves, 2).ok_or("no such leaf")?;
/// assert!(verify_inclusion(&leaf_hash(b"c"), 2, 3, &proof, &root(&leaves)));
/// assert!(!verify_inclusion(&leaf_hash(b"x"), 2, 3, &proof, &root(&leaves)));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn verify_inclusion(leaf: &Hash, number: u64, size: u64, proof: &[Hash], expected: &Hash) -> bool {
    if number >= size {
        return false;
    }
    // RFC 9162, 2.1.3.2.
    let (mut at, mut last, mut hash) = (number, size.saturating_sub(1), *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = join(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = join(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *expected
}

/// The hashes that prove that the tree over `leaves` begins with the tree over its first `size` (RFC 6962, 2.1.2).
/// `None` when there are fewer leaves, or `size` is 0.
#[must_use]
pub fn consistency_proof(leaves: &[Hash], size: usize) -> Option<Vec<Hash>> {
    if size == 0 || size > leaves.len() {
        return None;
    }
    let (mut within, mut size, mut whole, mut proof) = (leaves, size, true, Vec::new());
    while size < within.len() {
        let k = split(within.len());
        let (left, right) = within.split_at(k);
        if size <= k {
            proof.push(root(right));
            within = left;
        } else {
            proof.push(root(left));
            within = right;
            size = size.saturating_sub(k);
            whole = false;
        }
    }
    if !whole {
        proof.push(root(within));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that the tree of `size` leaves and root `newer` begins with the tree of `first` leaves and
/// root `older`. Roots do not determine their sizes: take each size and its root from one trusted place.
#[must_use]
pub fn verify_consistency(first: u64, size: u64, older: &Hash, newer: &Hash, proof: &[Hash]) -> bool {
    if first == size {
        return proof.is_empty() && older == newer;
    }
    if first == 0 || first > size {
        return false;
    }
    // RFC 9162, 2.1.4.2.
    let whole = first.is_power_of_two();
    let mut hashes = proof.iter();
    let start = if whole { Some(older) } else { hashes.next() };
    let Some(&start) = start else { return false };
    let (mut at, mut last) = (first.saturating_sub(1), size.saturating_sub(1));
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (start, start);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = join(hash, &old);
            new = join(hash, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = join(&new, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *older && new == *newer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of the test tree of Certificate Transparency, and its root after each.
    const ENTRIES: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|b| format!("{b:02x}")).collect()
    }

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        assert_eq!(hex(&empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let leaves: Vec<Hash> = ENTRIES.iter().map(|e| leaf_hash(e)).collect();
        let mut frontier = Frontier::default();
        for (i, expected) in ROOTS.iter().enumerate() {
            frontier.push(leaves[i]);
            assert_eq!(hex(&root(&leaves[..=i])), *expected);
            assert_eq!(hex(&frontier.root()), *expected);
        }
        // The hashes of the tree's nodes, and all proofs of the same test data.
        const N01: &str = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
        const N23: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
        const N45: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
        const N67: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
        const N03: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
        const N47: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
        const L0: &str = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        const L1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
        const L4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
        let hexes = |proof: Option<Vec<Hash>>| proof.unwrap().iter().map(hex).collect::<Vec<_>>();
        for (number, size, path) in
            [(0, 1, &[][..]), (0, 8, &[L1, N23, N47]), (5, 8, &[L4, N67, N03]), (2, 3, &[N01]), (1, 5, &[L0, N23, L4])]
        {
            assert_eq!(hexes(inclusion_proof(&leaves[..size], number)), path, "leaf {number} of {size}");
        }
        for (first, size, path) in
            [(1, 1, &[][..]), (1, 8, &[L1, N23, N47]), (6, 8, &[N45, N67, N03]), (2, 5, &[N23, L4])]
        {
            assert_eq!(hexes(consistency_proof(&leaves[..size], first)), path, "from {first} to {size}");
        }
    }

    #[test]
    fn all_proofs_up_to_64_leaves_hold_and_no_other_does() {
        for n in 1..=64 {
            let leaves = leaves(n);
            let whole = root(&leaves);
            for i in 0..n {
                let proof = inclusion_proof(&leaves, i).unwrap();
                assert!(verify_inclusion(&leaves[i], i as u64, n as u64, &proof, &whole));
                assert!(
                    !verify_inclusion(
                        &leaves[(i + 1) % n.max(2)..].first().copied().unwrap_or([0; 32]),
                        i as u64,
                        n as u64,
                        &proof,
                        &whole
                    ) || n == 1
                );
                for other in (0..=n as u64 + 1).filter(|o| *o != i as u64) {
                    assert!(!verify_inclusion(&leaves[i], other, n as u64, &proof, &whole));
                }
                let mut longer = proof.clone();
                longer.push([7; 32]);
                assert!(!verify_inclusion(&leaves[i], i as u64, n as u64, &longer, &whole));
                for k in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[k][0] ^= 1;
                    assert!(!verify_inclusion(&leaves[i], i as u64, n as u64, &changed, &whole));
                    assert!(!verify_inclusion(&leaves[i], i as u64, n as u64, &proof[..k], &whole));
                }
            }
            assert!(inclusion_proof(&leaves, n).is_none());
            for m in 1..=n {
                let (older, proof) = (root(&leaves[..m]), consistency_proof(&leaves, m).unwrap());
                assert!(verify_consistency(m as u64, n as u64, &older, &whole, &proof));
                for k in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[k][31] ^= 128;
                    assert!(!verify_consistency(m as u64, n as u64, &older, &whole, &changed));
                    assert!(!verify_consistency(m as u64, n as u64, &older, &whole, &proof[..k]));
                }
                let mut other = older;
                other[5] ^= 1;
                assert!(!verify_consistency(m as u64, n as u64, &other, &whole, &proof));
                // An old root of the wrong tree, a new root of the wrong tree, roots swapped, another beginning.
                other = whole;
                other[5] ^= 1;
                assert!(!verify_consistency(m as u64, n as u64, &older, &other, &proof));
                assert!(m == n || !verify_consistency(m as u64, n as u64, &whole, &older, &proof));
                for first in (0..=n as u64 + 1).filter(|f| *f != m as u64) {
                    assert!(!verify_consistency(first, n as u64, &older, &whole, &proof), "{first} for {m} of {n}");
                }
                // A hash too many at either end, the old root before all, one too few at the beginning.
                for more in [[7; 32], older, whole] {
                    let (before, behind) = ([&[more], proof.as_slice()].concat(), [proof.as_slice(), &[more]].concat());
                    assert!(!verify_consistency(m as u64, n as u64, &older, &whole, &before));
                    assert!(!verify_consistency(m as u64, n as u64, &older, &whole, &behind));
                }
                assert!(m == n || !verify_consistency(m as u64, n as u64, &older, &whole, &proof[1..]));
            }
            assert!(consistency_proof(&leaves, 0).is_none() && consistency_proof(&leaves, n + 1).is_none());
        }
    }
}
