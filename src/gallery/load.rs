//! Opening galleries, and checking them without opening.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::anchor::{Anchor, AnchorState};
use super::anchoring::Anchoring;
use super::builder::GalleryBuilder;
use super::check::walk_log;
use super::disk::{Access, Disk, Folder, LockKind, remove_if_there};
use super::error::GalleryError;
use super::handle::{Gallery, Writer};
use super::journal::{NO_RECORDS, Settings};
use super::ledger::{Draft, Ledger};
use super::log::{Event, EventKind};
use super::opening::{Files, failed_openings, lock, may_not_write, note_failed_opening, present};
use super::params::FAILED_FILE;
use super::people::{Entry, People};
use super::readonly::Unlogged;
use super::report::CheckReport;
use super::walk::{Found, Rows, Walk};
use crate::face::embedding::FaceModel;
use crate::index::Index;
use crate::subject::SubjectId;

impl GalleryBuilder {
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
        let mut report = walk(&files, None)?.report;
        let anchor = self.anchor.take();
        let mut looked_at = Ledger::new(Arc::clone(&disk), files.log.reader(), files.state.clone(), true);
        let marks = looked_at.stored_marks()?;
        walk_log(&files.log, marks.as_ref(), &files.state, &mut report)?;
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
    ) -> Result<Option<AnchorState>, GalleryError> {
        let held = anchor.map(Anchor::get).transpose()?.flatten();
        let now = ledger.anchor_state();
        let unused = ledger.keys().generation == 1 && ledger.state.holds.end.at == NO_RECORDS;
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
        let rows = Rows::new(People::face(held.as_ref().or(self.model.as_ref()))?);
        let Found { report, subjects, rows } = walk(&files, Some(&rows))?;
        if !report.is_sound() {
            return Err(GalleryError::Tampered(Box::new(report)));
        }
        let people = people(subjects, rows)?;
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
        gallery.compact_when_due();
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
}

fn walk(files: &Files, rows: Option<&Rows>) -> Result<Found, GalleryError> {
    let Files { records, source, state, .. } = files;
    Walk { records, source, state, go_on: &|| Ok(()) }.run(rows)
}

/// The indexes of everyone.
fn people(subjects: Vec<(SubjectId, Arc<Entry>)>, rows: Option<Rows>) -> Result<People, GalleryError> {
    let uneven = || GalleryError::Damaged { what: "a subject has samples twice" };
    let Some(Rows { fingers, faces }) = rows else { return People::new(None) };
    let (fingers, faces) = rayon::join(
        || Index::of_parts(fingers.modality, fingers.parts).ok_or_else(uneven),
        || faces.map(|faces| Index::of_parts(faces.modality, faces.parts).ok_or_else(uneven)).transpose(),
    );
    Ok(People::of(fingers?, faces?, subjects))
}
