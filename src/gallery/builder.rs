//! Creating and opening galleries.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::anchor::Anchor;
use super::anchoring::Anchoring;
use super::attempts::AttemptLimit;
use super::disk::{Disk, DiskLock};
use super::handle::{Gallery, Handles, Shared, Writer};
use super::ledger::Ledger;
use super::log::Actor;
use super::log_policy::LogPolicy;
use super::people::People;
use super::readonly::Unlogged;
use super::seal::KeyProvider;
use super::turns::Compactions;
use crate::face::compare::CosineCalibration;
use crate::face::embedding::FaceModel;

/// Options for creating or opening a gallery. `Debug` shows nothing secret.
///
/// ```
/// # use std::sync::Arc;
/// use std::time::Duration;
/// use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{AttemptLimit, Gallery, GalleryError, MemoryAnchor};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// let (disk, anchor) = (MemoryDisk::new(), MemoryAnchor::default()); // or a folder, and a file on another machine
/// let made = Gallery::builder(key.clone()).anchor(anchor.clone()).create_on(disk.clone())?;
/// let id = made.id();
/// drop(made);
/// let old_copy = disk.copy();
/// let door = Gallery::builder(key.clone()).anchor(anchor.clone()).expect_id(id).wait(Duration::from_secs(10));
/// drop(door.attempts(AttemptLimit::default()).decisions_only().open_on(disk)?);
/// let put_back = Gallery::builder(key).anchor(anchor).open_on(old_copy);
/// assert!(matches!(put_back, Err(GalleryError::RolledBack { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct GalleryBuilder {
    pub(super) provider: Arc<dyn KeyProvider>,
    pub(super) anchor: Option<Box<dyn Anchor>>,
    pub(super) new_anchor: bool,
    pub(super) id: Option<[u8; 16]>,
    pub(super) patience: Duration,
    pub(super) model: Option<FaceModel>,
    pub(super) calibration: Option<CosineCalibration>,
    pub(super) actor: Actor,
    pub(super) policy: LogPolicy,
    pub(super) limit: Option<AttemptLimit>,
    pub(super) decisions_only: bool,
    pub(super) compacts_by_hand: bool,
}

impl Gallery {
    /// Configures a gallery whose keys `provider` wraps.
    pub fn builder(provider: Arc<dyn KeyProvider>) -> GalleryBuilder {
        GalleryBuilder::new(provider)
    }
}

impl GalleryBuilder {
    pub(super) fn new(provider: Arc<dyn KeyProvider>) -> Self {
        Self {
            provider,
            anchor: None,
            new_anchor: false,
            id: None,
            patience: Duration::ZERO,
            model: None,
            calibration: None,
            actor: Actor::default(),
            policy: LogPolicy::default(),
            limit: None,
            decisions_only: false,
            compacts_by_hand: false,
        }
    }

    /// Sets the actor that the log records. [`Gallery::acting_as`] changes it later.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// Sets when events of searches are written to disk.
    #[must_use]
    pub fn log_policy(mut self, policy: LogPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Uses this anchor, so that an old copy of the files, a fork or another gallery is detected.
    #[must_use]
    pub fn anchor(mut self, anchor: impl Anchor + 'static) -> Self {
        self.anchor = Some(Box::new(anchor));
        self
    }

    /// Replaces a lost anchor: the gallery continues with the given anchor, which must be empty, or without one if none
    /// is given. Changes made to the gallery in the meantime are not detected. The log records the replacement.
    #[must_use]
    pub fn new_anchor(mut self) -> Self {
        self.new_anchor = true;
        self
    }

    /// Opens only the gallery with this id ([`Gallery::id`]), not another one of the same passphrase.
    #[must_use]
    pub fn expect_id(mut self, id: [u8; 16]) -> Self {
        self.id = Some(id);
        self
    }

    /// Waits up to `patience` while the gallery is open elsewhere. Without this, opening fails with
    /// [`GalleryError::Busy`](super::GalleryError::Busy) at once.
    #[must_use]
    pub fn wait(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Refuses attempts after too many failures. There is no limit unless set.
    #[must_use]
    pub fn attempts(mut self, limit: AttemptLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Reports decisions without scores, because scores let an attacker climb to a match. Searches then need a
    /// threshold.
    #[must_use]
    pub fn decisions_only(mut self) -> Self {
        self.decisions_only = true;
        self
    }

    /// Leaves it to the caller when the file of records is compacted ([`Gallery::compact`]). Without this, the gallery
    /// does it in the background when it is due.
    #[must_use]
    pub fn compact_by_hand(mut self) -> Self {
        self.compacts_by_hand = true;
        self
    }

    /// Sets the model that computes the embeddings of faces. It is stored when the gallery is created or first opened
    /// with a model, and checked from then on.
    #[must_use]
    pub fn face_model(mut self, model: FaceModel) -> Self {
        self.model = Some(model);
        self
    }

    /// Sets the calibration of the model's cosines. It is required to compare faces, because no two models agree. It is
    /// stored, and replaces the one stored before.
    #[must_use]
    pub fn face_calibration(mut self, calibration: CosineCalibration) -> Self {
        self.calibration = Some(calibration);
        self
    }

    /// The handle of an opened gallery.
    pub(super) fn gallery(
        self,
        disk: Arc<dyn Disk>,
        lock: Option<Box<dyn DiskLock>>,
        ledger: Ledger,
        writer: Writer,
        people: People,
        unlogged: Option<Unlogged>,
    ) -> Gallery {
        let calibration = self.calibration.or(ledger.state.settings.calibration.clone());
        let model = ledger.state.settings.model.clone().or(self.model);
        let shared = Shared {
            id: ledger.keys().gallery_id,
            compactions: Compactions::default(),
            ledger: Mutex::new(ledger),
            writer: Mutex::new(writer),
            people,
            anchor: Anchoring::default(),
            unlogged,
            model,
            calibration,
            policy: self.policy,
            limit: self.limit,
            decisions_only: self.decisions_only,
            compacts_by_hand: self.compacts_by_hand,
            disk,
            lock: Mutex::new(lock),
        };
        let shared = Arc::new(shared);
        Gallery { handles: Arc::new(Handles(Arc::clone(&shared))), shared, actor: self.actor }
    }
}

impl fmt::Debug for GalleryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GalleryBuilder").field("model", &self.model).finish_non_exhaustive()
    }
}
