//! Compaction: the records that count are copied into a new file, and a frame of the log puts it in the place of the old one.
//!
//! Nothing is sealed again: names, keys and sealed bytes stay, and only blocks are new. Everything copied is opened first, so that what a disk
//! changed is reported and never passed on under a new code. Changes continue meanwhile and are copied at the end. Until the frame
//! is written the old file counts, and another file of records is removed by the next opening.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::disk::remove_if_there;
use super::error::GalleryError;
use super::handle::{Gallery, Shared};
use super::journal::{BLOCK_FRAME, End, FileKind, NO_RECORDS, RecordsFile, name_of};
use super::ledger::Draft;
use super::log::{Actor, Event, EventKind};
use super::params::{BLOCK_BODY, COMPACTED_FROM, COMPACTED_SHARE, COPIED_AT_ONCE};
use super::people::{Entry, Source};
use super::rewrite::new_file;
use super::seal::Opened;
use crate::subject::SubjectId;

impl Gallery {
    /// Rewrites the file of records without what was replaced, deleted or removed, under the same keys, and returns the
    /// bytes freed. Searches and changes continue meanwhile. It takes some ten microseconds per record, and room for
    /// both files. The log records it.
    ///
    /// A gallery does this by itself, in the background, once a fifth of its file no longer counts (and 8 MiB at
    /// least), unless [`GalleryBuilder::compact_by_hand`](super::GalleryBuilder::compact_by_hand) was called. A
    /// rotation, an erasure or the end of the gallery interrupts it; nothing is lost but the work. [`Gallery::info`]
    /// says how much a compaction would free.
    ///
    /// Freed bytes are not destroyed: for subjects who must be forgotten there is [`Gallery::erase`].
    ///
    /// # Errors
    /// [`GalleryError::Canceled`] when a rotation, an erasure or the end of the gallery was waiting;
    /// [`GalleryError::Seal`] when a record does not open; [`GalleryError::Io`]. The gallery is then as before, unless
    /// the log could not be written.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn compact(&self) -> Result<u64, GalleryError> {
        self.compact_until(&AtomicBool::new(false))
    }

    /// [`Gallery::compact`], which gives up soon after `flag` becomes true.
    ///
    /// # Errors
    /// As for [`Gallery::compact`]; [`GalleryError::Canceled`].
    pub fn compact_until(&self, flag: &AtomicBool) -> Result<u64, GalleryError> {
        let turn = self.shared.compactions.begin();
        let freed = self.shared.compact(&self.actor, &|| flag.load(Ordering::Relaxed))?;
        drop(turn);
        self.anchored()?;
        Ok(freed)
    }

    /// [`Gallery::compact`], if enough no longer counts that the gallery would do it by itself: for a program that ends
    /// too soon after its change for the background.
    ///
    /// # Errors
    /// As for [`Gallery::compact`].
    pub fn compact_if_due(&self) -> Result<u64, GalleryError> {
        if self.shared.unlogged.is_none() && self.shared.is_due() { self.compact() } else { Ok(0) }
    }

    /// Starts a thread that compacts the file of records, if enough of it no longer counts and there is none yet.
    pub(super) fn compact_when_due(&self) {
        let compactions = &self.shared.compactions;
        if self.shared.compacts_by_hand || !self.shared.is_due() || compactions.has_thread.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let (gallery, actor) = (Arc::downgrade(&self.shared), self.actor.clone());
        let thread = std::thread::Builder::new().name("selfsame-compact".into()).spawn(move || {
            let Some(shared) = gallery.upgrade() else { return };
            // Whoever waits for the lock goes first.
            if let Some(_turn) = shared.compactions.try_begin() {
                match shared.compact(&actor, &|| false) {
                    Ok(_) | Err(GalleryError::Canceled) => {}
                    Err(_) => {
                        // A disk that is full is not filled again with every change.
                        let (len, _) = shared.record_bytes();
                        let later = len.saturating_add(len / COMPACTED_SHARE);
                        shared.compactions.not_before.store(later, Ordering::Relaxed);
                    }
                }
            }
            shared.compactions.has_thread.store(false, Ordering::Release);
            let _ = shared.anchor.advance(&shared.ledger);
        });
        if thread.is_err() {
            compactions.has_thread.store(false, Ordering::Release);
        }
    }
}

impl Shared {
    /// Bytes of the file of records, and how many of them no longer count.
    pub(super) fn record_bytes(&self) -> (u64, u64) {
        let len = self.ledger().state.holds.end.at;
        (len, len.saturating_sub(NO_RECORDS.saturating_add(self.people.stored())))
    }

