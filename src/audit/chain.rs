//! Events in a row, each sealed together with all before it.

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::event::{DecodeError, Event};
use super::merkle::{Frontier, Hash, leaf_hash};
use crate::seal::{Reader, SealError, SecretKey, associated, open_bytes, seal_bytes};

/// Longest sealed entry, bytes.
pub const MAX_ENTRY: usize = 1024;

/// Begins an encoded chain.
const MAGIC: &[u8; 4] = b"SSLC";

/// Why a log is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LogError {
    /// The entry does not open at its place: changed, moved, doubled, or one before it is missing.
    #[error("entry {number} of the log is not authentic")]
    NotAuthentic {
        /// Its number.
        number: u64,
    },
    /// The entry opens and says something that this version does not know.
    #[error("entry {number} of the log says {code}, which this version does not know")]
    Unknown {
        /// Its number.
        number: u64,
        /// The unknown number in it.
        code: u8,
    },
    /// The state of the chain cannot be read.
    #[error("the state of the log is damaged")]
    State,
    /// An entry could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// The end of a log: all that is needed to go on with it, and to say whether entries are those that were written.
///
/// ```
/// use selfsame::audit::{Actor, Chain, Event, EventKind, open_entry};
/// use selfsame::seal::SecretKey;
/// let key = SecretKey::random()?;
/// let mut chain = Chain::new([1; 16]);
/// let before = chain.clone();
/// let event = Event::now(EventKind::Create, Actor::default());
/// let entry = chain.append(&key, &event)?;
/// assert_eq!(chain.len(), 1);
/// let mut again = before;
/// assert_eq!(again.accept(&key, &entry)?, event);
/// assert_eq!(again, chain);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    gallery_id: [u8; 16],
    head: Hash,
    tree: Frontier,
}

impl Chain {
    /// An empty log of a gallery.
    #[must_use]
    pub fn new(gallery_id: [u8; 16]) -> Self {
        Self { gallery_id, head: [0; 32], tree: Frontier::default() }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.tree.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hash of all entries, one after the other.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// Root of the Merkle tree over the entries.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Seals an event as the next entry.
    ///
    /// # Errors
    /// [`LogError::Seal`] when the system has no random numbers.
    pub fn append(&mut self, key: &SecretKey, event: &Event) -> Result<Vec<u8>, LogError> {
        let entry = seal_bytes(key, &place(&self.gallery_id, self.len(), &self.head), &event.encode())?;
        self.step(&entry);
        Ok(entry)
    }

    /// Opens the entry that comes next, and goes on behind it.
    ///
    /// # Errors
    /// [`LogError::NotAuthentic`] when it is not the entry that was written there, [`LogError::Unknown`].
    pub fn accept(&mut self, key: &SecretKey, entry: &[u8]) -> Result<Event, LogError> {
        let event = open_entry(key, &self.gallery_id, self.len(), &self.head, entry)?;
        self.step(entry);
        Ok(event)
    }

    /// Goes on behind an entry without opening it: for proofs, which need no key.
    pub fn step(&mut self, entry: &[u8]) {
        self.head = Sha256::new().chain_update(self.head).chain_update(entry).finalize().into();
        self.tree.push(leaf_hash(entry));
    }

    /// `SSLC | head (32) | size u64 | hashes of the complete subtrees, largest first`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.head);
        out.extend_from_slice(&self.tree.len().to_be_bytes());
        self.tree.subtrees().iter().for_each(|hash| out.extend_from_slice(hash));
        out
    }

    /// Reads what [`Chain::encode`] gave, for the same gallery.
    ///
    /// # Errors
    /// [`LogError::State`].
    pub fn decode(gallery_id: [u8; 16], bytes: &[u8]) -> Result<Self, LogError> {
        let mut r = Reader::new(bytes);
        let mut read = || {
            r.take(4).filter(|magic| magic == MAGIC)?;
            let (head, size) = (r.array()?, r.u64()?);
            let (hashes, []) = r.rest().as_chunks::<32>() else { return None };
            Some(Self { gallery_id, head, tree: Frontier::from_subtrees(size, hashes)? })
        };
        read().ok_or(LogError::State)
    }
}

/// Opens one entry, whose number and whose predecessors' hash ([`Chain::head`]) are known.
///
/// # Errors
/// As [`Chain::accept`].
pub fn open_entry(
    key: &SecretKey,
    gallery_id: &[u8; 16],
    number: u64,
    head: &Hash,
    entry: &[u8],
) -> Result<Event, LogError> {
    if entry.len() > MAX_ENTRY {
        return Err(LogError::NotAuthentic { number });
    }
    let body =
        open_bytes(key, &place(gallery_id, number, head), entry).map_err(|_| LogError::NotAuthentic { number })?;
    Event::decode(&body).map_err(|e| match e {
        DecodeError::Malformed => LogError::NotAuthentic { number },
        DecodeError::Unknown(code) => LogError::Unknown { number, code },
    })
}

fn place(gallery_id: &[u8; 16], number: u64, head: &Hash) -> Vec<u8> {
    associated(b"log-entry", &[gallery_id, &number.to_be_bytes(), head])
}

#[cfg(test)]
mod tests {
    use super::super::event::{Actor, EventKind};
    use super::super::merkle;
    use super::*;
    use crate::score::Score;

