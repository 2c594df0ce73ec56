//! Making and opening galleries.

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

/// How a gallery is made or opened. `Debug` shows nothing secret.
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
    /// A gallery whose keys `provider` wraps.
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

    /// Who acts, for the log. [`Gallery::acting_as`] changes it later.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// When events of searches reach the disk.
    #[must_use]
    pub fn log_policy(mut self, policy: LogPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Asks and tells this anchor, so that an old copy of the files, a fork and another gallery are noticed.
    #[must_use]
    pub fn anchor(mut self, anchor: impl Anchor + 'static) -> Self {
        self.anchor = Some(Box::new(anchor));
        self
    }

    /// The gallery goes on with the anchor that is given, which must be empty, or without one when none is: the one that it had is lost. Whatever was done
    /// to the gallery meanwhile is not noticed. It stands in the log.
    #[must_use]
    pub fn new_anchor(mut self) -> Self {
        self.new_anchor = true;
        self
    }

    /// Opens the gallery of this id only ([`Gallery::id`]), and no other of the same passphrase.
    #[must_use]
    pub fn expect_id(mut self, id: [u8; 16]) -> Self {
        self.id = Some(id);
        self
    }

    /// Waits so long for whoever has the gallery open. Without it that is [`GalleryError::Busy`] at once.
    #[must_use]
    pub fn wait(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Refuses attempts after too many that failed. There is no limit unless set.
    #[must_use]
    pub fn attempts(mut self, limit: AttemptLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Tells decisions and no scores: whoever sees scores climbs to a match. Searches need a threshold then.
    #[must_use]
    pub fn decisions_only(mut self) -> Self {
        self.decisions_only = true;
        self
    }

    /// Which model makes the embeddings of faces. It is stored when the gallery is made, or opened for the first time with a model, and
    /// checked from then on.
    #[must_use]
    pub fn face_model(mut self, model: FaceModel) -> Self {
        self.model = Some(model);
        self
    }

    /// What cosines of the model mean. Needed to judge faces, because no two models agree. It is stored, and replaces one that was stored.
    #[must_use]
    pub fn face_calibration(mut self, calibration: CosineCalibration) -> Self {
        self.calibration = Some(calibration);
        self
    }

    /// A new gallery in a new folder, of mode 700 where there are modes.
    ///
    /// # Errors
    /// [`GalleryError::Exists`] when there is something already and it is not an empty folder, or what a creation left that was cut off;
    /// [`GalleryError::AnchorInUse`]; [`GalleryError::Io`] and [`GalleryError::Keyring`] when its files cannot be written.
    /// [`GalleryError::Anchor`] when the anchor cannot be asked, and nothing is made; or when it cannot be told, and then the gallery is there: open
    /// it with the anchor once that works.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Gallery, GalleryError> {
        let path = path.as_ref();
        let made = make_folder(path)?;
        let gallery = self.create_on(Folder::new(path))?;
        // The folder's own name lasts with its parent.
        if made && cfg!(unix) {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::File::open(parent)?.sync_all()?;
        }
        Ok(gallery)
    }

    /// The gallery in a folder. Every record is opened and checked; what a crash cut off is ended or undone.
    ///
    /// # Errors
    /// [`GalleryError::Missing`] when there is none, [`GalleryError::Busy`], [`GalleryError::Keyring`] for a wrong passphrase,
    /// [`GalleryError::OtherGallery`], [`GalleryError::RolledBack`], [`GalleryError::Forked`], [`GalleryError::AnchorMissing`],
    /// [`GalleryError::Damaged`] and [`GalleryError::Tampered`], [`GalleryError::NewerFormat`], [`GalleryError::Io`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Gallery, GalleryError> {
        self.open_on(Folder::new(path.as_ref()))
    }

    /// The gallery in a folder, to be read and searched: nothing is written, on a read-only disk too, and any number of processes may do so at
    /// once. What happens is told to `unlogged`, for the gallery's own log cannot be written.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_read_only(self, path: impl AsRef<Path>, unlogged: Unlogged) -> Result<Gallery, GalleryError> {
        self.open_read_only_on(Folder::new(path.as_ref()), unlogged)
    }

    /// Says all that is wrong with the gallery in a folder, as far as its keyring and the head of its log open: reads and opens every byte that counts.
    /// Nothing is written unless nothing is wrong; then the check stands in the log, where the folder can be written.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`], but not [`GalleryError::Tampered`].
    pub fn check(self, path: impl AsRef<Path>) -> Result<CheckReport, GalleryError> {
        self.check_on(Folder::new(path.as_ref()))
    }

    /// A new gallery on an empty disk of the caller's.
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
        // Looked at before a lock is made in somebody else's folder.
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
        // A head that lasts; from here on each commit's sync makes that of the commit before it last.
        ledger.check_writable()?;
        ledger.log.file.sync()?;
        // The keyring makes a gallery of it.
        install_keyring(&*disk, &keyring)?;
        let anchor = self.anchor.take();
        let writer = Writer { records, source, keyring: Arc::new(keyring), provider: Arc::clone(&self.provider) };
        let gallery = self.gallery(disk, lock, ledger, writer, people, None);
        gallery.shared.anchor.set(anchor, None);
        gallery.anchored()?;
        Ok(gallery)
    }

    /// The gallery on a disk of the caller's.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_on(self, disk: impl Disk + 'static) -> Result<Gallery, GalleryError> {
        self.load(Arc::new(disk), None)
    }

    /// As [`GalleryBuilder::open_read_only`], on a disk of the caller's.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_read_only_on(self, disk: impl Disk + 'static, unlogged: Unlogged) -> Result<Gallery, GalleryError> {
        self.load(Arc::new(disk), Some(unlogged))
    }

    /// As [`GalleryBuilder::check`], of a gallery on a disk of the caller's.
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
        // A full disk takes no word of it either.
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

    /// What the anchor remembers, which the log must go on from. Nothing is told to it, and nothing written.
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
            // Nobody was ever in it, and a crash or a failure kept its anchor from being told that it was made.
            None if anchor.is_some() && ledger.state.settings.anchored && unused => Ok(None),
            None if anchor.is_some() => Err(GalleryError::AnchorMissing { what: "the one given remembers nothing" }),
            None if ledger.state.settings.anchored => Err(GalleryError::AnchorMissing { what: "none was given" }),
            None => Ok(None),
        }
    }

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

    /// Tells the log of the opening, of those before that failed, and of what the gallery was told.
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
            // Nothing but the opening, which may wait for the first thing that is done.
            events.into_iter().for_each(|event| ledger.note(event));
            return Ok(());
        }
        let settings = (settings != *before).then_some(settings);
        ledger.commit(Draft { settings, events, ..Draft::default() })?;
        if !failed.is_empty() {
            // Should it stay, it is told again.
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

/// Makes the folder; whether it was not there.
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

/// What a creation left that was cut off; anything else that lies there is refused.
fn unfinished(disk: &dyn Disk) -> Result<Vec<String>, GalleryError> {
    let mut names = disk.list()?;
    let ours = |name: &String| match FileKind::of_name(name) {
        Some((FileKind::Keyring, _)) => false,
        Some((_, generation)) => generation == 1,
        None => [LOCK_FILE, NEW_KEYRING_FILE].contains(&name.as_str()),
    };
    // Records are those of a gallery whose keyring was taken away.
    let records = name_of(FileKind::Records, 1);
    let holds_people = names.contains(&records) && disk.open(&records, Access::Read)?.len()? > NO_RECORDS;
    if holds_people || !names.iter().all(ours) {
        return Err(GalleryError::Exists);
    }
    names.retain(|name| name != LOCK_FILE);
    Ok(names)
}
