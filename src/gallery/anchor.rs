//! Anchors: stores outside a gallery that remember how far its log has come.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::disk::{Access, Disk, DiskFile, Folder, LockKind, remove_if_there};
use super::log::{Hash, verify_consistency};
use super::params::{ANCHOR_PATIENCE_S, ANCHOR_SLOT as SLOT, LOCK_POLL_MS};
use crate::bytes::Reader;

/// The state of a gallery's log: the gallery it belongs to, the number of entries, and the root of the Merkle tree over
/// them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnchorState {
    /// The gallery's id.
    pub gallery_id: [u8; 16],
    /// The number of entries in the log.
    pub size: u64,
    /// The root of the Merkle tree over the entries.
    pub root: Hash,
}

impl AnchorState {
    /// Whether this is the same log as `earlier` or a later state of it, as `proof` shows ([`verify_consistency`]). An
    /// anchor must check this before it forgets `earlier`.
    #[must_use]
    pub fn extends(&self, earlier: &Self, proof: &[Hash]) -> bool {
        self.gallery_id == earlier.gallery_id
            && verify_consistency(earlier.size, self.size, &earlier.root, &self.root, proof)
    }
}

impl fmt::Debug for AnchorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnchorState({} entries)", self.size)
    }
}

/// Why an anchor could not be read or updated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// The new state does not extend the state that the anchor remembers. The anchor keeps its state.
    #[error("the new state does not extend the one that the anchor remembers")]
    Forked,
    /// The anchor could not be read or written.
    #[error("the anchor could not be read or updated")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AnchorError {
    /// An error for a failure of the anchor itself.
    pub fn failed(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(reason.into())
    }
}

/// A memory that an attacker with access to the gallery's disk cannot roll back: a file on another machine, a counter
/// of a TPM, a witness that keeps the newest state of many galleries (the example `witness`).
///
/// Anyone who can write the files of a gallery can replace all of them with last month's copies, or with another
/// gallery of the same passphrase. Only something outside can detect this. A gallery created with an anchor opens only
/// with it: a log that does not extend what the anchor remembers is refused, and so are a missing anchor and an empty
/// one, unless the caller requests a [`new_anchor`](super::GalleryBuilder::new_anchor).
///
/// The anchor is updated after each commit, and no commit is acknowledged before that. A crash in between leaves the
/// anchor one commit behind, so a gallery may be ahead of its anchor, never behind it.
pub trait Anchor: Send {
    /// The last state the anchor was given; `None` if there was none.
    ///
    /// # Errors
    /// [`AnchorError`] when the anchor cannot be read; the gallery is then not opened.
    fn get(&self) -> Result<Option<AnchorState>, AnchorError>;

    /// Remembers a state durably before it returns. Whoever the caller is, an anchor never goes back and never follows
    /// a fork: `proof` must show that `state` extends the remembered state ([`AnchorState::extends`]); it is empty when
    /// the anchor remembers nothing.
    ///
    /// # Errors
    /// [`AnchorError`]; the gallery keeps its change nevertheless.
    fn advance(&mut self, state: &AnchorState, proof: &[Hash]) -> Result<(), AnchorError>;
}

/// An anchor in memory, shared by its clones: for tests, and for galleries closed and reopened in one process.
///
/// ```
/// use selfsame::gallery::{Anchor, AnchorState, MemoryAnchor};
/// let mut anchor = MemoryAnchor::default();
/// let state = AnchorState { gallery_id: [1; 16], size: 1, root: [2; 32] };
/// anchor.advance(&state, &[])?;
/// assert!(anchor.advance(&AnchorState { root: [3; 32], ..state }, &[]).is_err());
/// assert_eq!(anchor.get()?, Some(state));
/// # Ok::<(), selfsame::gallery::AnchorError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryAnchor(Arc<Mutex<Option<AnchorState>>>);

impl Anchor for MemoryAnchor {
    fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn advance(&mut self, state: &AnchorState, proof: &[Hash]) -> Result<(), AnchorError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some_and(|earlier| !state.extends(&earlier, proof)) {
            return Err(AnchorError::Forked);
        }
        *held = Some(*state);
        Ok(())
    }
}

