//! Hashes over the log, so that a proof reads some dozens of them instead of the log.
//!
//! Only hashes over whole units of 64 leaves are stored; those within a unit are computed from its events. The tree is stored in
//! order: the node over units from `k * 2^l` up to but not including `(k + 1) * 2^l` is number `(2 k + 1) * 2^l - 1` of the file. All of it can be
//! recomputed from the log. Nothing in it is trusted: a proof is checked against the root before it is returned.

use std::io;
use std::sync::Arc;

use super::header::{self, FileKind};
use super::keys::Keys;
use crate::gallery::disk::DiskFile;
use crate::gallery::error::GalleryError;
use crate::gallery::log::{Frontier, Hash, join, root};

/// Position of the first hash.
const FIRST: u64 = 64;
/// A unit has two to this power leaves (design: a proof computes two units, and a leaf takes half a byte).
const UNIT_LEVEL: u32 = 6;
/// Leaves of a unit.
pub(in crate::gallery) const UNIT: u64 = 1 << UNIT_LEVEL;

/// The file of hashes.
pub(in crate::gallery) struct NodeFile {
    file: Arc<dyn DiskFile>,
    /// The number of leaves in the file.
    leaves: Frontier,
}

impl NodeFile {
    /// Creates a file that begins with the hashes of `retired`, whole units whose leaves are no longer there: what is proved of later
    /// leaves needs no hash within them.
    pub(in crate::gallery) fn create(file: Arc<dyn DiskFile>, keys: &Keys, retired: &Frontier) -> io::Result<Self> {
        file.write_at(0, &header::encode(FileKind::Nodes, &keys.gallery_id, keys.generation))?;
        let nodes = Self { file, leaves: retired.clone() };
        for ((from, level), hash) in retired.parts().zip(retired.subtrees()) {
            nodes.write(level, from.checked_shr(level).unwrap_or(0), hash)?;
        }
        Ok(nodes)
    }

    /// Opens an existing file, if it contains the log's last hashes.
    pub(in crate::gallery) fn open(file: Arc<dyn DiskFile>, keys: &Keys, log: &Frontier) -> Option<Self> {
        let mut head = vec![0; header::HEADER_LEN];
        file.read_at(0, &mut head).ok()?;
        header::check(&head, FileKind::Nodes, &keys.gallery_id, keys.generation).ok()?;
        let nodes = Self { file, leaves: log.clone() };
        for ((from, level), hash) in log.parts().zip(log.subtrees()) {
            if level >= UNIT_LEVEL && nodes.node(level, from.checked_shr(level)?).ok()? != *hash {
                return None;
            }
        }
        Some(nodes)
    }

    /// Adds leaves after the existing ones.
    pub(in crate::gallery) fn push(&mut self, leaves: &[Hash]) -> io::Result<()> {
        for leaf in leaves {
            let number = self.leaves.len();
            let mut hash = *leaf;
            for (level, left) in (1..=number.trailing_ones()).zip(self.leaves.subtrees().iter().rev()) {
                hash = join(left, &hash);
                if level >= UNIT_LEVEL {
                    self.write(level, number.checked_shr(level).unwrap_or(0), &hash)?;
                }
            }
            self.leaves.push(*leaf);
        }
        Ok(())
    }

    pub(in crate::gallery) fn len(&self) -> u64 {
        self.leaves.len()
    }

    fn write(&self, level: u32, index: u64, hash: &Hash) -> io::Result<()> {
        self.file.write_at(position(level, index).ok_or(io::ErrorKind::FileTooLarge)?, hash)
    }

    fn node(&self, level: u32, index: u64) -> io::Result<Hash> {
        let mut hash = [0; 32];
        self.file.read_at(position(level, index).ok_or(io::ErrorKind::UnexpectedEof)?, &mut hash)?;
        Ok(hash)
    }

    /// The hash over leaves `from` to `to`, as RFC 6962 splits them; `leaves_of` gives the leaves of a unit, up to the last there is.
    pub(in crate::gallery) fn range(&self, leaves_of: Units<'_>, from: u64, to: u64) -> Result<Hash, GalleryError> {
        let count = to.saturating_sub(from);
        let level = count.checked_ilog2().unwrap_or(0);
        let whole = count.is_power_of_two() && from.trailing_zeros() >= level;
        if whole && level >= UNIT_LEVEL {
            return Ok(self.node(level, from.checked_shr(level).unwrap_or(0))?);
        }
        if count <= UNIT {
            // The tree is split at multiples of powers of two, so this is within one unit.
            let unit = from >> UNIT_LEVEL;
            let leaves = leaves_of(unit)?;
            let at = |leaf: u64| usize::try_from(leaf.saturating_sub(unit << UNIT_LEVEL)).unwrap_or(usize::MAX);
            let within = leaves.get(at(from)..at(to)).ok_or(GalleryError::Log { number: from })?;
            return Ok(root(within));
        }
        let middle = from.saturating_add(crate::gallery::log::split_of(count));
        Ok(join(&self.range(leaves_of, from, middle)?, &self.range(leaves_of, middle, to)?))
    }
}

