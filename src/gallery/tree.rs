//! One hash over all keys and records, changed with little work.
//!
//! ```text
//! subject = H(0 | tag | has key, H(key) | for each record in order: place (4), H(value))
//! bucket  = H(1 | subjects of one two-byte prefix of their tags, in order), or zeros when there is none
//! row     = H(2 | 256 buckets of one first byte)
//! root    = H(3 | 256 rows)
//! ```
//!
//! H is SHA-256, of values over their length and ends; the leading byte tells the levels apart, as in RFC 6962. Tags are keyed hashes, so subjects spread evenly. The
//! buckets are stored, 256 in a row, so that a damaged gallery can be searched for what is damaged.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub(super) type Hash = [u8; 32];

/// Bytes at either end of a stored value that stand for it: version, epoch, nonce and commitment (68) or more.
const ENDS: usize = 72;
/// Children of a node.
const WIDTH: usize = 256;
const EMPTY: Hash = [0; 32];
/// A number of this many subjects' buckets: the first two bytes of their tags.
pub(super) type Bucket = [u8; 2];

/// The bucket of a tag.
pub(super) fn bucket_of(tag: &[u8; 32]) -> Bucket {
    [tag[0], tag[1]]
}

/// Hash of bytes.
pub(super) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// What stands for a stored value: a hash of its ends and its length. At its beginning are version, epoch, nonce and the commitment to its
/// key, at its end the tag over all of it, so no other value of these ends opens; what is in between need not be read twice.
pub(super) fn hash_sealed(value: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update((value.len() as u64).to_be_bytes());
    match (value.first_chunk::<ENDS>(), value.last_chunk::<ENDS>()) {
        (Some(first), Some(last)) if value.len() > 2 * ENDS => hasher.chain_update(first).chain_update(last),
        _ => hasher.chain_update(value),
    }
    .finalize()
    .into()
}

/// Sums up one subject.
pub(super) struct SubjectHash(Sha256);

impl SubjectHash {
    /// `key` is the hash of the subject's stored key, if there is one.
    pub(super) fn new(tag: &[u8; 32], key: Option<&Hash>) -> Self {
        let mut hasher = Sha256::new_with_prefix([0]);
        hasher.update(tag);
        hasher.update([u8::from(key.is_some())]);
        hasher.update(key.unwrap_or(&EMPTY));
        Self(hasher)
    }

    /// Adds a record; in the order of the store's keys. `rest` is the store's key behind the tag.
    pub(super) fn add(&mut self, rest: &[u8], value: &Hash) {
        // The store's keys are 4 bytes behind the tag; another length must not be read as another record.
        self.0.update((rest.len() as u64).to_be_bytes());
        self.0.update(rest);
        self.0.update(value);
    }

    pub(super) fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// Sums up one bucket.
#[derive(Default)]
pub(super) struct BucketHash(Option<Sha256>);

impl BucketHash {
    pub(super) fn add(&mut self, subject: &Hash) {
        self.0.get_or_insert_with(|| Sha256::new_with_prefix([1])).update(subject);
    }

    pub(super) fn finish(self) -> Hash {
        self.0.map_or(EMPTY, |hasher| hasher.finalize().into())
    }
}

/// The buckets, and the hashes above them.
#[derive(Clone)]
pub(super) struct Tree {
    buckets: Vec<Hash>,
    rows: Vec<Hash>,
}

/// What a change of some buckets makes of a tree.
pub(super) struct Changed {
    pub(super) root: Hash,
    buckets: BTreeMap<Bucket, Hash>,
    rows: BTreeMap<u8, Hash>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { buckets: vec![EMPTY; WIDTH * WIDTH], rows: vec![row_hash(&[EMPTY; WIDTH]); WIDTH] }
    }

    pub(super) fn root(&self) -> Hash {
        root_hash(&self.rows)
    }

    pub(super) fn bucket(&self, bucket: Bucket) -> Hash {
        self.buckets[number(bucket)]
    }

