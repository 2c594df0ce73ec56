//! The gallery's log: reading it, proving it, and when it reaches the disk.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use super::Gallery;
use super::check::{CheckReport, Problem, ProblemKind};
use super::core::{Core, Tag, Update};
use super::error::GalleryError;
use super::params::{FAILED_FILE, IDENTIFY_EVENTS, IDENTIFY_WAIT_MS, MAX_FAILED};
use crate::audit::{
    Actor, Chain, Event, EventKind, Hash, LogError, Outcome, consistency_proof, inclusion_proof, leaf_hash,
};
use crate::store::Table;
use crate::subject::SubjectId;

/// When the events of searches reach the disk. Every other event is there before its action is answered; a commit for each search would cost
/// more than the search.
///
/// An event that waits is lost if the process dies, and only then: the next commit of any kind writes it, and so does closing the gallery.
///
/// ```
/// use std::time::Duration;
/// use selfsame::gallery::LogPolicy;
/// let strict = LogPolicy::each(); // nothing is lost, and each search waits for the disk
/// let usual = LogPolicy::default(); // 256 searches or a second
/// let loose = LogPolicy::batches(10_000, Duration::from_secs(60));
/// # let _ = (strict, usual, loose);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPolicy {
    events: usize,
    wait: Duration,
}

impl LogPolicy {
    /// Each search is written before it is answered.
    #[must_use]
    pub fn each() -> Self {
        Self { events: 1, wait: Duration::ZERO }
    }

    /// As soon as so many searches wait, or one comes when the first has waited so long.
    #[must_use]
    pub fn batches(events: usize, wait: Duration) -> Self {
        Self { events: events.max(1), wait }
    }

    pub(super) fn is_due(self, waiting: usize, since: Duration) -> bool {
        waiting >= self.events || since >= self.wait
    }
}

impl Default for LogPolicy {
    fn default() -> Self {
        Self::batches(IDENTIFY_EVENTS, Duration::from_millis(IDENTIFY_WAIT_MS))
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// Its number, from 0.
    pub number: u64,
    /// What happened.
    pub event: Event,
    /// The subject's name, of subjects that are enrolled now; others are known by their keyed name only.
    pub subject: Option<SubjectId>,
}

/// Shows, without any key, that an entry is in a log of this size and root ([`verify_inclusion`](crate::audit::verify_inclusion)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InclusionProof {
    /// The entry's number.
    pub number: u64,
    /// Its hash.
    pub leaf: Hash,
    /// Entries of the log.
    pub size: u64,
    /// Root of the log.
    pub root: Hash,
    /// Hashes from the leaf up.
    pub path: Vec<Hash>,
}

/// Shows, without any key, that a log begins with an earlier one ([`verify_consistency`](crate::audit::verify_consistency)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsistencyProof {
    /// Entries of the earlier log.
    pub first: u64,
    /// Entries of the log.
    pub size: u64,
    /// Root of the log.
    pub root: Hash,
    /// Hashes.
    pub path: Vec<Hash>,
}

impl Gallery {
    /// Shows all events of the log from its beginning, each checked against those before. `visit` says whether to go on.
    ///
    /// # Errors
    /// [`GalleryError::Log`] with the number of the first entry that is not what was written; [`GalleryError::Store`].
    pub fn log(&self, visit: &mut dyn FnMut(LogEntry) -> bool) -> Result<(), GalleryError> {
        let mut core = self.core();
        core.flush()?;
        core.anchored()?;
        let names: HashMap<Tag, SubjectId> =
            self.shared.people.subjects().into_iter().map(|subject| (core.tag(&subject), subject)).collect();
        read(&core, &mut |number, event| {
            let subject = event.subject.and_then(|tag| names.get(&tag).cloned());
            visit(LogEntry { number, event, subject })
        })
    }

    /// Events from a moment on, milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// As [`Gallery::log`].
    pub fn log_since(&self, time: u64) -> Result<Vec<LogEntry>, GalleryError> {
        let mut found = Vec::new();
        self.log(&mut |entry| {
            if entry.event.time >= time {
                found.push(entry);
            }
            true
        })?;
        Ok(found)
    }

    /// Number of entries of the log and the root of the Merkle tree over them, for somebody outside to keep.
    ///
    /// # Errors
    /// [`GalleryError::Store`] when events that wait cannot be written.
    pub fn log_root(&self) -> Result<(u64, Hash), GalleryError> {
        let mut core = self.core();
        core.flush()?;
        core.anchored()?;
        Ok((core.chain.len(), core.chain.root()))
    }

    /// Proves that an entry is in the log as it is now. Reads the whole log.
    ///
    /// # Errors
    /// [`GalleryError::Log`] when there is no such entry; [`GalleryError::Store`].
    pub fn prove_inclusion(&self, number: u64) -> Result<InclusionProof, GalleryError> {
        let mut core = self.core();
        core.flush()?;
        core.anchored()?;
        let leaves = leaves(&core)?;
        let missing = GalleryError::Log(LogError::NotAuthentic { number });
        let place = usize::try_from(number).ok().filter(|n| *n < leaves.len());
        let Some((path, leaf)) = place.and_then(|n| inclusion_proof(&leaves, n).zip(leaves.get(n).copied())) else {
            return Err(missing);
        };
        Ok(InclusionProof { number, leaf, size: core.chain.len(), root: core.chain.root(), path })
    }

