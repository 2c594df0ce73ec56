//! Making and opening galleries.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::anchor::Anchor;
use super::check::{self, CheckReport};
use super::core::{Core, KeyringPlace, Update};
use super::error::GalleryError;
use super::params::{KEYRING_FILE, RECORDS_FILE};
use super::people::{self, People};
use super::record::Settings;
use super::{Gallery, LogPolicy, Shared, log, rotate};
use crate::audit::{Actor, Event, EventKind};
use crate::face::compare::CosineCalibration;
use crate::face::index::FaceModel;
use crate::seal::{KeyError, KeyProvider, Keyring, KeyringError, SecretKey};
use crate::store::{RedbStore, Store};

/// How a gallery is made or opened. `Debug` shows nothing secret.
pub struct GalleryBuilder {
    provider: Arc<dyn KeyProvider>,
    anchor: Option<Box<dyn Anchor>>,
    model: Option<FaceModel>,
    calibration: Option<CosineCalibration>,
    actor: Actor,
    policy: LogPolicy,
}

/// The two parts of a gallery that does not lie in a folder of its own: for other stores than a file, and for tests.
///
/// ```
/// use std::sync::Arc;
/// use selfsame::gallery::{Gallery, Parts};
/// use selfsame::seal::{RawKey, SecretKey};
/// use selfsame::store::MemoryStore;
/// let key = Arc::new(RawKey::new(SecretKey::random()?));
/// let parts = Parts::new(MemoryStore::new());
/// let gallery = Gallery::builder(key).create_in(parts)?;
/// assert!(gallery.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Parts {
    store: Box<dyn Store>,
    keyring: Arc<Mutex<Vec<u8>>>,
}

impl Parts {
    /// A store, and a keyring that is kept in memory.
    #[must_use]
    pub fn new(store: impl Store + 'static) -> Self {
        Self { store: Box::new(store), keyring: Arc::default() }
    }

    /// With this keyring's bytes; they follow each change of the keyring.
    #[must_use]
    pub fn keyring(mut self, bytes: Arc<Mutex<Vec<u8>>>) -> Self {
        self.keyring = bytes;
        self
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts(..)")
    }
}

impl GalleryBuilder {
    pub(super) fn new(provider: Arc<dyn KeyProvider>) -> Self {
        let (actor, policy) = (Actor::default(), LogPolicy::default());
        Self { provider, anchor: None, model: None, calibration: None, actor, policy }
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

    /// Asks and tells this anchor, so that an old copy of the files is noticed.
    #[must_use]
    pub fn anchor(mut self, anchor: impl Anchor + 'static) -> Self {
        self.anchor = Some(Box::new(anchor));
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
    /// [`GalleryError::Exists`] when there is something already and it is not an empty folder; [`GalleryError::Store`] and
    /// [`GalleryError::Keyring`] when its files cannot be written.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Gallery, GalleryError> {
        let path = path.as_ref();
        make_folder(path)?;
        let keyring = new_keyring(&*self.provider)?;
        let store = RedbStore::create(path.join(RECORDS_FILE), &keyring.store_key())?;
        self.make(Box::new(store), keyring, KeyringPlace::File(path.join(KEYRING_FILE)))
    }

    /// The gallery in a folder. Every record is opened and checked; a rotation of keys that was cut off is finished.
    ///
    /// # Errors
    /// [`GalleryError::Missing`] when there is none, [`GalleryError::Keyring`] for a wrong passphrase, [`GalleryError::RolledBack`],
    /// [`GalleryError::Tampered`], [`GalleryError::NewerFormat`], [`GalleryError::Store`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Gallery, GalleryError> {
        let (store, keyring, place) = self.files(path.as_ref())?;
        self.load(store, keyring, place)
    }

    /// Opens nothing and says all that is wrong with the gallery in a folder, as far as its keys and its manifest open.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`], but not [`GalleryError::Tampered`].
    pub fn check(mut self, path: impl AsRef<Path>) -> Result<CheckReport, GalleryError> {
        let (store, keyring, place) = self.files(path.as_ref())?;
        let core = Core::open(store, keyring, place, self.anchor.take())?;
        check::walk(&core, true, &mut |_, place, plaintext| people::decode(place, plaintext).is_some())
    }

    /// A new gallery in an empty store.
    ///
    /// # Errors
    /// As [`GalleryBuilder::create`].
    pub fn create_in(self, parts: Parts) -> Result<Gallery, GalleryError> {
        let keyring = new_keyring(&*self.provider)?;
        self.make(parts.store, keyring, KeyringPlace::Memory(parts.keyring))
    }

    /// The gallery in a store.
    ///
    /// # Errors
    /// As [`GalleryBuilder::open`].
    pub fn open_in(self, parts: Parts) -> Result<Gallery, GalleryError> {
        let place = KeyringPlace::Memory(parts.keyring);
        let keyring = Keyring::open(&place.load()?, &*self.provider)?;
        self.load(parts.store, keyring, place)
    }

