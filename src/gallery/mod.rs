//! A gallery that is never in the clear on a disk: enrollment, verification and identification over sealed records.
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
//! **On the disk** a gallery is a folder: a keyring, a file of records, a log, a file of hashes over the log, and a file that is locked
//! (`docs/gallery-format.md` has the bytes). Records and log are ciphertext under keyed names; the keyring holds the master key, wrapped by the
//! caller's [`KeyProvider`]. Each record is sealed for its gallery, subject, finger, impression and version, and stands in a block that carries
//! a code over it and all before it, so what is changed, moved, copied, removed or put back is noticed.
//!
//! **What was acknowledged stays.** A change is durable when its method returns. A full or failing disk, a kill or a power failure loses nothing that was
//! acknowledged; after a write that failed nothing more is written until the gallery is opened again.
//!
//! **In memory** everything is open: whoever reads the memory of the process reads the gallery.
//!
//! # Threat model
//!
//! | the attacker | what happens | held by the test |
//! |---|---|---|
//! | reads the files | learns how many records and commits there are, and lengths in steps | `gallery::nothing_secret_is_in_the_files_or_in_debug_texts` |
//! | writes the files too | can destroy them; what is changed, moved, removed or put back is refused on opening or named by [`Gallery::check`] | `gallery::every_swap_of_two_records_is_seen`, `gallery_damage` |
//! | puts back all files as they were, or another gallery of the same passphrase | is refused with an [`Anchor`], the second with [`GalleryBuilder::expect_id`] too, and **not detected without** | `gallery::an_old_copy_a_fork_and_another_gallery_are_noticed_with_an_anchor` |
//! | reads the memory of the process | has everything | `seal::nothing_secret_is_in_any_text`, for texts only |
//! | has the keys | can do everything, and write another log; only an anchor or a signed checkpoint kept elsewhere reveals it | `gallery_log::proofs_convince_without_a_key_and_checkpoints_are_signed` |
//! | has an old keyring and its passphrase | opens old copies of the files, and nothing that was written after a rotation | `gallery::a_rotation_replaces_every_key_and_keeps_the_log` |
//! | has today's keys and the disk after [`Gallery::erase`] | opens nothing of whom was erased, not even in old copies of the other files; an old copy of the *keyring* together with its passphrase still opens an old copy of the records | `stops::stopped_at_every_request` |
//! | shows probe after probe | sees decisions only, and waits after failures, with [`GalleryBuilder::decisions_only`] and [`GalleryBuilder::attempts`] | `gallery::attempts_are_limited_and_scores_kept_back` |
//!
//! `SECURITY.md` says more of each, and what ends where.
//!
//! # Threads
//!
//! A handle is cheap to clone and can be used from any number of threads, jobs of a rayon pool among them. Searches and verifications go on while
//! another thread enrolls, rotates keys, checks or exports; changes wait for each other. The caller's own code (iterators, progress, visitors, providers,
//! anchors) is never called with a lock held, and may use the gallery.

mod anchor;
mod anchoring;
mod attempts;
mod builder;
mod check;
mod core;
pub mod disk;
mod enroll;
mod error;
mod export;
mod info;
mod journal;
mod log;
mod opening;
mod params;
mod people;
mod readonly;
mod record;
mod remove;
mod rewrite;
mod samples;
mod search;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use anchor::{Anchor, AnchorError, AnchorState, FileAnchor, MemoryAnchor};
pub use attempts::AttemptLimit;
pub use builder::GalleryBuilder;
pub use check::{CheckReport, Problem, ProblemKind};
pub use enroll::BatchOptions;
pub use error::GalleryError;
pub use export::Exported;
pub use info::{Info, Listed};
pub use log::{ConsistencyProof, InclusionProof, LogEntry, LogPolicy};
pub use readonly::Unlogged;
pub use remove::Sample;
pub use samples::Samples;
pub use search::{GallerySearch, Identified, Verified};

use self::anchoring::Anchoring;
use self::check::Walk;
use self::core::{Core, Draft};
use self::disk::{Disk, DiskLock};
use self::journal::RecordsFile;
use self::people::{People, Source};
use crate::audit::{Actor, Event, EventKind, Outcome};
use crate::face::compare::CosineCalibration;
use crate::face::embedding::FaceModel;
use crate::seal::{KeyProvider, Keyring};
use crate::subject::SubjectId;

/// What the files hold once they are opened, read and written back: for the fuzz target `journal`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn check_journal(data: &[u8]) {
    journal::check(data);
}

/// Durable, sealed enrollment of people, and the search among them. See the [module](self) for what it promises.
///
/// All methods take `&self`. A clone is another handle to the same gallery; it closes with the last one.
#[derive(Clone)]
pub struct Gallery {
    shared: Arc<Shared>,
    /// Closes the gallery with the last handle.
    handles: Arc<Handles>,
    actor: Actor,
}

/// What all handles have, and nobody else: when it goes, the gallery is closed, whoever still looks at what is shared.
struct Handles(Arc<Shared>);

