//! Proving the entries of a gallery's log.

use super::error::GalleryError;
use super::handle::Gallery;
use super::log::Hash;

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
        let event = self.event(super::log::EventKind::Checkpoint);
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