/// An anchor in a file. Its protection depends on its location: on the gallery's own disk it stops no one who can write
/// there.
///
/// ```text
/// slot = "SSAN" | format u16 | gallery id (16) | size u64 | root (32) | SHA-256 of that (32); two slots of 512 bytes
/// ```
///
/// The first state is written as a new file, which is then renamed; later states alternate between the slots, so a torn
/// write leaves the previous state and a full disk does no harm. A lock (`NAME.lock`) is held while the file is
/// compared and written; links and pipes are refused.
#[derive(Clone, Debug)]
pub struct FileAnchor {
    disk: Arc<dyn Disk>,
    name: String,
}

/// Bytes used in a slot.
const SLOT_LEN: usize = 94;
const MAGIC: &[u8; 4] = b"SSAN";
const ANCHOR_FORMAT: u16 = 1;

impl FileAnchor {
    /// Creates an anchor in this file, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), std::path::Path::to_owned);
        Self::on(Arc::new(Folder::new(folder)), name)
    }

    /// Creates an anchor in a file of this name on the caller's disk.
    #[must_use]
    pub fn on(disk: Arc<dyn Disk>, name: impl Into<String>) -> Self {
        Self { disk, name: name.into() }
    }

    /// The newest state and the slot that holds it.
    fn read(file: &dyn DiskFile) -> io::Result<Option<(AnchorState, u64)>> {
        let (len, mut newest) = (file.len()?, None);
        for slot in 0..2 {
            let mut bytes = [0; SLOT_LEN];
            if len < slot * SLOT + SLOT_LEN as u64 {
                continue;
            }
            file.read_at(slot * SLOT, &mut bytes)?;
            let Some(state) = decode(&bytes) else { continue };
            if newest.is_none_or(|(known, _): (AnchorState, u64)| state.size > known.size) {
                newest = Some((state, slot));
            }
        }
        if newest.is_none() && len > 0 && !blank(file, len)? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is not an anchor"));
        }
        Ok(newest)
    }

    fn try_get(&self) -> io::Result<Option<AnchorState>> {
        match self.disk.open(&self.name, Access::Read) {
            // A missing folder is a mistake, which must be noticed before a gallery is created.
            Err(e) if e.kind() == io::ErrorKind::NotFound => match self.disk.list() {
                Err(e) if e.kind() == io::ErrorKind::NotFound => Err(e),
                _ => Ok(None),
            },
            file => Ok(Self::read(&*file?)?.map(|(state, _)| state)),
        }
    }

    fn try_advance(&self, state: &AnchorState, proof: &[Hash]) -> io::Result<bool> {
        let begun = Instant::now();
        let _lock = loop {
            match self.disk.lock(&format!("{}.lock", self.name), LockKind::Exclusive)? {
                Some(lock) => break lock,
                None if begun.elapsed().as_secs() >= ANCHOR_PATIENCE_S => return Err(io::ErrorKind::TimedOut.into()),
                None => std::thread::sleep(Duration::from_millis(LOCK_POLL_MS)),
            }
        };
        let file = match self.disk.open(&self.name, Access::Write) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return self.begin(state).map(|()| true),
            file => file?,
        };
        let Some((earlier, slot)) = Self::read(&*file)? else {
            drop(file);
            return self.begin(state).map(|()| true);
        };
        if !state.extends(&earlier, proof) {
            return Ok(false);
        }
        if earlier != *state {
            file.write_at((1 - slot) * SLOT, &encode(state))?;
            file.sync()?;
        }
        Ok(true)
    }

    /// Writes the first state: a whole file with room for both slots, or nothing.
    fn begin(&self, state: &AnchorState) -> io::Result<()> {
        let new = format!("{}.new", self.name);
        remove_if_there(&*self.disk, &new)?;
        let file = self.disk.open(&new, Access::Create)?;
        let mut bytes = encode(state);
        bytes.resize(SLOT as usize + SLOT_LEN, 0);
        file.write_at(0, &bytes)?;
        file.sync()?;
        self.disk.rename(&new, &self.name)?;
        self.disk.sync()
    }
}

/// Whether the file holds only zeros: it was created and never written.
fn blank(file: &dyn DiskFile, len: u64) -> io::Result<bool> {
    if len > 2 * SLOT {
        return Ok(false);
    }
    let mut bytes = vec![0; len as usize];
    file.read_at(0, &mut bytes)?;
    Ok(bytes.iter().all(|byte| *byte == 0))
}

fn encode(state: &AnchorState) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&ANCHOR_FORMAT.to_be_bytes());
    bytes.extend_from_slice(&state.gallery_id);
    bytes.extend_from_slice(&state.size.to_be_bytes());
    bytes.extend_from_slice(&state.root);
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

