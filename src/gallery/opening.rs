//! Opening a gallery's files: which files count, what a crash left behind, and how it is repaired.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::disk::{Access, Disk, DiskLock, LockKind, read_whole, remove_if_there};
use super::error::GalleryError;
use super::journal::{FileKind, Keys, LogFile, RecordsFile, State, StoredEvent, name_of};
use super::ledger::{Draft, Ledger};
use super::log::{Actor, Event, EventKind, Outcome};
use super::params::{FAILED_FILE, LOCK_FILE, LOCK_POLL_MS, MAX_FAILED, NEW_KEYRING_FILE};
use super::people::Source;
use super::seal::{KEYRING_HEAD, KEYRING_MAGIC, KeyError, KeyProvider, Keyring, KeyringError};

/// A gallery's files, opened but not checked.
pub(super) struct Files {
    pub(super) keyring: Arc<Keyring>,
    pub(super) source: Arc<Source>,
    pub(super) records: RecordsFile,
    pub(super) log: LogFile,
    /// The state according to the newest head, and that state with the complete frames after it.
    head: State,
    pub(super) state: State,
}

/// Takes the gallery's lock, waiting if necessary. Returns `None` when there is no lock file and none can be created:
/// on a read-only disk, where nothing can change.
pub(super) fn lock(
    disk: &dyn Disk,
    kind: LockKind,
    patience: Duration,
) -> Result<Option<Box<dyn DiskLock>>, GalleryError> {
    let begun = Instant::now();
    loop {
        match disk.lock(LOCK_FILE, kind) {
            Ok(Some(lock)) => return Ok(Some(lock)),
            Ok(None) if begun.elapsed() >= patience => return Err(GalleryError::Busy),
            Ok(None) => std::thread::sleep(Duration::from_millis(LOCK_POLL_MS).min(patience)),
            Err(e) if kind == LockKind::Shared && may_not_write(&e) => return Ok(None),
            Err(e) => return Err(e.into()),
        }
    }
}

/// Whether the file system refuses writes, at all or from this account.
pub(super) fn may_not_write(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// The newest generation that has a keyring.
fn newest(names: &[String]) -> Result<u32, GalleryError> {
    let keyrings = names.iter().filter_map(|name| match FileKind::of_name(name) {
        Some((FileKind::Keyring, generation)) => Some(generation),
        _ => None,
    });
    keyrings.max().ok_or(GalleryError::Missing { what: "the keyring" })
}

fn names(disk: &dyn Disk) -> Result<Vec<String>, GalleryError> {
    disk.list().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => GalleryError::Missing { what: "the folder" },
        _ => e.into(),
    })
}

/// Refuses a folder that is not a gallery before anything is created there, such as a lock.
pub(super) fn present(disk: &dyn Disk) -> Result<(), GalleryError> {
    newest(&names(disk)?).map(drop)
}

impl Files {
    /// Opens the files that count. Nothing is written.
    pub(super) fn open(disk: &dyn Disk, provider: &dyn KeyProvider, access: Access) -> Result<Self, GalleryError> {
        let names = names(disk)?;
        let generation = newest(&names)?;
        let keyring = open_keyring(disk, &names, generation, provider)?;
        let keys = Arc::new(Keys::new(&keyring));
        let file = |kind, number, what| match disk.open(&name_of(kind, number), access) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(GalleryError::Missing { what }),
            file => Ok(file?),
        };
        let (log, head) = LogFile::open(file(FileKind::Log, generation, "the log")?, Arc::clone(&keys))?;
        let mut state = head.clone();
        while let Some((frame, end)) = log.frame(state.frames, state.counter)? {
            state.apply(&frame, end);
        }
        // A head is written once its frame is durable. A head that does not open was either torn by a crash, and then
        // its frame exists, or damaged, and then the last change may be lost with its frame.
        if log.has_bad_head && state.counter == head.counter {
            return Err(GalleryError::Damaged {
                what: "a head of the log does not open, and no change follows the other head",
            });
        }
        let records = file(FileKind::Records, state.holds.file, "the file of records")?;
        let source = Arc::new(Source { file: Arc::clone(&records), keys: Arc::clone(&keys) });
        let records = RecordsFile::at(state.holds.file, records, keys, state.holds.end);
        Ok(Self { keyring: Arc::new(keyring), source, records, log, head, state })
    }

    /// Makes the state found durable, completes what a crash interrupted, and removes what it left behind. Everything
    /// was checked before.
    pub(super) fn repair(mut self, disk: &Arc<dyn Disk>) -> Result<(Ledger, RecordsFile, Arc<Keyring>), GalleryError> {
        let (then, now) = (self.head.holds, self.state.holds);
        self.records.repair(if then.file == now.file { then.end.at } else { 0 })?;
        self.log.repair(self.head.frames.at, self.state.frames.at)?;
        if self.state != self.head {
            self.log.write_head(&self.state)?;
        }
        clear_others(&**disk, self.keyring.generation(), now.file)?;
        let mut ledger = Ledger::new(Arc::clone(disk), self.log, self.state, false);
        ledger.keep_derived()?;
        end_intent(&mut ledger)?;
        Ok((ledger, self.records, self.keyring))
    }
}