    /// The root that the tree would have with other buckets.
    pub(super) fn with(&self, buckets: BTreeMap<Bucket, Hash>) -> Changed {
        let mut rows = BTreeMap::new();
        for &[first, _] in buckets.keys() {
            rows.entry(first).or_insert_with(|| {
                let mut row = self.row(first).to_vec();
                for (&[_, second], &hash) in buckets.range([first, 0]..=[first, 255]) {
                    row[usize::from(second)] = hash;
                }
                row_hash(&row)
            });
        }
        let mut all = self.rows.clone();
        rows.iter().for_each(|(&first, &hash)| all[usize::from(first)] = hash);
        Changed { root: root_hash(&all), buckets, rows }
    }

    pub(super) fn apply(&mut self, changed: Changed) {
        changed.buckets.into_iter().for_each(|(bucket, hash)| self.buckets[number(bucket)] = hash);
        changed.rows.into_iter().for_each(|(first, hash)| self.rows[usize::from(first)] = hash);
    }

    /// A row of buckets as it is stored.
    pub(super) fn encode_row(&self, first: u8, changed: &Changed) -> Vec<u8> {
        let row = (0..=255).map(|second| {
            let bucket = [first, second];
            *changed.buckets.get(&bucket).unwrap_or(&self.buckets[number(bucket)])
        });
        row.collect::<Vec<_>>().concat()
    }

    /// Takes a stored row; `false` when it is none.
    pub(super) fn decode_row(&mut self, first: u8, bytes: &[u8]) -> bool {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if hashes.len() != WIDTH || !rest.is_empty() {
            return false;
        }
        let from = number([first, 0]);
        self.buckets[from..from + WIDTH].copy_from_slice(hashes);
        self.rows[usize::from(first)] = row_hash(hashes);
        true
    }

    fn row(&self, first: u8) -> &[Hash] {
        let from = number([first, 0]);
        &self.buckets[from..from + WIDTH]
    }
}

impl Changed {
    /// First bytes of the rows that are to be stored anew.
    pub(super) fn rows(&self) -> impl Iterator<Item = u8> {
        self.rows.keys().copied()
    }
}

fn number(bucket: Bucket) -> usize {
    usize::from(u16::from_be_bytes(bucket))
}

fn row_hash(buckets: &[Hash]) -> Hash {
    level(2, buckets)
}

fn root_hash(rows: &[Hash]) -> Hash {
    level(3, rows)
}

fn level(number: u8, children: &[Hash]) -> Hash {
    let mut hasher = Sha256::new_with_prefix([number]);
    children.iter().for_each(|child| hasher.update(child));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_tree_is_the_tree_built_anew() {
        let mut tree = Tree::new();
        let empty = tree.root();
        let change: BTreeMap<Bucket, Hash> = [([0, 0], [1; 32]), ([0, 255], [2; 32]), ([9, 3], [3; 32])].into();
        let changed = tree.with(change.clone());
        let root = changed.root;
        let rows: Vec<(u8, Vec<u8>)> = changed.rows().map(|first| (first, tree.encode_row(first, &changed))).collect();
        assert_eq!(rows.len(), 2);
        tree.apply(changed);
        assert!(tree.root() == root && root != empty);
        let mut again = Tree::new();
        assert!(rows.iter().all(|(first, bytes)| again.decode_row(*first, bytes)));
        assert_eq!(again.root(), root);
        assert!(!again.decode_row(0, &rows[0].1[1..]));
        let back = change.into_keys().map(|bucket| (bucket, EMPTY)).collect();
        assert_eq!(tree.with(back).root, empty);
    }

    #[test]
    fn every_part_of_a_subject_counts() {
        let sum = |tag: u8, key: Option<u8>, records: &[(&[u8], u8)]| {
            let mut hash = SubjectHash::new(&[tag; 32], key.map(|k| [k; 32]).as_ref());
            records.iter().for_each(|(rest, value)| hash.add(rest, &[*value; 32]));
            hash.finish()
        };
        let all = [
            sum(1, Some(2), &[(b"1234", 3), (b"1235", 4)]),
            sum(2, Some(2), &[(b"1234", 3), (b"1235", 4)]),
            sum(1, Some(0), &[(b"1234", 3), (b"1235", 4)]),
            sum(1, None, &[(b"1234", 3), (b"1235", 4)]),
            sum(1, Some(2), &[(b"1235", 4), (b"1234", 3)]),
            sum(1, Some(2), &[(b"1234", 4), (b"1235", 3)]),
            sum(1, Some(2), &[(b"1234", 3)]),
            sum(1, Some(2), &[]),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b), "{i}");
        }
    }
}