impl Drop for Handles {
    fn drop(&mut self) {
        let mut core = self.0.core.lock().unwrap_or_else(PoisonError::into_inner);
        // Events that still wait; should the disk refuse, nobody is left to be told. `Gallery::flush` tells.
        let flushed = core.flush();
        core.stop();
        drop(core);
        if flushed.is_ok() {
            let _ = self.0.anchor.advance(&self.0.core);
        }
        drop(self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// What all handles have in common. Locks are taken in the order of these lines, and none is held while the caller's code or a search runs.
struct Shared {
    id: [u8; 16],
    /// What changes records: one at a time.
    writer: Mutex<Writer>,
    /// The log.
    core: Mutex<Core>,
    people: People,
    anchor: Anchoring,
    unlogged: Option<Unlogged>,
    model: Option<FaceModel>,
    calibration: Option<CosineCalibration>,
    policy: LogPolicy,
    limit: Option<AttemptLimit>,
    decisions_only: bool,
    disk: Arc<dyn Disk>,
    /// Held as long as the gallery is open.
    lock: Mutex<Option<Box<dyn DiskLock>>>,
}

/// The records' side.
struct Writer {
    records: RecordsFile,
    source: Arc<Source>,
    keyring: Arc<Keyring>,
    provider: Arc<dyn KeyProvider>,
}

impl Gallery {
    /// A gallery whose keys `provider` wraps.
    pub fn builder(provider: Arc<dyn KeyProvider>) -> GalleryBuilder {
        GalleryBuilder::new(provider)
    }

    /// A handle to the same gallery for somebody else: what is done through it stands in the log under that name.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { shared: Arc::clone(&self.shared), handles: Arc::clone(&self.handles), actor }
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.people.len()
    }

    /// Whether nobody is enrolled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of templates and embeddings.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.shared.people.records()
    }

    /// The model of the gallery's faces.
    #[must_use]
    pub fn face_model(&self) -> Option<FaceModel> {
        self.shared.model.clone()
    }

    /// Whether the subject is enrolled.
    #[must_use]
    pub fn contains(&self, subject: &SubjectId) -> bool {
        self.shared.people.get(subject).is_some()
    }

    /// The metadata that were enrolled with a subject; empty when there were none. That they were read stands in the log.
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`], and when the files cannot be read.
    pub fn metadata(&self, subject: &SubjectId) -> Result<Vec<u8>, GalleryError> {
        let entry = self.shared.people.get(subject).ok_or(GalleryError::UnknownSubject)?;
        let directory = entry.open_directory()?;
        self.note(self.event(EventKind::ReadMetadata).subject(entry.uid))?;
        Ok(directory.metadata.to_vec())
    }

    /// Reads everything on the disk again, the whole log included, and says what is wrong. Searches and changes go on meanwhile: what is checked is the
    /// gallery as of the call. The check stands in the log.
    ///
    /// # Errors
    /// [`GalleryError`] when the files cannot be read.
    pub fn check(&self) -> Result<CheckReport, GalleryError> {
        if self.shared.unlogged.is_none() {
            self.core().flush()?;
        }
        let (log, state, source) = {
            let writer = self.writer();
            let core = self.core();
            (core.log.reader(), core.state.clone(), Arc::clone(&writer.source))
        };
        let records = RecordsFile::at(Arc::clone(&source.file), Arc::clone(&source.keys), state.records_end);
        let walk =
            Walk { records: &records, source: &source, log: &log, state: &state, whole_log: true, prepare: false };
        let mut report = walk.run(&mut |_| Ok(()))?;
        let outcome = if report.is_sound() { Outcome::Done } else { Outcome::Failed };
        self.record(self.event(EventKind::Check).outcome(outcome).count(report.problems.len()))?;
        report.logged = self.shared.unlogged.is_none();
        Ok(report)
    }

    /// Writes the events that wait. Dropping the last handle does so too, and has nobody to tell when it fails.
    ///
    /// # Errors
    /// [`GalleryError::Io`], [`GalleryError::Anchor`].
    pub fn flush(&self) -> Result<(), GalleryError> {
        if self.shared.unlogged.is_some() {
            return Ok(());
        }
        self.core().flush()?;
        self.anchored()
    }

    fn event(&self, kind: EventKind) -> Event {
        Event::now(kind, self.actor.clone())
    }

    /// Puts an event into the log before this returns.
    fn record(&self, event: Event) -> Result<(), GalleryError> {
        match &self.shared.unlogged {
            Some(unlogged) => unlogged.tell(&event),
            None => {
                self.core().commit(Draft::event(event))?;
                self.anchored()?;
            }
        }
        Ok(())
    }

    /// Puts an event into the log as soon as the policy says.
    fn note(&self, event: Event) -> Result<(), GalleryError> {
        if let Some(unlogged) = &self.shared.unlogged {
            unlogged.tell(&event);
            return Ok(());
        }
        let mut core = self.core();
        core.check_writable()?;
        core.note(event);
        let (waiting, since) = core.waiting();
        if self.shared.policy.is_due(waiting, since) {
            core.flush()?;
            drop(core);
            return self.anchored();
        }
        drop(core);
        self.wake();
        Ok(())
    }

    /// Has a thread write what waits once it is due, unless one sleeps already.
    fn wake(&self) {
        let mut core = self.core();
        if core.flusher || core.waiting().0 == 0 {
            return;
        }
        let (wait, gallery) = (self.shared.policy.wait(), Arc::downgrade(&self.shared));
        let sleeper = std::thread::Builder::new().name("selfsame-log".into()).spawn(move || {
            std::thread::sleep(wait);
            let Some(shared) = gallery.upgrade() else { return };
            {
                let mut core = shared.core.lock().unwrap_or_else(PoisonError::into_inner);
                core.flusher = false;
                // Should it fail, the gallery is stopped, and whoever uses it next is told.
                let _ = core.flush();
            }
            let _ = shared.anchor.advance(&shared.core);
        });
        // Without a thread the next event or the closing writes it.
        core.flusher = sleeper.is_ok();
    }

    /// Has the anchor know of all that was committed.
    fn anchored(&self) -> Result<(), GalleryError> {
        self.shared.anchor.advance(&self.shared.core)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
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
