//! A new generation: everything rewritten under new keys, in new files.
//!
//! Rotation, a new passphrase and erasure work the same way. New files are written and synced; a keyring under a new
//! name makes them count; the old keyring is overwritten, synced and removed, and the old files with it; then the log
//! records what was done. An interruption before the keyring has its name changes nothing, and the next opening removes
//! the unfinished files. After an interruption later than that, the next opening completes the work before it answers
//! anything.

use std::collections::HashSet;
use std::sync::Arc;

use super::attempts::Uid;
use super::disk::{Access, Disk, DiskFile, remove_if_there};
use super::error::GalleryError;
use super::handle::{Gallery, Writer};
use super::journal::{
    Derived, FileKind, Frame, Holds, Keys, LogFile, Mark, RecordsFile, Settings, State, StoredEvent, UNIT, name_of,
};
use super::ledger::Ledger;
use super::log::{Event, EventKind, Frontier};
use super::opening::{clear_others, end_intent};
use super::params::{EVENTS_PER_FRAME, MAX_EVENTS, NEW_KEYRING_FILE, SEALED_AT_ONCE};
use super::people::{Entry, Source};
use super::person::Sealed;
use super::seal::{KeyProvider, Keyring};
use super::threads::on_threads;
use crate::subject::SubjectId;

