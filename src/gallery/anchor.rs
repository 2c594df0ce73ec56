//! Something outside a gallery that remembers how far it had come.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

/// Where a gallery stands after a commit: the number of its commits, and a hash of its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorState {
    /// Grows by one with each commit.
    pub counter: u64,
    /// Hash of the sealed manifest of that commit.
    pub digest: [u8; 32],
}

/// Why an anchor could not be asked or told.
#[derive(Debug, Error)]
#[error("the anchor failed")]
pub struct AnchorError(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// A memory that an attacker on the gallery's disk cannot turn back: a counter of a TPM, a file on another machine, a log service.
///
/// Whoever can write the files of a gallery can put back all of them as they were last month, a consistent gallery. Only
/// something outside can tell. With an anchor, opening such a copy is [`GalleryError::RolledBack`](super::GalleryError::RolledBack); without one it is not noticed.
///
/// It is told after each commit. A crash in between leaves it one commit behind, so a gallery may be ahead of its anchor, never
/// behind.
pub trait Anchor: Send {
    /// What it was told last; `None` when it was never told anything.
    ///
    /// # Errors
    /// [`AnchorError`] when it cannot be asked; the gallery is then not opened.
    fn get(&self) -> Result<Option<AnchorState>, AnchorError>;

    /// Remembers a state, for good when this returns.
    ///
    /// # Errors
    /// [`AnchorError`]; the change of the gallery stands nevertheless.
    fn advance(&mut self, state: AnchorState) -> Result<(), AnchorError>;
}

/// An anchor in memory, shared by its clones: for tests, and for galleries that are closed and opened in one process.
#[derive(Clone, Debug, Default)]
pub struct MemoryAnchor(Arc<Mutex<Option<AnchorState>>>);

impl Anchor for MemoryAnchor {
    fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn advance(&mut self, state: AnchorState) -> Result<(), AnchorError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
        Ok(())
    }
}

/// An anchor in a file, replaced as a whole. It is worth what its place is worth: on the gallery's own disk it stops nobody who can
/// write there.
#[derive(Clone, Debug)]
pub struct FileAnchor(PathBuf);

/// Bytes of the file: magic, counter, digest.
const LENGTH: usize = 4 + 8 + 32;
const MAGIC: &[u8; 4] = b"SSAN";

impl FileAnchor {
    /// An anchor in this file, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Anchor for FileAnchor {
    fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
        let file = match fs::File::open(&self.0) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|e| AnchorError(e.into()))?,
        };
        let mut bytes = Vec::new();
        file.take(LENGTH as u64 + 1).read_to_end(&mut bytes).map_err(|e| AnchorError(e.into()))?;
        let read = || {
            let (magic, rest) = bytes.split_first_chunk::<4>()?;
            let (counter, rest) = rest.split_first_chunk::<8>()?;
            let digest = rest.try_into().ok()?;
            (magic == MAGIC).then_some(AnchorState { counter: u64::from_be_bytes(*counter), digest })
        };
        read().map(Some).ok_or_else(|| AnchorError("the file is no anchor".into()))
    }

    fn advance(&mut self, state: AnchorState) -> Result<(), AnchorError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&state.counter.to_be_bytes());
        bytes.extend_from_slice(&state.digest);
        crate::seal::replace_file(&self.0, &bytes).map_err(|e| AnchorError(e.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_remember() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor");
        let mut memory = MemoryAnchor::default();
        let mut file = FileAnchor::new(&path);
        for anchor in [&mut memory as &mut dyn Anchor, &mut file] {
            assert_eq!(anchor.get().unwrap(), None);
            let state = AnchorState { counter: 7, digest: [3; 32] };
            anchor.advance(state).unwrap();
            assert_eq!(anchor.get().unwrap(), Some(state));
        }
        assert_eq!(FileAnchor::new(&path).get().unwrap().unwrap().counter, 7);
        for bytes in [&b""[..], b"SSAN", &[0; LENGTH], &[0; LENGTH + 1]] {
            fs::write(&path, bytes).unwrap();
            assert!(file.get().is_err());
        }
    }
}
