//! Reading the gallery's log and proving its entries.

use std::collections::HashMap;

use super::attempts::Uid;
use super::error::GalleryError;
use super::handle::Gallery;
use super::log::{Event, EventKind, Hash};
use crate::subject::SubjectId;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// The number of the entry, from 0.
    pub number: u64,
    /// What happened.
    pub event: Event,
    /// The subject's name, if the subject is currently enrolled; others are known only by their random number.
    pub subject: Option<SubjectId>,
    /// Whether the clock was behind the time of the previous entry: it was set back, so times do not show the order of
    /// events.
    pub clock_put_back: bool,
}

/// Proves, without any key, that an entry is in a log of this size and root
/// ([`verify_inclusion`](crate::gallery::log::verify_inclusion)). The leaf is a blinded hash: it says nothing of what the
/// entry holds.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::log::{verify_consistency, verify_inclusion};
/// # use selfsame::gallery::Gallery;
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let gallery = Gallery::builder(key).create_on(MemoryDisk::new())?;
/// let (then, kept) = gallery.log_root()?; // an outsider keeps them
/// gallery.check()?;
/// let entry = gallery.prove_inclusion_in(0, then)?;
/// assert!(verify_inclusion(&entry.leaf, entry.number, then, &entry.path, &kept));
/// let later = gallery.prove_consistency(then)?;
/// assert!(verify_consistency(then, later.size, &kept, &later.root, &later.path));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InclusionProof {
    /// The number of the entry.
    pub number: u64,
    /// The hash of the entry.
    pub leaf: Hash,
    /// The number of entries in the log.
    pub size: u64,
    /// The root of the log.
    pub root: Hash,
    /// The hashes from the leaf up.
    pub path: Vec<Hash>,
}

/// Proves, without any key, that a log begins with an earlier one
/// ([`verify_consistency`](crate::gallery::log::verify_consistency)); see the example at [`InclusionProof`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsistencyProof {
    /// The number of entries in the earlier log.
    pub first: u64,
    /// The number of entries in the log.
    pub size: u64,
    /// The root of the log.
    pub root: Hash,
    /// The hashes of the proof.
    pub path: Vec<Hash>,
}

impl Gallery {
    /// Passes all events of the log to `visit` from the first, as of the call; each is in a frame that is checked
    /// against the frames before it. `visit` returns whether to continue. The log records the reading.
    ///
    /// # Errors
    /// [`GalleryError::Log`] with the number of the first entry that is not what was written; [`GalleryError::Io`].
    pub fn log(&self, visit: &mut dyn FnMut(LogEntry) -> bool) -> Result<(), GalleryError> {
        self.flush()?;
        let (log, state) = {
            let ledger = self.ledger();
            (ledger.log.reader(), ledger.state.clone())
        };
        self.note(self.event(EventKind::ReadLog))?;
        let people = self.shared.people.all();
        let names: HashMap<Uid, SubjectId> = people.into_iter().map(|(name, entry)| (entry.uid, name)).collect();
        let (mut number, mut before) = (0, 0);
        let walked = log.walk(&state, &mut |frame| {
            if frame.is_intent {
                return true;
            }
            frame.events.into_iter().all(|stored| {
                let event = stored.event;
                let subject = event.subject.and_then(|uid| names.get(&uid).cloned());
                let clock_put_back = event.time < before;
                before = event.time;
                number += 1;
                visit(LogEntry { number: number - 1, event, subject, clock_put_back })
            })
        })?;
        walked.map_err(|number| GalleryError::Log { number })
    }

    /// Events from a moment on, in milliseconds since 1970-01-01 UTC: the first whose time is not earlier and all
    /// entries after it, including those that a clock set back marks as earlier.
    ///
    /// # Errors
    /// As [`Gallery::log`].
    pub fn log_since(&self, time: u64) -> Result<Vec<LogEntry>, GalleryError> {
        let (mut found, mut begun) = (Vec::new(), false);
        self.log(&mut |entry| {
            begun |= entry.event.time >= time;
            if begun {
                found.push(entry);
            }
            true
        })?;
        Ok(found)
    }