fn decode(bytes: &[u8; SLOT_LEN]) -> Option<AnchorState> {
    let (signed, sum) = bytes.split_last_chunk::<32>()?;
    let mut r = Reader::new(signed);
    let known = r.take(4) == Some(MAGIC) && r.u16() == Some(ANCHOR_FORMAT);
    let state = AnchorState { gallery_id: r.array()?, size: r.u64()?, root: r.array()? };
    (known && *sum == *Sha256::digest(signed)).then_some(state)
}

impl Anchor for FileAnchor {
    fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
        self.try_get().map_err(AnchorError::failed)
    }

    fn advance(&mut self, state: &AnchorState, proof: &[Hash]) -> Result<(), AnchorError> {
        match self.try_advance(state, proof) {
            Ok(true) => Ok(()),
            Ok(false) => Err(AnchorError::Forked),
            Err(e) => Err(AnchorError::failed(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::gallery::log::{consistency_proof, leaf_hash, root};

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    fn state(n: u64) -> AnchorState {
        AnchorState { gallery_id: [1; 16], size: n, root: root(&leaves(n)) }
    }

    #[test]
    fn anchors_go_on_and_never_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor");
        let mut memory = MemoryAnchor::default();
        let mut file = FileAnchor::new(&path);
        for anchor in [&mut memory as &mut dyn Anchor, &mut file] {
            assert_eq!(anchor.get().unwrap(), None);
            anchor.advance(&state(3), &[]).unwrap();
            let mut at = 3;
            for n in [3, 4, 9, 10, 33] {
                anchor.advance(&state(n), &consistency_proof(&leaves(n), at as usize).unwrap()).unwrap();
                at = n;
                assert_eq!(anchor.get().unwrap(), Some(state(n)));
            }
            let fork = AnchorState { root: [7; 32], ..state(40) };
            let other = AnchorState { gallery_id: [2; 16], ..state(40) };
            let proof = consistency_proof(&leaves(40), 33).unwrap();
            for wrong in [state(32), AnchorState { root: [7; 32], ..state(33) }, fork, other] {
                assert!(matches!(anchor.advance(&wrong, &proof), Err(AnchorError::Forked)));
                assert!(matches!(anchor.advance(&wrong, &[]), Err(AnchorError::Forked)));
            }
            assert!(matches!(anchor.advance(&state(40), &[]), Err(AnchorError::Forked)));
            anchor.advance(&state(40), &proof).unwrap();
        }
        assert_eq!(FileAnchor::new(&path).get().unwrap(), Some(state(40)));
    }

    #[test]
    fn a_torn_write_leaves_the_state_before_and_nothing_else_is_an_anchor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor");
        let mut anchor = FileAnchor::new(&path);
        anchor.advance(&state(1), &[]).unwrap();
        anchor.advance(&state(2), &consistency_proof(&leaves(2), 1).unwrap()).unwrap();
        let bytes = fs::read(&path).unwrap();
        for at in 0..SLOT_LEN {
            for (slot, left) in [(0, 2), (1, 1)] {
                let mut torn = bytes.clone();
                torn[slot * SLOT as usize + at] ^= 1;
                fs::write(&path, &torn).unwrap();
                assert_eq!(anchor.get().unwrap().unwrap().size, left);
            }
        }
        for junk in [&b"SSAN"[..], &[1; 44], &[0; 4000], b"\0\0\0x"] {
            fs::write(&path, junk).unwrap();
            assert!(anchor.get().is_err() && anchor.advance(&state(3), &[]).is_err(), "{} bytes", junk.len());
        }
        fs::write(&path, b"").unwrap();
        assert_eq!(anchor.get().unwrap(), None);
        // A place where no anchor can be created is distinguished from one where none exists yet.
        assert!(FileAnchor::new(folder.path().join("new")).get().unwrap().is_none());
        assert!(FileAnchor::new(folder.path().join("none/new")).get().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link, pipe) = ("target", folder.path().join("link"), folder.path().join("pipe"));
        fs::write(folder.path().join(target), b"").unwrap();
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(FileAnchor::new(&link).get().is_err() && FileAnchor::new(&link).advance(&state(1), &[]).is_err());
        if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|s| s.success()) {
            assert!(FileAnchor::new(&pipe).get().is_err() && FileAnchor::new(&pipe).advance(&state(1), &[]).is_err());
        }
    }
}
