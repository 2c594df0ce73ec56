//! Creating galleries.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::builder::GalleryBuilder;
use super::disk::{Access, Disk, Folder, LockKind, remove_if_there};
use super::error::GalleryError;
use super::handle::{Gallery, Writer};
use super::journal::{Derived, FileKind, Keys, LogFile, NO_RECORDS, RecordsFile, Settings, State, name_of};
use super::ledger::{Draft, Ledger};
use super::log::{Event, EventKind, Frontier};
use super::opening::lock;
use super::params::{LOCK_FILE, NEW_KEYRING_FILE};
use super::people::{People, Source};
use super::rewrite::install_keyring;
use super::seal::{Keyring, SecretKey};

impl GalleryBuilder {
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
        let records = RecordsFile::create(1, Arc::clone(&file), Arc::clone(&keys))?;
        let source = Arc::new(Source { file: Arc::clone(&file), keys: Arc::clone(&keys) });
        let log = LogFile::create(make(FileKind::Log)?, Arc::clone(&keys))?;
        drop(Derived::create(&keys, &Frontier::default(), |kind| Ok(make(kind)?))?);
        let mut ledger = Ledger::new(Arc::clone(&disk), log, State::new(settings.clone()), false);
        ledger.keep_derived()?;
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