    /// The size and root of the log, to be kept by an outsider.
    ///
    /// # Errors
    /// [`GalleryError::Io`] when waiting events cannot be written.
    pub fn log_root(&self) -> Result<(u64, Hash), GalleryError> {
        self.flush()?;
        let ledger = self.ledger();
        Ok((ledger.state.log.len(), ledger.state.log.root()))
    }

    /// Proves that an entry is in the current log. It reads some dozens of hashes, whatever the log's size.
    ///
    /// # Errors
    /// [`GalleryError::NoSuchEntry`]; [`GalleryError::Log`] when the log is not what was written; [`GalleryError::Io`].
    pub fn prove_inclusion(&self, number: u64) -> Result<InclusionProof, GalleryError> {
        self.flush()?;
        let size = self.ledger().state.log.len();
        self.prove_inclusion_in(number, size)
    }

    /// Proves that an entry is among the log's first `size`, whose root an outsider kept.
    ///
    /// # Errors
    /// As [`Gallery::prove_inclusion`].
    pub fn prove_inclusion_in(&self, number: u64, size: u64) -> Result<InclusionProof, GalleryError> {
        let (leaf, path, root) = self.ledger().prove_inclusion(number, size)?;
        Ok(InclusionProof { number, leaf, size, root, path })
    }

    /// Proves that the current log begins with its first `size` entries, whose root an outsider kept. It reads some
    /// dozens of hashes.
    ///
    /// # Errors
    /// [`GalleryError::NoSuchEntry`] when the log is shorter, or `size` is 0; otherwise as [`Gallery::prove_inclusion`].
    pub fn prove_consistency(&self, size: u64) -> Result<ConsistencyProof, GalleryError> {
        self.flush()?;
        let now = self.ledger().state.log.len();
        self.prove_consistency_to(size, now)
    }

    /// Proves that the log's first `size` entries begin with its first `first`; an outsider kept the roots of both.
    ///
    /// # Errors
    /// As [`Gallery::prove_consistency`].
    pub fn prove_consistency_to(&self, first: u64, size: u64) -> Result<ConsistencyProof, GalleryError> {
        let (path, root) = self.ledger().prove_consistency(first, size)?;
        Ok(ConsistencyProof { first, size, root, path })
    }

    /// Signs the current log, for an outsider to keep. The log records the signing after the signed entries.
    ///
    /// # Errors
    /// [`GalleryError::Io`].
    #[cfg(feature = "checkpoints")]
    pub fn checkpoint(&self, key: &crate::gallery::log::checkpoint::CheckpointKey) -> Result<String, GalleryError> {
        let event = self.event(EventKind::Checkpoint);
        let time = event.time;
        let (size, root) = {
            let mut ledger = self.ledger();
            ledger.flush()?;
            let signed = (ledger.state.log.len(), ledger.state.log.root());
            ledger.commit(super::ledger::Draft::event(event))?;
            signed
        };
        self.anchored()?;
        let checkpoint = crate::gallery::log::checkpoint::Checkpoint { gallery_id: self.shared.id, size, root, time };
        Ok(checkpoint.sign(key))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::ledger::Draft;
    use super::*;
    use crate::gallery::disk::MemoryDisk;
    use crate::gallery::log::now;
    use crate::gallery::seal::{RawKey, SecretKey};

    #[test]
    fn a_clock_that_is_put_back_hides_nothing() {
        let key = Arc::new(RawKey::new(SecretKey::from_bytes(&[1; 32])));
        let gallery = Gallery::builder(key).create_on(MemoryDisk::new()).unwrap();
        let start = now();
        for after in [60_000, 20_000, 30_000, 90_000] {
            let event = Event { time: start + after, ..gallery.event(EventKind::Check) };
            gallery.ledger().commit(Draft::event(event)).unwrap();
        }
        let all = gallery.log_since(0).unwrap();
        assert_eq!(all.iter().map(|e| e.clock_put_back).collect::<Vec<_>>(), [false, false, true, false, false]);
        // The events of 20 and 30 seconds happened after that of 60.
        for (since, first) in [(60_000, 1), (20_001, 1), (60_001, 4)] {
            let found = gallery.log_since(start + since).unwrap();
            let numbers: Vec<u64> = found.iter().map(|e| e.number).take_while(|n| *n < 5).collect();
            assert_eq!(numbers, (first..5).collect::<Vec<_>>());
        }
    }
}
