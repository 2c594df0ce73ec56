//! Creating and opening galleries.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::anchor::Anchor;
use super::anchoring::Anchoring;
use super::attempts::AttemptLimit;
use super::check::Walk;
use super::disk::{Access, Disk, DiskLock, Folder, LockKind, remove_if_there};
use super::error::GalleryError;
use super::handle::{Gallery, Handles, Shared, Writer};
use super::journal::{FileKind, Keys, LogFile, NO_RECORDS, NodeFile, RecordsFile, Settings, State, name_of};
use super::ledger::{Draft, Ledger};
use super::log::{Actor, Event, EventKind};
use super::log_policy::LogPolicy;
use super::opening::{Files, failed_openings, lock, may_not_write, note_failed_opening, present};
use super::params::{FAILED_FILE, LOCK_FILE, NEW_KEYRING_FILE};
use super::people::{People, Source};
use super::readonly::Unlogged;
use super::report::CheckReport;
use super::rewrite::install_keyring;
use super::seal::{KeyProvider, Keyring, SecretKey};
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
    provider: Arc<dyn KeyProvider>,
    anchor: Option<Box<dyn Anchor>>,
    new_anchor: bool,
    id: Option<[u8; 16]>,
    patience: Duration,
    model: Option<FaceModel>,
    calibration: Option<CosineCalibration>,
    actor: Actor,
    policy: LogPolicy,
    limit: Option<AttemptLimit>,
    decisions_only: bool,
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
    /// [`GalleryError::Busy`] at once.
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

    /// Creates a gallery in a new folder, with mode 700 where there are modes.
    ///
    /// # Errors
    /// [`GalleryError::Exists`] when the path already holds something other than an empty folder or the remains of an
    /// interrupted creation; [`GalleryError::AnchorInUse`]; [`GalleryError::Io`] and [`GalleryError::Keyring`] when its
    /// files cannot be written. [`GalleryError::Anchor`] when the anchor cannot be read, and then nothing is created;
    /// or when it cannot be updated, and then the gallery exists: open it with the anchor once that works.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Gallery, GalleryError> {
        let path = path.as_ref();
        let made = make_folder(path)?;
        let gallery = self.create_on(Folder::new(path))?;
        // The folder's own name becomes durable with its parent.
        if made && cfg!(unix) {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::File::open(parent)?.sync_all()?;
        }
        Ok(gallery)
    }

    /// Opens the gallery in a folder. Every record is opened and checked; changes that a crash interrupted are
    /// completed or undone.
    ///
    /// # Errors
    /// [`GalleryError::Missing`] when there is no gallery, [`GalleryError::Busy`], [`GalleryError::Keyring`] for a
    /// wrong passphrase, [`GalleryError::OtherGallery`], [`GalleryError::RolledBack`], [`GalleryError::Forked`],
    /// [`GalleryError::AnchorMissing`], [`GalleryError::Damaged`] and [`GalleryError::Tampered`],
    /// [`GalleryError::NewerFormat`], [`GalleryError::Io`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Gallery, GalleryError> {
        self.open_on(Folder::new(path.as_ref()))
    }

    /// Opens the gallery in a folder for reading and searching. Nothing is written, so a read-only disk works too, and
    /// any number of processes may do this at once. Events go to `unlogged` because the gallery's own log cannot be
    /// written.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_read_only(self, path: impl AsRef<Path>, unlogged: Unlogged) -> Result<Gallery, GalleryError> {
        self.open_read_only_on(Folder::new(path.as_ref()), unlogged)
    }

    /// Reports everything that is wrong with the gallery in a folder, provided that its keyring and the head of its log
    /// open: it reads and opens every byte in use. Nothing is written unless nothing is wrong; then the log records the
    /// check, where the folder can be written.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`], but not [`GalleryError::Tampered`].
    pub fn check(self, path: impl AsRef<Path>) -> Result<CheckReport, GalleryError> {
        self.check_on(Folder::new(path.as_ref()))
    }

    /// Creates a gallery on an empty disk supplied by the caller.
    ///
    /// # Errors
    /// As [`GalleryBuilder::create`].
    pub fn create_on(mut self, disk: impl Disk + 'static) -> Result<Gallery, GalleryError> {
        let disk: Arc<dyn Disk> = Arc::new(disk);
        let held = self.anchor.as_ref().map(|anchor| anchor.get()).transpose()?.flatten();
        if held.is_some() {
            return Err(GalleryError::AnchorInUse);
        }
        let settings = Settings {
            model: self.model.clone(),
            calibration: self.calibration.clone(),
            anchored: self.anchor.is_some(),
        };
        settings.check()?;
        let people = People::new(settings.model.as_ref())?;
        let id = SecretKey::random()?;
        let id = id.expose().first_chunk::<16>().copied().unwrap_or_default();
        let keyring = Keyring::create(&*self.provider, id)?;
        // The folder is examined before a lock is created in a folder that belongs to something else.
        unfinished(&*disk)?;
        let lock = lock(&*disk, LockKind::Exclusive, self.patience)?;
        unfinished(&*disk)?.iter().try_for_each(|name| remove_if_there(&*disk, name))?;
        let keys = Arc::new(Keys::new(&keyring));
        let make = |kind| disk.open(&name_of(kind, 1), Access::Create);
        let file = make(FileKind::Records)?;
        let records = RecordsFile::create(Arc::clone(&file), Arc::clone(&keys))?;
        let source = Arc::new(Source { file: Arc::clone(&file), keys: Arc::clone(&keys) });
        let log = LogFile::create(make(FileKind::Log)?, Arc::clone(&keys))?;
        drop(NodeFile::create(make(FileKind::Nodes)?, &keys)?);
        let mut ledger = Ledger::new(Arc::clone(&disk), log, State::new(settings.clone()), false);
        ledger.keep_nodes();
        let event = Event::now(EventKind::Create, self.actor.clone());
        ledger.commit(Draft { settings: Some(settings), ..Draft::event(event) })?;
        file.sync()?;
        // This makes the head durable; from here on the sync of each commit makes the head of the previous commit
        // durable.
        ledger.check_writable()?;
        ledger.log.file.sync()?;
        // Installing the keyring makes the files a gallery.
        install_keyring(&*disk, &keyring)?;
        let anchor = self.anchor.take();
        let writer = Writer { records, source, keyring: Arc::new(keyring), provider: Arc::clone(&self.provider) };
        let gallery = self.gallery(disk, lock, ledger, writer, people, None);
        gallery.shared.anchor.set(anchor, None);
        gallery.anchored()?;
        Ok(gallery)
    }

    /// Opens the gallery on a disk supplied by the caller.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_on(self, disk: impl Disk + 'static) -> Result<Gallery, GalleryError> {
        self.load(Arc::new(disk), None)
    }

    /// As [`GalleryBuilder::open_read_only`], on a disk supplied by the caller.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_read_only_on(self, disk: impl Disk + 'static, unlogged: Unlogged) -> Result<Gallery, GalleryError> {
        self.load(Arc::new(disk), Some(unlogged))
    }

    /// As [`GalleryBuilder::check`], for a gallery on a disk supplied by the caller.
    ///
    /// # Errors
    /// As [`GalleryBuilder::check`].
    pub fn check_on(mut self, disk: impl Disk + 'static) -> Result<CheckReport, GalleryError> {
        let disk: Arc<dyn Disk> = Arc::new(disk);
        present(&*disk)?;
        let mut access = Access::Write;
        let _lock = match lock(&*disk, LockKind::Exclusive, self.patience) {
            Err(GalleryError::Io(e)) if may_not_write(&e) => {
                access = Access::Read;
                lock(&*disk, LockKind::Shared, self.patience)?
            }
            locked => locked?,
        };
        let files = match self.files(&*disk, access) {
            Err(GalleryError::Io(e)) if access == Access::Write && may_not_write(&e) => {
                access = Access::Read;
                self.files(&*disk, access)?
            }
            files => files?,
        };
        let mut report = walk(&files, true, false, &mut |_| Ok(()))?;
        let anchor = self.anchor.take();
        let mut looked_at = Ledger::new(Arc::clone(&disk), files.log.reader(), files.state.clone(), true);
        let told = self.check_anchor(anchor.as_deref(), &mut looked_at)?;
        if !report.is_sound() || access == Access::Read {
            return Ok(report);
        }
        // A full disk cannot record the check either.
        let logged = (|| -> Result<(), GalleryError> {
            let (mut ledger, ..) = files.repair(&disk)?;
            ledger.commit(Draft::event(Event::now(EventKind::Check, self.actor.clone())))?;
            let anchoring = Anchoring::default();
            anchoring.set(anchor, told);
            anchoring.advance(&Mutex::new(ledger))
        })();
        report.logged = logged.is_ok();
        Ok(report)
    }

    /// Opens a gallery's files; a refusal is noted beside them.
    fn files(&self, disk: &dyn Disk, access: Access) -> Result<Files, GalleryError> {
        let files = Files::open(disk, &*self.provider, access);
        if access == Access::Write {
            files.as_ref().err().into_iter().for_each(|error| note_failed_opening(disk, error));
        }
        let files = files?;
        let found = files.keyring.gallery_id();
        match self.id {
            Some(expected) if expected != found => Err(GalleryError::OtherGallery { found, expected }),
            _ => Ok(files),
        }
    }

    /// Reads the state that the anchor remembers, which the log must extend. The anchor is not updated, and nothing is
    /// written.
    fn check_anchor(
        &self,
        anchor: Option<&dyn Anchor>,
        ledger: &mut Ledger,
    ) -> Result<Option<super::AnchorState>, GalleryError> {
        let held = anchor.map(Anchor::get).transpose()?.flatten();
        let now = ledger.anchor_state();
        let unused = ledger.keys().generation == 1 && ledger.state.records_end.at == NO_RECORDS;
        match held {
            Some(_) if self.new_anchor => Err(GalleryError::AnchorInUse),
            Some(then) if then.gallery_id != now.gallery_id => {
                Err(GalleryError::OtherGallery { found: now.gallery_id, expected: then.gallery_id })
            }
            Some(then) if then.size > now.size => {
                Err(GalleryError::RolledBack { found: now.size, expected: then.size })
            }
            Some(then) => {
                let (proof, _) = ledger.prove_consistency(then.size, now.size)?;
                let goes_on = now.extends(&then, &proof);
                if goes_on { Ok(held) } else { Err(GalleryError::Forked { expected: then.size }) }
            }
            None if self.new_anchor => Ok(None),
            // The gallery was never used, and a crash or failure prevented its anchor from learning of its creation.
            None if anchor.is_some() && ledger.state.settings.anchored && unused => Ok(None),
            None if anchor.is_some() => Err(GalleryError::AnchorMissing { what: "the one given remembers nothing" }),
            None if ledger.state.settings.anchored => Err(GalleryError::AnchorMissing { what: "none was given" }),
            None => Ok(None),
        }
    }

    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    fn load(mut self, disk: Arc<dyn Disk>, unlogged: Option<Unlogged>) -> Result<Gallery, GalleryError> {
        present(&*disk)?;
        let (kind, access) = match unlogged {
            None => (LockKind::Exclusive, Access::Write),
            Some(_) => (LockKind::Shared, Access::Read),
        };
        let lock = lock(&*disk, kind, self.patience)?;
        let files = self.files(&*disk, access)?;
        let held = files.state.settings.model.clone();
        if let (Some(held), Some(given)) = (&held, &self.model) {
            held.check(given)?;
        }
        let people = People::new(held.as_ref().or(self.model.as_ref()))?;
        let report = walk(&files, false, true, &mut |sound| people.add(&sound.subject, sound.entry, sound.prepared))?;
        if !report.is_sound() {
            return Err(GalleryError::Tampered(Box::new(report)));
        }
        let anchor = self.anchor.take();
        let mut looked_at = Ledger::new(Arc::clone(&disk), files.log.reader(), files.state.clone(), true);
        let told = self.check_anchor(anchor.as_deref(), &mut looked_at)?;
        let provider = Arc::clone(&self.provider);
        if let Some(unlogged) = unlogged {
            let Files { keyring, source, records, .. } = files;
            let writer = Writer { records, source, keyring, provider };
            let gallery = self.gallery(disk, lock, looked_at, writer, people, Some(unlogged));
            gallery.record(gallery.event(EventKind::Open))?;
            return Ok(gallery);
        }
        let source = Arc::clone(&files.source);
        let (mut ledger, records, keyring) = files.repair(&disk)?;
        let anchored = anchor.is_some();
        self.opened(&*disk, &mut ledger, held, anchored)?;
        let writer = Writer { records, source, keyring, provider };
        let gallery = self.gallery(disk, lock, ledger, writer, people, None);
        gallery.shared.anchor.set(anchor, told);
        gallery.anchored()?;
        gallery.wake();
        Ok(gallery)
    }

    /// Logs the opening, earlier failed openings, and changed settings.
    fn opened(
        &self,
        disk: &dyn Disk,
        ledger: &mut Ledger,
        held: Option<FaceModel>,
        anchored: bool,
    ) -> Result<(), GalleryError> {
        let failed = failed_openings(disk, &self.actor);
        let before = &ledger.state.settings;
        let settings = Settings {
            model: held.or(self.model.clone()),
            calibration: self.calibration.clone().or(before.calibration.clone()),
            anchored,
        };
        settings.check()?;
        let mut events = failed.clone();
        events.push(Event::now(EventKind::Open, self.actor.clone()));
        let event = |kind| Event::now(kind, self.actor.clone());
        if settings.model != before.model || settings.calibration != before.calibration {
            events.push(event(EventKind::Settings));
        }
        if anchored != before.anchored || self.new_anchor {
            events.push(event(EventKind::NewAnchor));
        }
        if events.len() == 1 {
            // There is only the opening, which may wait for the next event.
            events.into_iter().for_each(|event| ledger.note(event));
            return Ok(());
        }
        let settings = (settings != *before).then_some(settings);
        ledger.commit(Draft { settings, events, ..Draft::default() })?;
        if !failed.is_empty() {
            // If the file stays, its failures are logged again.
            let _ = remove_if_there(disk, FAILED_FILE);
        }
        Ok(())
    }

    fn gallery(
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

fn walk(
    files: &Files,
    whole_log: bool,
    prepare: bool,
    visit: &mut dyn FnMut(super::check::Sound) -> Result<(), GalleryError>,
) -> Result<CheckReport, GalleryError> {
    let Files { records, source, log, state, .. } = files;
    Walk { records, source, log, state, whole_log, prepare }.run(visit)
}

/// Creates the folder; returns whether it was missing.
fn make_folder(path: &Path) -> Result<bool, GalleryError> {
    let mut options = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut options, 0o700);
    match options.create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if path.is_dir() {
                Ok(false)
            } else {
                Err(GalleryError::Exists)
            }
        }
        made => Ok(made.map(|()| true)?),
    }
}

/// The remains of an interrupted creation; anything else found there is refused.
fn unfinished(disk: &dyn Disk) -> Result<Vec<String>, GalleryError> {
    let mut names = disk.list()?;
    let ours = |name: &String| match FileKind::of_name(name) {
        Some((FileKind::Keyring, _)) => false,
        Some((_, generation)) => generation == 1,
        None => [LOCK_FILE, NEW_KEYRING_FILE].contains(&name.as_str()),
    };
    // Records belong to a gallery whose keyring was removed.
    let records = name_of(FileKind::Records, 1);
    let holds_people = names.contains(&records) && disk.open(&records, Access::Read)?.len()? > NO_RECORDS;
    if holds_people || !names.iter().all(ours) {
        return Err(GalleryError::Exists);
    }
    names.retain(|name| name != LOCK_FILE);
    Ok(names)
}