fn open_keyring(
    disk: &dyn Disk,
    names: &[String],
    generation: u32,
    provider: &dyn KeyProvider,
) -> Result<Keyring, GalleryError> {
    let read = |generation| {
        let bytes = read_whole(disk, &name_of(FileKind::Keyring, generation), Keyring::MAX_LEN)?;
        bytes.ok_or(GalleryError::Keyring(KeyringError::TooLong { max: Keyring::MAX_LEN }))
    };
    let keyring = Keyring::open(&read(generation)?, provider)?;
    if keyring.generation() != generation {
        return Err(GalleryError::Damaged { what: "a keyring has the name of another generation" });
    }
    // Guards against files of two galleries in one folder: the older keyring would be destroyed as a predecessor of the
    // other.
    for name in names {
        if let Some((FileKind::Keyring, older)) = FileKind::of_name(name)
            && older != generation
            && let bytes = read(older)?
            && bytes.starts_with(KEYRING_MAGIC)
            && bytes.get(6..22) != Some(&keyring.gallery_id()[..])
        {
            return Err(GalleryError::Damaged { what: "there are keyrings of two galleries" });
        }
    }
    Ok(keyring)
}

/// Logs what has become true now that older keys are destroyed.
pub(super) fn end_intent(ledger: &mut Ledger) -> Result<(), GalleryError> {
    let Some((before, counter)) = ledger.state.intent else { return Ok(()) };
    let damaged = GalleryError::Damaged { what: "the log announces an action without saying which" };
    let (frame, _) = ledger.log.frame(before, counter)?.ok_or(damaged)?;
    let events = frame.events.into_iter().filter_map(StoredEvent::into_event).map(Event::at_now).collect();
    ledger.commit(Draft { events, ends_intent: true, ..Draft::default() })
}

/// Destroys the keyrings of other generations, and removes their files and other files of records.
pub(super) fn clear_others(disk: &dyn Disk, generation: u32, records: u32) -> Result<(), GalleryError> {
    let mut removed = false;
    let names = disk.list()?;
    // Keys go first: without them the rest is useless.
    let others = names.iter().filter_map(|name| Some((name, FileKind::of_name(name)?)));
    for (name, (kind, of)) in others.clone() {
        if kind == FileKind::Keyring && of != generation {
            destroy(disk, name)?;
            removed = true;
        }
    }
    if names.iter().any(|name| name == NEW_KEYRING_FILE) {
        destroy(disk, NEW_KEYRING_FILE)?;
        removed = true;
    }
    for (name, (kind, of)) in others {
        let kept = if kind == FileKind::Records { records } else { generation };
        if kind != FileKind::Keyring && of != kept {
            match remove_if_there(disk, name) {
                // A folder of that name does not belong to the gallery.
                Err(e) if e.kind() == io::ErrorKind::IsADirectory => {}
                done => {
                    done?;
                    removed = true;
                }
            }
        }
    }
    if removed { Ok(disk.sync()?) } else { Ok(()) }
}

/// Overwrites a keyring and makes that durable before its name is removed, so that the wrapped key does not stay in a
/// free block.
pub(super) fn destroy(disk: &dyn Disk, name: &str) -> Result<(), GalleryError> {
    let file = match disk.open(name, Access::Write) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        // Anything but a regular file holds no key of the gallery.
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => {
            return match remove_if_there(disk, name) {
                Err(e) if e.kind() == io::ErrorKind::IsADirectory => Ok(()),
                removed => Ok(removed?),
            };
        }
        file => file?,
    };
    let len = file.len()?;
    let mut start = vec![0; KEYRING_MAGIC.len()];
    // Only a keyring is overwritten, whatever the file's name; its first bytes stay, so that it remains recognizable
    // after a crash.
    if len <= Keyring::MAX_LEN as u64 && file.read_at(0, &mut start).is_ok() && start == KEYRING_MAGIC {
        let mut noise = vec![0; (len as usize).saturating_sub(KEYRING_HEAD)];
        getrandom::fill(&mut noise).map_err(|_| crate::gallery::seal::SealError::Random)?;
        file.write_at(KEYRING_HEAD as u64, &noise)?;
        file.sync()?;
    }
    Ok(remove_if_there(disk, name)?)
}

/// Notes a failed opening beside the gallery. Anyone who can write there can also remove the note.
pub(super) fn note_failed_opening(disk: &dyn Disk, error: &GalleryError) {
    let note = match error {
        GalleryError::Keyring(KeyringError::Key(KeyError::WrongKey)) => b'W',
        GalleryError::Keyring(KeyringError::Key(_)) => return,
        GalleryError::Keyring(_) => b'C',
        _ => return,
    };
    // On a read-only disk there is no note; the refusal is unaffected.
    let _ = (|| {
        let file = match disk.open(FAILED_FILE, Access::Create) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => disk.open(FAILED_FILE, Access::Write)?,
            file => file?,
        };
        let len = file.len()?;
        if len < MAX_FAILED { file.write_at(len, &[note]) } else { Ok(()) }
    })();
}

/// The failed openings in the notes, counted by kind. Nothing else is used, because it can be written without a key.
pub(super) fn failed_openings(disk: &dyn Disk, actor: &Actor) -> Vec<Event> {
    let Ok(file) = disk.open(FAILED_FILE, Access::Read) else { return Vec::new() };
    let len = file.len().unwrap_or(0).min(MAX_FAILED);
    let mut notes = vec![0; len as usize];
    if file.read_at(0, &mut notes).is_err() {
        return Vec::new();
    }
    let changed = notes.iter().filter(|note| **note == b'C').count();
    let told = [(EventKind::OpenFailed, notes.len() - changed), (EventKind::KeyringChanged, changed)];
    let told = told.into_iter().filter(|(_, count)| *count > 0);
    told.map(|(kind, count)| Event::now(kind, actor.clone()).outcome(Outcome::Refused).count(count)).collect()
}