    fn is_due(&self) -> bool {
        let (len, dead) = self.record_bytes();
        let enough = COMPACTED_FROM.max(len / COMPACTED_SHARE);
        dead > enough && len >= self.compactions.not_before.load(Ordering::Relaxed)
    }

    /// Compacts the file of records; the caller keeps others from doing the same.
    fn compact(&self, actor: &Actor, canceled: &dyn Fn() -> bool) -> Result<u64, GalleryError> {
        let go_on = || if canceled() || self.compactions.must_end() { Err(GalleryError::Canceled) } else { Ok(()) };
        let (number, keys) = {
            let writer = self.writer();
            self.ledger().check_writable()?;
            let (len, dead) = self.record_bytes();
            if dead <= (len / BLOCK_BODY as u64).saturating_add(1).saturating_mul(BLOCK_FRAME) {
                return Ok(0);
            }
            (writer.records.number.saturating_add(1), Arc::clone(&writer.source.keys))
        };
        let name = name_of(FileKind::Records, number);
        let file = new_file(&*self.disk, &name)?;
        let built = (|| -> Result<Copy, GalleryError> {
            let source = Arc::new(Source { file: Arc::clone(&file), keys: Arc::clone(&keys) });
            let mut copy = Copy { records: RecordsFile::create(number, file, keys)?, source, moved: HashMap::new() };
            // What changes meanwhile is copied in further rounds, and the last changes while nothing else changes.
            while copy.round(self.people.all(), &go_on)? > COPIED_AT_ONCE {}
            copy.records.finish()?;
            Ok(copy)
        })();
        // Until the frame is written, the gallery does without the new file.
        let undone = |error: GalleryError| {
            let _ = remove_if_there(&*self.disk, &name);
            error
        };
        let mut copy = built.map_err(undone)?;
        let mut writer = self.writer();
        let end = (|| -> Result<End, GalleryError> {
            self.ledger().check_writable()?;
            copy.round(self.people.all(), &go_on)?;
            let end = copy.records.finish()?;
            // The name must not be lost when the frame that depends on it is kept.
            self.disk.sync()?;
            Ok(end)
        })();
        let end = end.map_err(undone)?;
        let event = Event::now(EventKind::Compact, actor.clone());
        self.ledger().commit(Draft { records_end: Some((number, end)), ..Draft::event(event) })?;
        copy.records.committed();
        let old = std::mem::replace(&mut writer.records, copy.records);
        writer.source = copy.source;
        self.people.moved(copy.moved.into_iter().map(|(subject, (_, new))| (subject, new)).collect());
        let freed = old.len().saturating_sub(writer.records.len());
        // A file that stays is removed by the next opening.
        let _ = remove_if_there(&*self.disk, &name_of(FileKind::Records, old.number));
        Ok(freed)
    }
}

/// The new file of records while it is being written.
struct Copy {
    records: RecordsFile,
    source: Arc<Source>,
    /// Where each subject stood, and where the subject stands in the new file.
    moved: HashMap<SubjectId, (Arc<Entry>, Arc<Entry>)>,
}

impl Copy {
    /// Marks those who are gone since the last round, and copies everyone who is new or changed, in the order of the old
    /// file. Returns how many were copied.
    fn round(
        &mut self,
        mut all: Vec<(SubjectId, Arc<Entry>)>,
        go_on: &dyn Fn() -> Result<(), GalleryError>,
    ) -> Result<usize, GalleryError> {
        if all.iter().filter(|(subject, _)| self.moved.contains_key(subject)).count() < self.moved.len() {
            let there: HashSet<&SubjectId> = all.iter().map(|(subject, _)| subject).collect();
            for (_, (old, _)) in self.moved.extract_if(|subject, _| !there.contains(subject)) {
                self.records.gone(&old.tag)?;
            }
        }
        all.retain(|(subject, entry)| !self.moved.get(subject).is_some_and(|(old, _)| Arc::ptr_eq(old, entry)));
        all.sort_by_key(|(_, entry)| entry.directory.at);
        let (copied, mut buffer) = (all.len(), Opened::default());
        for some in all.chunks(COPIED_AT_ONCE) {
            go_on()?;
            for (subject, entry) in some {
                let new = entry.copy(&mut self.records, &self.source, &mut buffer)?;
                let before = self.moved.insert(subject.clone(), (Arc::clone(entry), Arc::new(new)));
                debug_assert!(before.is_none_or(|(old, _)| old.tag == entry.tag));
            }
        }
        Ok(copied)
    }
}