    fn log(n: u32) -> (SecretKey, Chain, Vec<Vec<u8>>) {
        let (key, mut chain) = (SecretKey::from_bytes(&[4; 32]), Chain::new([1; 16]));
        let event = |i: u32| Event::now(EventKind::Verify, Actor::new("door").unwrap()).count(i as usize);
        let entries = (0..n).map(|i| chain.append(&key, &event(i)).unwrap()).collect();
        (key, chain, entries)
    }

    /// Number of the first entry that is refused, or of entries when all are taken.
    fn refused(key: &SecretKey, entries: &[Vec<u8>]) -> (u64, Chain) {
        let mut chain = Chain::new([1; 16]);
        for entry in entries {
            if chain.accept(key, entry).is_err() {
                break;
            }
        }
        (chain.len(), chain)
    }

    #[test]
    fn dropped_moved_doubled_and_changed_entries_are_named() {
        let (key, chain, entries) = log(9);
        assert_eq!(refused(&key, &entries), (9, chain.clone()));
        assert_eq!(chain.root(), merkle::root(&entries.iter().map(|e| leaf_hash(e)).collect::<Vec<_>>()));
        for i in 0..9 {
            let mut dropped = entries.clone();
            dropped.remove(i);
            // A log cut at its end is authentic as far as it goes: its state tells.
            let (at, cut) = refused(&key, &dropped);
            assert!(at == i as u64 && cut != chain);
            let mut doubled = entries.clone();
            doubled.insert(i, entries[i].clone());
            assert_eq!(refused(&key, &doubled).0, i as u64 + 1);
            for j in 0..i {
                let mut swapped = entries.clone();
                swapped.swap(i, j);
                assert_eq!(refused(&key, &swapped).0, j as u64);
            }
            for bit in 0..entries[i].len() * 8 {
                let mut changed = entries.clone();
                changed[i][bit / 8] ^= 1 << (bit % 8);
                assert_eq!(refused(&key, &changed).0, i as u64);
            }
        }
        assert_eq!(refused(&SecretKey::from_bytes(&[5; 32]), &entries).0, 0);
        let mut elsewhere = Chain::new([2; 16]);
        assert!(elsewhere.accept(&key, &entries[0]).is_err());
    }

    #[test]
    fn two_logs_of_one_gallery_and_key_do_not_mix() {
        // Copies of one log that went on apart, as after a rollback: same key, gallery and numbers.
        let (key, shared, mut one) = log(4);
        let mut other = one.clone();
        let (mut a, mut b) = (shared.clone(), shared);
        for _ in 0..3 {
            let event = Event::now(EventKind::Enrol, Actor::default());
            one.push(a.append(&key, &event).unwrap());
            other.push(b.append(&key, &event).unwrap());
        }
        for i in 0..7 {
            let mixed = [&one[..i], &other[i..]].concat();
            let (at, chain) = refused(&key, &mixed);
            // Up to where they part both are one; the first of the other's own still fits there, none behind it.
            let expected = if i <= 4 { 7 } else { i as u64 };
            assert_eq!(at, expected);
            assert_eq!(chain == b, i <= 4);
        }
    }

    #[test]
    fn every_cut_of_an_entry_is_refused() {
        let (key, _, entries) = log(2);
        for entry in &entries {
            for end in 0..entry.len() {
                assert!(Chain::new([1; 16]).accept(&key, &entry[..end]).is_err());
            }
        }
        let mut chain = Chain::new([1; 16]);
        let long = [entries[0].as_slice(), &[0; MAX_ENTRY]].concat();
        assert_eq!(chain.accept(&key, &long), Err(LogError::NotAuthentic { number: 0 }));
        assert_eq!(chain, Chain::new([1; 16]));
    }

    #[test]
    fn the_longest_event_fits_an_entry() {
        let event = Event::now(EventKind::Identify, Actor::new("x".repeat(Actor::MAX_LEN)).unwrap());
        let event = event.subject([1; 32]).score(Score::from_decibels(41.0)).count(usize::MAX);
        let (key, mut chain) = (SecretKey::from_bytes(&[4; 32]), Chain::new([1; 16]));
        let entry = chain.append(&key, &event).unwrap();
        assert!(entry.len() <= MAX_ENTRY);
        assert_eq!(Chain::new([1; 16]).accept(&key, &entry), Ok(event));
    }

    #[test]
    fn the_state_comes_back_and_goes_on() {
        for n in 0..20 {
            let (key, chain, _) = log(n);
            let bytes = chain.encode();
            let mut again = Chain::decode([1; 16], &bytes).unwrap();
            assert_eq!(again, chain);
            let event = Event::now(EventKind::Check, Actor::default());
            let entry = again.append(&key, &event).unwrap();
            assert_eq!(chain.clone().accept(&key, &entry).unwrap(), event);
            assert!((0..bytes.len()).all(|end| Chain::decode([1; 16], &bytes[..end]).is_err()));
            assert!(Chain::decode([1; 16], &[bytes.as_slice(), &[0; 32]].concat()).is_err());
        }
        assert!(Chain::decode([1; 16], &[&MAGIC[..], &[0; 32], &[255; 8]].concat()).is_err());
    }
}
