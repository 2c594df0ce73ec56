//! Taking people out.

use super::Gallery;
use super::core::{Core, Update};
use super::error::GalleryError;
use crate::audit::EventKind;
use crate::store::{Change, Table};
use crate::subject::SubjectId;

impl Gallery {
    /// Removes subjects: they are found no more, and their records are deleted. Their bytes may stay in free pages of the file for a while,
    /// sealed, and whoever has the gallery's keys can still open them: [`Gallery::erase`] is for those who must be forgotten. Tells how many
    /// were enrolled.
    ///
    /// # Errors
    /// [`GalleryError::Store`] when the disk fails.
    pub fn delete(&self, subjects: &[SubjectId]) -> Result<usize, GalleryError> {
        let mut core = self.core();
        self.take_out(&mut core, subjects, EventKind::Delete)
    }

    /// Removes subjects so that their records open no more, not even for somebody with the gallery's current keys and every page that the
    /// store's file ever had: after the deletion the gallery gets new master keys, the old ones leave the keyring, and the store's file is
    /// compacted. That seals the keys of all other subjects anew, some microseconds each, so several are better erased at once.
    ///
    /// Where it ends: a copy of the *keyring* from before, with the passphrase or key that opened it, opens a copy of the store from before.
    /// Backups must be destroyed, or the key that wraps their keyring (a key service can do that; of a passphrase nobody can be sure).
    ///
    /// # Errors
    /// As [`Gallery::delete`]; an error after the deletion leaves a rotation that the next opening finishes.
    pub fn erase(&self, subjects: &[SubjectId]) -> Result<usize, GalleryError> {
        let provider = self.provider();
        let mut core = self.core();
        let removed = self.take_out(&mut core, subjects, EventKind::Erase)?;
        super::rotate::rotate(&mut core, &*provider, &self.actor)?;
        core.store.compact()?;
        core.anchored()?;
        Ok(removed)
    }

    fn take_out(&self, core: &mut Core, subjects: &[SubjectId], kind: EventKind) -> Result<usize, GalleryError> {
        let mut update = Update::default();
        let mut gone: Vec<&SubjectId> = Vec::new();
        for subject in subjects {
            let tag = core.tag(subject);
            if gone.contains(&subject) || core.store.get(Table::Keys, &tag)?.is_none() {
                continue;
            }
            let mut places = 0;
            core.store.scan(Table::Records, &tag, &mut |key, _| {
                update.changes.push(Change::delete(Table::Records, key));
                places += 1;
                true
            })?;
            update.changes.push(Change::delete(Table::Keys, &tag));
            update.subjects -= 1;
            update.events.push(self.event(kind).subject(tag));
            // The directory is no record.
            update.records -= (places - 1).max(0);
            gone.push(subject);
        }
        if !gone.is_empty() {
            core.commit(update)?;
        }
        gone.iter().for_each(|subject| self.shared.people.remove(subject));
        core.anchored()?;
        Ok(gone.len())
    }
}