impl Gallery {
    /// Replaces all keys: those of names, records and log. Everything is rewritten, in some microseconds per record,
    /// and replaced or deleted records no longer take space. An earlier copy of the keyring, with its passphrase, opens
    /// an earlier copy of the files and nothing written afterwards.
    ///
    /// # Errors
    /// [`GalleryError::Keyring`] or [`GalleryError::Io`]. After an interruption, by an error or a crash, the next
    /// opening undoes or completes the rotation.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn rotate_keys(&self) -> Result<(), GalleryError> {
        self.rewrite(None, Leaving::default(), vec![self.event(EventKind::RotateKeys)]).map(drop)
    }

    /// Switches to another passphrase, key file or key service, with new keys ([`Gallery::rotate_keys`]): anyone with
    /// an old copy of the keyring and its passphrase still has the old keys.
    ///
    /// # Errors
    /// As [`Gallery::rotate_keys`].
    pub fn change_provider(&self, provider: Arc<dyn KeyProvider>) -> Result<(), GalleryError> {
        let events = vec![self.event(EventKind::ChangeProvider), self.event(EventKind::RotateKeys)];
        self.rewrite(Some(provider), Leaving::default(), events).map(drop)
    }

    /// Removes subjects so that their records no longer open, not even for someone with the gallery's current keys and
    /// every block its files ever had: everyone else is rewritten under new keys ([`Gallery::rotate_keys`]), and the
    /// old keyring is overwritten. It is better to erase several subjects in one call. Returns how many were enrolled;
    /// if none were, nothing is done.
    ///
    /// The log keeps that they were erased, and of every earlier event that names them only its hash: what was done, how
    /// it ended, by whom and when can no longer be read of that event, and every root and proof stays valid. Its place
    /// stays, and events around it that name nobody may tell its time: a program that opens the gallery for each
    /// verification logs an opening beside it. An enrollment of the same person that was deleted before has another
    /// number, and its events stay, as those of a number. Archives of the log are not changed.
    ///
    /// Its limits: an earlier copy of the *keyring*, with the passphrase or key that opened it, opens an earlier copy
    /// of the records. Backups must be destroyed, or the key that wraps their keyring (a key service can do that; for a
    /// passphrase nobody can be sure). File systems that never write in place, and flash that moves overwritten blocks,
    /// may keep the old keyring's block; so may a snapshot.
    ///
    /// # Errors
    /// As [`Gallery::rotate_keys`]; [`GalleryError::TooManySubjects`] for more than 48,000.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn erase(&self, subjects: &[SubjectId]) -> Result<usize, GalleryError> {
        let leaving = Leaving { subjects, ..Leaving::default() };
        if !subjects.iter().any(|subject| self.contains(subject)) {
            self.ledger().check_writable()?;
            return Ok(0);
        }
        self.rewrite(None, leaving, vec![self.event(EventKind::RotateKeys)])
    }

    /// Removes the oldest entries of the log, those before number `until` (rounded down to a multiple of 64), by a rotation
    /// of the keys, and returns how many have been removed in all. They cannot be read any more, except in an archive
    /// that was written before ([`Gallery::archive_log`]). Numbers, the root and every proof of what remains stay
    /// valid; what can no longer be proved is that an entry removed was in the log, or that the log extends one that
    /// ended before them. The log records the removal.
    ///
    /// # Errors
    /// [`GalleryError::NoSuchEntry`] when the log is shorter; otherwise as [`Gallery::rotate_keys`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn retire_log(&self, until: u64) -> Result<u64, GalleryError> {
        // An anchor must be able to follow.
        self.flush()?;
        let (entries, retired) = {
            let ledger = self.ledger();
            (ledger.state.log.len(), ledger.state.retired.len())
        };
        if until > entries {
            return Err(GalleryError::NoSuchEntry { number: until, entries });
        }
        let until = until - until % UNIT;
        if until <= retired {
            return Ok(retired);
        }
        let count = usize::try_from(until - retired).unwrap_or(usize::MAX);
        let events = vec![self.event(EventKind::RetireLog).count(count), self.event(EventKind::RotateKeys)];
        self.rewrite(None, Leaving { entries: until, ..Leaving::default() }, events)?;
        Ok(self.ledger().state.retired.len())
    }

    fn rewrite(
        &self,
        provider: Option<Arc<dyn KeyProvider>>,
        leaving: Leaving<'_>,
        events: Vec<Event>,
    ) -> Result<usize, GalleryError> {
        let removed = loop {
            let (current, provider) = {
                let writer = self.writer();
                self.ledger().check_writable()?;
                (Arc::clone(&writer.keyring), provider.clone().unwrap_or_else(|| Arc::clone(&writer.provider)))
            };
            // A provider is the caller's code, and slow: no lock is held while it runs.
            let next = Arc::new(current.next(&*provider)?);
            let _no_compaction = self.shared.compactions.exclude();
            let mut writer = self.writer();
            if Arc::ptr_eq(&writer.keyring, &current) {
                break self.write_next(&mut writer, next, provider, leaving, events)?;
            }
            // Another rotation finished first; the wrapped key is dropped.
        };
        self.anchored()?;
        Ok(removed)
    }

    /// Writes the next generation and switches to it. The writer is locked, so there are no other changes.
    fn write_next(
        &self,
        writer: &mut Writer,
        keyring: Arc<Keyring>,
        provider: Arc<dyn KeyProvider>,
        leaving: Leaving<'_>,
        mut events: Vec<Event>,
    ) -> Result<usize, GalleryError> {
        // The subjects are kept in the order given, each once.
        let mut named: HashSet<&SubjectId> = HashSet::new();
        let gone: Vec<(&SubjectId, Arc<Entry>)> = (leaving.subjects.iter())
            .filter(|subject| named.insert(subject))
            .filter_map(|subject| Some((subject, self.shared.people.get(subject)?)))
            .collect();
        let mut kept = self.shared.people.all();
        kept.retain(|(subject, _)| !named.contains(subject));
        if gone.len() > MAX_EVENTS - events.len() {
            return Err(GalleryError::TooManySubjects { max: MAX_EVENTS - events.len() });
        }
        let erased: Vec<Event> =
            gone.iter().map(|(_, entry)| self.event(EventKind::Erase).subject(entry.uid)).collect();
        events.splice(0..0, erased);
        kept.sort_by_key(|(_, entry)| entry.directory.at);
        let stop = |_: &GalleryError| self.ledger().stop();
        let number = writer.records.number.saturating_add(1);
        let dropped = Dropped {
            subjects: gone.iter().map(|(_, entry)| entry.uid).collect(),
            entries: self.ledger().beginning(leaving.entries)?,
        };
        let Built { records, source, moved, log } = self.build(number, &keyring, &kept, dropped).inspect_err(stop)?;
        {
            // The rest is short, and is copied while nothing can be added.
            let mut ledger = self.ledger();
            ledger.check_writable()?;
            // What waits may name them.
            ledger.flush()?;
            let switched = log.finish(&ledger, events).and_then(|log| {
                install_keyring(&*self.shared.disk, &keyring)?;
                Ok(log)
            });
            let (log, state, derived) = switched.inspect_err(|_| ledger.stop())?;
            ledger.switch(log, state, Some(derived));
            ledger.erased.extend(gone.iter().map(|(_, entry)| entry.uid));
        }
        let generation = keyring.generation();
        *writer = Writer { records, source, keyring, provider };
        gone.iter().for_each(|(subject, _)| self.shared.people.remove(subject));
        self.shared.people.moved(moved);
        clear_others(&*self.shared.disk, generation, number).inspect_err(stop)?;
        let mut ledger = self.ledger();
        end_intent(&mut ledger).inspect_err(|_| ledger.stop())?;
        Ok(gone.len())
    }

    /// Writes all subjects and the current log under new keys. Verifications continue and add to the old log.
    fn build(
        &self,
        number: u32,
        keyring: &Keyring,
        people: &[(SubjectId, Arc<Entry>)],
        dropped: Dropped,
    ) -> Result<Built, GalleryError> {
        let disk = &*self.shared.disk;
        let keys = Arc::new(Keys::new(keyring));
        let file = new_file(disk, &name_of(FileKind::Records, number))?;
        let source = Arc::new(Source { file: Arc::clone(&file), keys: Arc::clone(&keys) });
        let mut records = RecordsFile::create(number, file, Arc::clone(&keys))?;
        let moved = copy_people(&mut records, &source, people)?;
        let file_of = |kind| new_file(disk, &name_of(kind, keys.generation));
        let (log, derived) = (file_of(FileKind::Log)?, Derived::create(&keys, &dropped.entries, file_of)?);
        let holds = Holds {
            file: number,
            end: records.end(),
            subjects: moved.len() as u64,
            records: moved.iter().map(|(_, entry)| entry.records.len() as u64).sum(),
        };
        let mut next = NextLog::create(log, derived, keys, holds, dropped)?;
        let (log, state) = {
            let ledger = self.ledger();
            (ledger.log.reader(), ledger.state.clone())
        };
        next.copied = Mark::first(state.retired.len());
        next.copy(&log, &state)?;
        next.log.file.sync()?;
        Ok(Built { records, source, moved, log: next })
    }
}

