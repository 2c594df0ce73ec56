//! New keys for a gallery.

use std::sync::{Arc, PoisonError};

use super::Gallery;
use super::core::{Core, Tag, Update};
use super::error::GalleryError;
use super::params::ROTATED_PER_COMMIT;
use crate::audit::{Actor, Event, EventKind};
use crate::seal::{KeyProvider, SealError};
use crate::store::{Change, Table};

impl Gallery {
    /// Another passphrase, key file or key service from now on. Nothing but the keyring's small file is written; the master keys stay, so
    /// whoever has an old copy of the keyring and its passphrase still opens the gallery: [`Gallery::rotate_keys`] is against that.
    ///
    /// # Errors
    /// [`GalleryError::Keyring`] when the provider or the disk fails.
    pub fn change_provider(&self, provider: Arc<dyn KeyProvider>) -> Result<(), GalleryError> {
        let mut held = self.shared.provider.lock().unwrap_or_else(PoisonError::into_inner);
        let mut core = self.core();
        core.rewrap(&*provider)?;
        *held = provider;
        core.commit(Update::event(self.event(EventKind::ChangeProvider)))?;
        core.anchored()
    }

    /// New master keys: the key of every subject is sealed anew, some microseconds each. Records stay as they are. A crash on the way loses
    /// nothing, and the next opening goes on.
    ///
    /// # Errors
    /// [`GalleryError::Keyring`] or [`GalleryError::Store`].
    pub fn rotate_keys(&self) -> Result<(), GalleryError> {
        let provider = self.provider();
        rotate(&mut self.core(), &*provider, &self.actor)
    }

    pub(super) fn provider(&self) -> Arc<dyn KeyProvider> {
        Arc::clone(&self.shared.provider.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Begins a rotation and brings it to its end.
pub(super) fn rotate(core: &mut Core, provider: &dyn KeyProvider, actor: &Actor) -> Result<(), GalleryError> {
    if core.keyring.previous_epoch().is_none() {
        core.keyring.begin_epoch(provider)?;
        if let Err(e) = core.keyring_place.save(&core.keyring) {
            core.stop();
            return Err(e.into());
        }
    }
    go_on(core, actor)
}

/// Brings a rotation to its end that has begun.
pub(super) fn go_on(core: &mut Core, actor: &Actor) -> Result<(), GalleryError> {
    let epoch = core.keyring.epoch().to_be_bytes();
    let mut first: Tag = [0; 32];
    loop {
        let mut found: Vec<(Tag, Vec<u8>)> = Vec::new();
        core.store.scan_from(Table::Keys, &first, &mut |tag, stored| {
            if let Ok(tag) = <Tag>::try_from(tag)
                && !stored.starts_with(&epoch)
            {
                found.push((tag, stored.to_vec()));
            }
            found.len() < ROTATED_PER_COMMIT
        })?;
        let mut update = Update::default();
        for (tag, stored) in &found {
            let key = core.subject_key(tag, stored).ok_or(SealError::NotAuthentic)?;
            update.changes.push(Change::put(Table::Keys, tag, core.wrap(tag, &key)?));
        }
        let more = found.last().filter(|_| found.len() == ROTATED_PER_COMMIT);
        if more.is_none() {
            update.events.push(Event::now(EventKind::RotateKeys, actor.clone()));
        }
        // The manifest too is sealed under the new keys, when there is nobody to seal anew.
        core.commit(update)?;
        let Some((last, _)) = more else { break };
        first = *last;
    }
    core.keyring.finish_epoch()?;
    if let Err(e) = core.keyring_place.save(&core.keyring) {
        core.stop();
        return Err(e.into());
    }
    core.anchored()
}