    /// Proves that the log as it is now begins with its first `size` entries, whose root somebody kept. Reads the whole log.
    ///
    /// # Errors
    /// [`GalleryError::Log`] when the log is shorter, or `size` is 0; [`GalleryError::Store`].
    pub fn prove_consistency(&self, size: u64) -> Result<ConsistencyProof, GalleryError> {
        let mut core = self.core();
        core.flush()?;
        core.anchored()?;
        let missing = GalleryError::Log(LogError::NotAuthentic { number: size });
        let leaves = leaves(&core)?;
        let path = usize::try_from(size).ok().and_then(|size| consistency_proof(&leaves, size)).ok_or(missing)?;
        Ok(ConsistencyProof { first: size, size: core.chain.len(), root: core.chain.root(), path })
    }

    /// Signs the log as it is, for somebody outside to keep. That it was signed stands in the log behind what was signed.
    ///
    /// # Errors
    /// [`GalleryError::Store`].
    #[cfg(feature = "checkpoints")]
    pub fn checkpoint(&self, key: &crate::audit::checkpoint::CheckpointKey) -> Result<String, GalleryError> {
        let mut core = self.core();
        core.flush()?;
        let event = self.event(EventKind::Checkpoint);
        let (size, root, time) = (core.chain.len(), core.chain.root(), event.time);
        let checkpoint = crate::audit::checkpoint::Checkpoint { gallery_id: core.gallery_id(), size, root, time };
        core.commit(Update::event(event))?;
        core.anchored()?;
        Ok(checkpoint.sign(key))
    }
}

fn leaves(core: &Core) -> Result<Vec<Hash>, GalleryError> {
    let mut leaves = Vec::new();
    core.store.scan(Table::Log, &[], &mut |_, entry| {
        leaves.push(leaf_hash(entry));
        true
    })?;
    // Proofs of something else than the log would convince nobody.
    if crate::audit::root(&leaves) != core.chain.root() {
        return Err(GalleryError::Log(LogError::State));
    }
    Ok(leaves)
}

/// Opens all entries in their order.
fn read(core: &Core, visit: &mut dyn FnMut(u64, Event) -> bool) -> Result<(), GalleryError> {
    let (mut chain, mut failed, mut stopped) = (Chain::new(core.gallery_id()), None, false);
    core.store.scan(Table::Log, &[], &mut |key, entry| {
        let number = chain.len();
        if key != number.to_be_bytes() {
            failed = Some(LogError::NotAuthentic { number });
            return false;
        }
        match chain.accept(core.log_key(), entry) {
            Ok(event) => stopped = !visit(number, event),
            Err(e) => failed = Some(e),
        }
        failed.is_none() && !stopped
    })?;
    match failed {
        Some(e) => Err(e.into()),
        None if !stopped && chain != core.chain => {
            Err(LogError::NotAuthentic { number: chain.len().min(core.chain.len()) }.into())
        }
        None => Ok(()),
    }
}

/// Whether the log is the one that the manifest knows: its end, or all of it.
pub(super) fn check(core: &Core, whole: bool, report: &mut CheckReport) -> Result<(), GalleryError> {
    let mut bad = None;
    if !core.chain_fits() {
        bad = Some(None);
    } else if whole {
        match read(core, &mut |_, _| {
            report.log_entries += 1;
            true
        }) {
            Err(GalleryError::Log(LogError::NotAuthentic { number } | LogError::Unknown { number, .. })) => {
                bad = Some(Some(number));
            }
            read => read?,
        }
    } else {
        let size = core.chain.len();
        let mut last = Vec::new();
        core.store.scan_from(Table::Log, &size.saturating_sub(1).to_be_bytes(), &mut |key, _| {
            last.push(key.to_vec());
            last.len() < 2
        })?;
        let expected = (size > 0).then(|| size.saturating_sub(1).to_be_bytes().to_vec());
        if last.first() != expected.as_ref() || last.len() > 1 {
            bad = Some(None);
        }
    }
    if let Some(entry) = bad {
        report.add(Problem { entry, ..Problem::new(ProblemKind::Log) });
    }
    Ok(())
}

/// Notes beside the gallery that somebody without its key tried to open it. Whoever can write there can also remove the note.
pub(super) fn note_failed_opening(keyring: &Path) {
    let path = keyring.with_file_name(FAILED_FILE);
    if fs::metadata(&path).is_ok_and(|m| m.len() >= 8 * MAX_FAILED as u64) {
        return;
    }
    let time = Event::now(EventKind::OpenFailed, Actor::default()).time;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // On a read-only disk there is no note; the refusal stands all the same.
    let _ = options.open(&path).and_then(|mut file| file.write_all(&time.to_be_bytes()));
}

/// Puts the notes of failed openings into the log.
pub(super) fn report_failed_openings(core: &mut Core, keyring: &Path, actor: &Actor) -> Result<(), GalleryError> {
    let path = keyring.with_file_name(FAILED_FILE);
    let Ok(file) = fs::File::open(&path) else { return Ok(()) };
    let mut bytes = Vec::new();
    if file.take(8 * MAX_FAILED as u64).read_to_end(&mut bytes).is_err() {
        return Ok(());
    }
    let (times, _) = bytes.as_chunks::<8>();
    let Some(last) = times.last() else { return Ok(()) };
    let event = Event::now(EventKind::OpenFailed, actor.clone()).outcome(Outcome::Refused).count(times.len());
    core.commit(Update::event(Event { time: u64::from_be_bytes(*last), ..event }))?;
    core.anchored()?;
    // Should it stay, it is reported again.
    let _ = fs::remove_file(&path);
    Ok(())
}