/// What the next generation does without.
#[derive(Clone, Copy, Default)]
struct Leaving<'a> {
    subjects: &'a [SubjectId],
    /// Entries of the log, from the first.
    entries: u64,
}

/// The same as the log knows it.
struct Dropped {
    /// Subjects whose events lose their content.
    subjects: HashSet<Uid>,
    /// The entries that are no longer there.
    entries: Frontier,
}

/// A generation that is not in effect yet.
struct Built {
    records: RecordsFile,
    source: Arc<Source>,
    moved: Vec<(SubjectId, Arc<Entry>)>,
    log: NextLog,
}

/// A new file of the next generation, replacing one from an interrupted attempt.
pub(super) fn new_file(disk: &dyn Disk, name: &str) -> Result<Arc<dyn DiskFile>, GalleryError> {
    remove_if_there(disk, name)?;
    Ok(disk.open(name, Access::Create)?)
}

/// Seals all subjects again, in the order of the old file.
fn copy_people(
    records: &mut RecordsFile,
    source: &Arc<Source>,
    people: &[(SubjectId, Arc<Entry>)],
) -> Result<Vec<(SubjectId, Arc<Entry>)>, GalleryError> {
    records.begin();
    let mut moved = Vec::with_capacity(people.len());
    for people in people.chunks(SEALED_AT_ONCE) {
        let sealed = on_threads(people, |(_, old)| Sealed::again(old, &source.keys));
        for ((subject, _), sealed) in people.iter().zip(sealed) {
            moved.push((subject.clone(), Arc::new(sealed?.write(records, source)?)));
        }
    }
    records.finish()?;
    records.committed();
    Ok(moved)
}

/// The log of the next generation while it is being written.
struct NextLog {
    log: LogFile,
    derived: Derived,
    state: State,
    /// How far the old log has been copied.
    copied: Mark,
    hidden: HashSet<Uid>,
    events: Vec<StoredEvent>,
}

