//! A gallery that is never in the clear on a disk: enrolment, verification and identification over sealed records.
//!
//! ```
//! use std::sync::Arc;
//!
//! use selfsame::gallery::{Gallery, GallerySearch, Samples};
//! use selfsame::seal::{RawKey, SecretKey};
//! use selfsame::synth::{Level, PrintGenerator};
//! use selfsame::{Extractor, FingerPosition, Fmr, SubjectId, Threshold};
//!
//! let extractor = Extractor::new();
//! let print = |k| extractor.extract(&PrintGenerator::new(1).finger(0).impression(k, Level::Good).image);
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("door");
//! let key = Arc::new(RawKey::new(SecretKey::random()?)); // a passphrase, a key file, a key service: see selfsame::seal
//! let gallery = Gallery::builder(key.clone()).create(&path)?;
//! let jo = SubjectId::new("jo")?;
//! gallery.enroll(&jo, &Samples::new().finger(FingerPosition::RightIndex, print(0)?))?;
//! drop(gallery);
//!
//! let gallery = Gallery::builder(key).open(&path)?; // opens and checks every record
//! let probe = Samples::new().finger(FingerPosition::RightIndex, print(1)?);
//! let threshold = Threshold::at_fmr(Fmr::new(1e-4)?);
//! assert!(gallery.verify(&jo, &probe, threshold)?.matched);
//! let found = gallery.identify(&probe, &GallerySearch::top(1).at_least(threshold.score()))?;
//! assert_eq!(found[0].subject, jo);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **On the disk** a gallery is a folder with two files. `records.redb` holds ciphertext under keyed names; `keyring` holds the keys,
//! wrapped by the caller's [`KeyProvider`]. Each record is sealed for its gallery, subject, finger, impression and version, so what is
//! changed, moved, copied or put back does not open. A manifest, sealed in each commit, says how many subjects and records there are
//! and what they hash to.
//!
//! **In memory** everything is open: whoever reads the memory of the process reads the gallery.
//!
//! **What it does not stop.** Whoever can write the files can put back all of them as they were; only an [`Anchor`] tells. Whoever has
//! the keys can do everything. After [`Gallery::erase`] a subject's records open no more with the gallery's current keys, not even from
//! old copies of the store; an old copy of the *keyring* together with its passphrase still opens an old copy of the store.

mod anchor;
mod builder;
mod check;
mod core;
mod enroll;
mod error;
mod export;
mod log;
mod params;
mod people;
mod record;
mod remove;
mod rotate;
mod samples;
mod search;
mod tree;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use anchor::{Anchor, AnchorError, AnchorState, FileAnchor, MemoryAnchor};
pub use builder::{GalleryBuilder, Parts};
pub use check::{CheckReport, Problem, ProblemKind};
pub use enroll::BatchOptions;
pub use error::GalleryError;
pub use export::Exported;
pub use log::{ConsistencyProof, InclusionProof, LogEntry, LogPolicy};
pub use samples::Samples;
pub use search::{GallerySearch, Identified, Verified};

use self::core::{Core, Update};
use crate::audit::{Actor, Event, EventKind, Outcome};
use crate::face::compare::CosineCalibration;
use crate::face::index::FaceModel;
use crate::seal::KeyProvider;
use crate::subject::SubjectId;
use people::People;

/// Durable, sealed enrolment of people, and the search among them. See the [module](self) for what it promises.
///
/// All methods take `&self`: any number of threads may search while one enrols, and a search sees each change whole, once it is
/// durable. Changes wait for each other, and for the disk. A clone is another handle to the same gallery; it closes with the last one.
#[derive(Clone)]
pub struct Gallery {
    shared: Arc<Shared>,
    actor: Actor,
}

/// What all handles have in common.
struct Shared {
    core: Mutex<Core>,
    people: People,
    provider: Mutex<Arc<dyn KeyProvider>>,
    calibration: Option<CosineCalibration>,
    policy: LogPolicy,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Events that still wait; should the disk refuse, nobody is left to be told.
        let _ = self.core.get_mut().unwrap_or_else(PoisonError::into_inner).flush();
    }
}

impl Gallery {
    /// A gallery whose keys `provider` wraps.
    pub fn builder(provider: Arc<dyn KeyProvider>) -> GalleryBuilder {
        GalleryBuilder::new(provider)
    }

    /// A handle to the same gallery for somebody else: what is done through it stands in the log under that name.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { shared: Arc::clone(&self.shared), actor }
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.core().manifest.subjects).unwrap_or(usize::MAX)
    }

    /// Whether nobody is enrolled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of templates and embeddings.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.core().manifest.records
    }

    /// Number of commits since the gallery was made; what an [`Anchor`] remembers.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.core().manifest.counter
    }

    /// The model of the gallery's faces.
    #[must_use]
    pub fn face_model(&self) -> Option<FaceModel> {
        self.core().manifest.settings.model.clone()
    }

    /// Whether the subject is enrolled.
    ///
    /// # Errors
    /// [`GalleryError`] when the store cannot be read.
    pub fn contains(&self, subject: &SubjectId) -> Result<bool, GalleryError> {
        Ok(self.core().person(subject)?.is_some())
    }

    /// The metadata that were enrolled with a subject; empty when there were none.
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`], and when the store cannot be read.
    pub fn metadata(&self, subject: &SubjectId) -> Result<Vec<u8>, GalleryError> {
        let person = self.core().person(subject)?.ok_or(GalleryError::UnknownSubject)?;
        Ok(person.directory.metadata.to_vec())
    }

    /// Reads everything on the disk again, the whole log included, and says what is wrong.
    ///
    /// # Errors
    /// [`GalleryError`] when the store cannot be read.
    pub fn check(&self) -> Result<CheckReport, GalleryError> {
        let mut core = self.core();
        core.flush()?;
        let report = check::walk(&core, true, &mut |_, place, plaintext| people::decode(place, plaintext).is_some())?;
        let outcome = if report.is_sound() { Outcome::Done } else { Outcome::Failed };
        core.commit(Update::event(self.event(EventKind::Check).outcome(outcome).count(report.problems.len())))?;
        core.anchored()?;
        Ok(report)
    }

    fn event(&self, kind: EventKind) -> Event {
        Event::now(kind, self.actor.clone())
    }

    /// A panic of another thread in the middle of a change leaves the core stopped or as it was: changes become true in one step.
    fn core(&self) -> MutexGuard<'_, Core> {
        self.shared.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gallery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gallery").field("subjects", &self.len()).finish_non_exhaustive()
    }
}