fn position(level: u32, index: u64) -> Option<u64> {
    let odd = index.checked_mul(2)?.checked_add(1)?;
    let number = odd.checked_mul(1_u64.checked_shl(level.checked_sub(UNIT_LEVEL)?)?)?.checked_sub(1)?;
    number.checked_mul(32)?.checked_add(FIRST)
}

/// Reads the leaves of a unit.
pub(in crate::gallery) type Units<'a> = &'a dyn Fn(u64) -> Result<Vec<Hash>, GalleryError>;

/// Computes hashes of ranges of leaves.
pub(in crate::gallery) type Ranges<'a> = &'a dyn Fn(u64, u64) -> Result<Hash, GalleryError>;

/// The proof that leaf `number` is among the first `size`, from the leaf up (RFC 6962, 2.1.1).
pub(in crate::gallery) fn inclusion(range: Ranges<'_>, number: u64, size: u64) -> Result<Vec<Hash>, GalleryError> {
    let (mut from, mut to, mut proof) = (0, size, Vec::new());
    while to.saturating_sub(from) > 1 {
        let middle = crate::gallery::log::split_of(to.saturating_sub(from)).saturating_add(from);
        if number < middle {
            proof.push(range(middle, to)?);
            to = middle;
        } else {
            proof.push(range(from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the first `size` leaves begin with the first `first`, which is at least 1 (RFC 6962, 2.1.2).
pub(in crate::gallery) fn consistency(range: Ranges<'_>, first: u64, size: u64) -> Result<Vec<Hash>, GalleryError> {
    let (mut from, mut to, mut whole, mut proof) = (0, size, true, Vec::new());
    while first < to {
        let middle = crate::gallery::log::split_of(to.saturating_sub(from)).saturating_add(from);
        if first <= middle {
            proof.push(range(middle, to)?);
            to = middle;
        } else {
            proof.push(range(from, middle)?);
            from = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range(from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::disk::{Access, Disk, MemoryDisk};
    use crate::gallery::log::{consistency_proof, inclusion_proof, leaf_hash, root};
    use crate::gallery::seal::{Keyring, RawKey, SecretKey};

    #[test]
    fn proofs_are_those_of_all_leaves() {
        let keyring = Keyring::create(&RawKey::new(SecretKey::from_bytes(&[1; 32])), [2; 16]).unwrap();
        let keys = Keys::new(&keyring);
        let disk = MemoryDisk::new();
        let create = |name: &str, retired: &Frontier| {
            NodeFile::create(disk.open(name, Access::Create).unwrap(), &keys, retired).unwrap()
        };
        let mut nodes = create("nodes", &Frontier::default());
        let (mut leaves, mut log) = (Vec::new(), Frontier::default());
        let mut shorter: Vec<(u64, NodeFile)> = Vec::new();
        for size in 1..300_u64 {
            let leaf = leaf_hash(&size.to_be_bytes());
            leaves.push(leaf);
            log.push(leaf);
            nodes.push(&[leaf]).unwrap();
            shorter.iter_mut().for_each(|(_, nodes)| nodes.push(&[leaf]).unwrap());
            if size % UNIT == 0 {
                shorter.push((size, create(&format!("nodes-{size}"), &log)));
            }
            let unit = |unit: u64| {
                let from = (unit * UNIT) as usize;
                Ok(leaves[from..leaves.len().min(from + UNIT as usize)].to_vec())
            };
            assert_eq!(nodes.range(&unit, 0, size).unwrap(), root(&leaves));
            for number in (0..size).filter(|n| n % 7 == 0 || n + 3 > size) {
                let range = |from, to| nodes.range(&unit, from, to);
                let proof = inclusion(&range, number, size).unwrap();
                assert_eq!(Some(proof), inclusion_proof(&leaves, number as usize));
                let proof = consistency(&range, number + 1, size).unwrap();
                assert_eq!(Some(proof), consistency_proof(&leaves, number as usize + 1));
            }
            // Without the beginning, all that can be asked of the rest is answered alike.
            for (retired, nodes) in &shorter {
                let unit = |number: u64| {
                    assert!(number * UNIT >= *retired, "leaves are asked for that are no longer there");
                    unit(number)
                };
                let range = |from, to| nodes.range(&unit, from, to);
                assert_eq!(range(0, size).unwrap(), root(&leaves));
                for number in (*retired..size).filter(|n| n % 5 == 0 || n + 3 > size) {
                    let proof = inclusion(&range, number, size).unwrap();
                    assert_eq!(Some(proof), inclusion_proof(&leaves, number as usize));
                    let proof = consistency(&range, number + 1, size).unwrap();
                    assert_eq!(Some(proof), consistency_proof(&leaves, number as usize + 1));
                    assert_eq!(range(0, number + 1).unwrap(), root(&leaves[..=number as usize]));
                }
                let proof = consistency(&range, *retired, size).unwrap();
                assert_eq!(Some(proof), consistency_proof(&leaves, *retired as usize));
            }
            let again = NodeFile::open(disk.open("nodes", Access::Write).unwrap(), &keys, &log).unwrap();
            assert_eq!(again.range(&unit, 0, size).unwrap(), root(&leaves));
        }
        let mut other = log.clone();
        (0..UNIT).for_each(|_| other.push(leaf_hash(b"not in the file")));
        assert!(NodeFile::open(disk.open("nodes", Access::Write).unwrap(), &keys, &other).is_none());
    }
}