impl NextLog {
    fn create(
        log: Arc<dyn DiskFile>,
        derived: Derived,
        keys: Arc<Keys>,
        holds: Holds,
        dropped: Dropped,
    ) -> Result<Self, GalleryError> {
        let log = LogFile::create(log, keys)?;
        let Dropped { subjects: hidden, entries: retired } = dropped;
        let state = State { holds, log: retired.clone(), retired, ..State::new(Settings::default()) };
        Ok(Self { log, derived, state, copied: Mark::first(0), hidden, events: Vec::new() })
    }

    /// Copies the entries that were added to the old log.
    fn copy(&mut self, old: &LogFile, until: &State) -> Result<(), GalleryError> {
        let whole = old.frames(self.copied, until.frames, &mut |frame, end| {
            self.copied.frames = end;
            self.copied.counter += 1;
            if !frame.is_intent {
                let before = self.state.retired.len().saturating_sub(self.copied.events);
                self.copied.events += frame.events.len() as u64;
                let retired = usize::try_from(before).unwrap_or(usize::MAX);
                let names_hidden = |event: &Event| event.subject.is_some_and(|uid| self.hidden.contains(&uid));
                let hide = |stored: StoredEvent| {
                    if stored.event().is_some_and(names_hidden) { stored.hidden() } else { stored }
                };
                self.events.extend(frame.events.into_iter().skip(retired).map(hide));
            }
            if self.events.len() >= EVENTS_PER_FRAME {
                self.write(false)?;
            }
            Ok(true)
        })?;
        if whole { Ok(()) } else { Err(GalleryError::Log { number: self.copied.events }) }
    }

    fn write(&mut self, is_intent: bool) -> Result<(), GalleryError> {
        // The settings are part of the last frame before the intent.
        let settings = is_intent.then(|| self.state.settings.clone());
        // An intent is one frame.
        let most = if is_intent { MAX_EVENTS } else { EVENTS_PER_FRAME };
        for events in chunks(std::mem::take(&mut self.events), most) {
            let frame = Frame {
                holds: Some(self.state.holds),
                settings: settings.clone(),
                is_intent,
                ends_intent: false,
                events,
            };
            self.state = self.log.append_unsynced(&self.state, &frame)?;
            self.derived.push(&frame, self.state.frames)?;
        }
        Ok(())
    }

    /// Copies the rest, states what to log once the old keys are destroyed, and makes everything durable.
    fn finish(mut self, ledger: &Ledger, events: Vec<Event>) -> Result<(LogFile, State, Derived), GalleryError> {
        self.copy(&ledger.log, &ledger.state)?;
        self.write(false)?;
        if self.state.log != ledger.state.log {
            return Err(GalleryError::Log { number: 0 });
        }
        self.state.settings = ledger.state.settings.clone();
        self.events = events.into_iter().map(StoredEvent::new).collect::<Result<_, _>>()?;
        self.write(true)?;
        self.state.attempts = ledger.state.attempts.clone();
        self.log.write_head(&self.state)?;
        self.log.file.sync()?;
        Ok((self.log, self.state, self.derived))
    }
}

fn chunks(mut events: Vec<StoredEvent>, most: usize) -> Vec<Vec<StoredEvent>> {
    let mut all = Vec::new();
    while events.len() > most {
        let rest = events.split_off(most);
        all.push(std::mem::replace(&mut events, rest));
    }
    if !events.is_empty() {
        all.push(events);
    }
    all
}

/// Gives a keyring its name, which puts its generation into effect.
pub(super) fn install_keyring(disk: &dyn Disk, keyring: &Keyring) -> Result<(), GalleryError> {
    remove_if_there(disk, NEW_KEYRING_FILE)?;
    let file = disk.open(NEW_KEYRING_FILE, Access::Create)?;
    // The names of the files that the keyring opens must not be lost when its own name is kept; and a key is written
    // only where a crash leaves a name by which it can be found and destroyed.
    disk.sync()?;
    file.write_at(0, &keyring.encode())?;
    file.sync()?;
    disk.rename(NEW_KEYRING_FILE, &name_of(FileKind::Keyring, keyring.generation()))?;
    Ok(disk.sync()?)
}