    /// As [`GalleryBuilder::check`], of a gallery in a store.
    ///
    /// # Errors
    /// As [`GalleryBuilder::check`].
    pub fn check_in(mut self, parts: Parts) -> Result<CheckReport, GalleryError> {
        let place = KeyringPlace::Memory(parts.keyring);
        let keyring = Keyring::open(&place.load()?, &*self.provider)?;
        let core = Core::open(parts.store, keyring, place, self.anchor.take())?;
        check::walk(&core, true, &mut |_, place, plaintext| people::decode(place, plaintext).is_some())
    }

    fn make(
        mut self,
        store: Box<dyn Store>,
        keyring: Keyring,
        keyring_place: KeyringPlace,
    ) -> Result<Gallery, GalleryError> {
        let settings = Settings { model: self.model.clone(), calibration: self.calibration.clone() };
        let people = People::new(settings.model.as_ref())?;
        let event = Event::now(EventKind::Create, self.actor.clone());
        let core = Core::create(store, keyring, keyring_place, self.anchor.take(), settings, event)?;
        Ok(self.gallery(core, people))
    }

    fn gallery(self, core: Core, people: People) -> Gallery {
        let Self { provider, policy, actor, .. } = self;
        let calibration = core.manifest.settings.calibration.clone();
        let (core, provider) = (Mutex::new(core), Mutex::new(provider));
        Gallery { shared: Arc::new(Shared { core, people, provider, calibration, policy }), actor }
    }

    /// Opens a gallery's files. A wrong passphrase is told before the store is touched.
    fn files(&self, path: &Path) -> Result<(Box<dyn Store>, Keyring, KeyringPlace), GalleryError> {
        let (records, keyring) = (path.join(RECORDS_FILE), path.join(KEYRING_FILE));
        for (file, what) in [(&keyring, "the keyring"), (&records, "the file of records")] {
            if let Err(e) = fs::metadata(file) {
                return Err(match e.kind() {
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => GalleryError::Missing { what },
                    _ => GalleryError::Keyring(KeyringError::Io(e)),
                });
            }
        }
        let opened = Keyring::open(&Keyring::load(&keyring)?, &*self.provider);
        if let Err(KeyringError::Key(KeyError::WrongKey)) = &opened {
            log::note_failed_opening(&keyring);
        }
        let opened = opened?;
        let store = RedbStore::open(records, &opened.store_key())?;
        Ok((Box::new(store), opened, KeyringPlace::File(keyring)))
    }

    fn load(
        mut self,
        store: Box<dyn Store>,
        keyring: Keyring,
        keyring_place: KeyringPlace,
    ) -> Result<Gallery, GalleryError> {
        let mut core = Core::open(store, keyring, keyring_place, self.anchor.take())?;
        let held = core.manifest.settings.model.clone();
        if let (Some(held), Some(given)) = (&held, &self.model) {
            held.check(given)?;
        }
        let people = People::new(held.as_ref().or(self.model.as_ref()))?;
        let report = check::walk(&core, false, &mut |subject, place, plaintext| {
            people::decode(place, plaintext).is_some_and(|content| people.add(subject, place, &content))
        })?;
        if !report.is_sound() {
            return Err(GalleryError::Tampered(Box::new(report)));
        }
        if core.keyring.previous_epoch().is_some() {
            rotate::go_on(&mut core, &self.actor)?;
        }
        let settings = Settings {
            model: held.or(self.model.clone()),
            calibration: self.calibration.clone().or(core.manifest.settings.calibration.clone()),
        };
        if settings != core.manifest.settings {
            core.commit(Update { settings: Some(settings), ..Update::default() })?;
            core.anchored()?;
        }
        if let KeyringPlace::File(path) = &core.keyring_place {
            let path = path.clone();
            log::report_failed_openings(&mut core, &path, &self.actor)?;
        }
        Ok(self.gallery(core, people))
    }
}

impl fmt::Debug for GalleryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GalleryBuilder").field("model", &self.model).finish_non_exhaustive()
    }
}

fn make_folder(path: &Path) -> Result<(), GalleryError> {
    let failed = |e| GalleryError::Store(crate::store::StoreError::Io(e));
    let mut options = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut options, 0o700);
    match options.create(path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let empty = fs::read_dir(path).map_err(|_| GalleryError::Exists)?.next().is_none();
            if empty { Ok(()) } else { Err(GalleryError::Exists) }
        }
        made => made.map_err(failed),
    }
}

fn new_keyring(provider: &dyn KeyProvider) -> Result<Keyring, GalleryError> {
    let id = SecretKey::random()?;
    let (id, _) = id.expose().split_first_chunk::<16>().ok_or(GalleryError::Stopped)?;
    Ok(Keyring::create(provider, *id)?)
}
