//! The handle of a gallery: the state shared by all clones, the order of locks, and how events reach the log.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::anchoring::Anchoring;
use super::attempts::AttemptLimit;
use super::disk::{Disk, DiskLock};
use super::error::GalleryError;
use super::journal::RecordsFile;
use super::ledger::{Draft, Ledger};
use super::log::{Actor, Event, EventKind};
use super::log_policy::LogPolicy;
use super::people::{People, Source};
use super::readonly::Unlogged;
use super::seal::{KeyProvider, Keyring};
use super::turns::Compactions;
use crate::face::compare::CosineCalibration;
use crate::face::embedding::FaceModel;
use crate::subject::SubjectId;

/// Durable, encrypted enrollment of people, with search among them. See the [module](super) for its guarantees.
///
/// All methods take `&self`. A clone is another handle to the same gallery; the gallery closes with the last handle.
#[derive(Clone)]
pub struct Gallery {
    pub(super) shared: Arc<Shared>,
    /// Closes the gallery with the last handle.
    pub(super) handles: Arc<Handles>,
    pub(super) actor: Actor,
}

/// Held by handles only: when it is dropped, the gallery closes, even while something else still uses the shared state.
pub(super) struct Handles(pub(super) Arc<Shared>);

impl Drop for Handles {
    fn drop(&mut self) {
        let _no_compaction = self.0.compactions.exclude();
        let mut ledger = self.0.ledger();
        // Waiting events are written; if the disk fails, there is no caller to return an error to. `Gallery::flush`
        // returns it.
        let flushed = ledger.flush();
        ledger.stop();
        drop(ledger);
        if flushed.is_ok() {
            let _ = self.0.anchor.advance(&self.0.ledger);
        }
        drop(self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The state shared by all handles. Locks are taken in the order of these lines; none is held while the caller's code
/// or a search runs.
pub(super) struct Shared {
    pub(super) id: [u8; 16],
    pub(super) compactions: Compactions,
    /// The writer of records: one change at a time.
    pub(super) writer: Mutex<Writer>,
    /// The log.
    pub(super) ledger: Mutex<Ledger>,
    pub(super) people: People,
    pub(super) anchor: Anchoring,
    pub(super) unlogged: Option<Unlogged>,
    pub(super) model: Option<FaceModel>,
    pub(super) calibration: Option<CosineCalibration>,
    pub(super) policy: LogPolicy,
    pub(super) limit: Option<AttemptLimit>,
    pub(super) decisions_only: bool,
    pub(super) compacts_by_hand: bool,
    pub(super) disk: Arc<dyn Disk>,
    /// Held while the gallery is open.
    pub(super) lock: Mutex<Option<Box<dyn DiskLock>>>,
}

/// The part that writes records.
pub(super) struct Writer {
    pub(super) records: RecordsFile,
    pub(super) source: Arc<Source>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) provider: Arc<dyn KeyProvider>,
}

impl Gallery {
    /// Returns a handle to the same gallery for another actor: the log records what is done through it under that name.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { shared: Arc::clone(&self.shared), handles: Arc::clone(&self.handles), actor }
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.people.len()
    }

    /// Whether no one is enrolled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of templates and embeddings.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.shared.people.records()
    }

    /// The face model of the gallery.
    #[must_use]
    pub fn face_model(&self) -> Option<FaceModel> {
        self.shared.model.clone()
    }

    /// Whether the subject is enrolled.
    #[must_use]
    pub fn contains(&self, subject: &SubjectId) -> bool {
        self.shared.people.get(subject).is_some()
    }

    /// The metadata enrolled with a subject; empty when there were none. The log records the reading.
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`], and an error when the files cannot be read.
    pub fn metadata(&self, subject: &SubjectId) -> Result<Vec<u8>, GalleryError> {
        let entry = self.shared.people.get(subject).ok_or(GalleryError::UnknownSubject)?;
        let directory = entry.open_directory()?;
        self.note(self.event(EventKind::ReadMetadata).subject(entry.uid))?;
        Ok(directory.metadata.to_vec())
    }

    /// Writes the waiting events. Dropping the last handle does this too, but cannot report a failure.
    ///
    /// # Errors
    /// [`GalleryError::Io`], [`GalleryError::Anchor`].
    pub fn flush(&self) -> Result<(), GalleryError> {
        if self.shared.unlogged.is_some() {
            return Ok(());
        }
        self.ledger().flush()?;
        self.anchored()
    }

    pub(super) fn event(&self, kind: EventKind) -> Event {
        Event::now(kind, self.actor.clone())
    }

    /// Writes an event to the log before it returns.
    pub(super) fn record(&self, event: Event) -> Result<(), GalleryError> {
        match &self.shared.unlogged {
            Some(unlogged) => unlogged.tell(&event),
            None => {
                self.ledger().commit(Draft::event(event))?;
                self.anchored()?;
            }
        }
        Ok(())
    }

    /// Queues an event for the log, to be written as the policy says.
    pub(super) fn note(&self, event: Event) -> Result<(), GalleryError> {
        if let Some(unlogged) = &self.shared.unlogged {
            unlogged.tell(&event);
            return Ok(());
        }
        let mut ledger = self.ledger();
        ledger.check_writable()?;
        ledger.note(event);
        let (waiting, since) = ledger.waiting();
        if self.shared.policy.is_due(waiting, since) {
            ledger.flush()?;
            drop(ledger);
            return self.anchored();
        }
        drop(ledger);
        self.wake();
        Ok(())
    }

    /// Starts a thread that writes the waiting events once they are due, unless there is one already.
    pub(super) fn wake(&self) {
        let mut ledger = self.ledger();
        if ledger.flusher || ledger.waiting().0 == 0 {
            return;
        }
        let (wait, gallery) = (self.shared.policy.wait(), Arc::downgrade(&self.shared));
        let sleeper = std::thread::Builder::new().name("selfsame-log".into()).spawn(move || {
            std::thread::sleep(wait);
            let Some(shared) = gallery.upgrade() else { return };
            {
                let mut ledger = shared.ledger();
                ledger.flusher = false;
                // If this fails, the gallery is stopped, and the next call returns the error.
                let _ = ledger.flush();
            }
            let _ = shared.anchor.advance(&shared.ledger);
        });
        // Without a thread, the next event or the closing writes them.
        ledger.flusher = sleeper.is_ok();
    }

    /// What follows a change of the records.
    pub(super) fn changed(&self) -> Result<(), GalleryError> {
        self.compact_when_due();
        self.anchored()
    }

    /// Updates the anchor with everything committed.
    pub(super) fn anchored(&self) -> Result<(), GalleryError> {
        self.shared.anchor.advance(&self.shared.ledger)
    }

    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.shared.writer()
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.shared.ledger()
    }
}

impl Shared {
    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic of another thread during a change leaves the ledger stopped or unchanged: changes take effect in one
    /// step.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gallery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gallery").field("subjects", &self.len()).finish_non_exhaustive()
    }
}
