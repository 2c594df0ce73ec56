//! Updates of an anchor: after each commit, by one thread at a time, with no lock held.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::anchor::{Anchor, AnchorState};
use super::error::GalleryError;
use super::ledger::Ledger;

/// The anchor of a gallery, if it has one.
#[derive(Default)]
pub(super) struct Anchoring {
    slot: Mutex<Slot>,
    turn: Condvar,
}

#[derive(Default)]
struct Slot {
    /// Taken out while it is updated.
    anchor: Option<Box<dyn Anchor>>,
    told: Option<AnchorState>,
    busy: Option<ThreadId>,
}

impl Anchoring {
    /// Sets an anchor and the state it remembers.
    pub(super) fn set(&self, anchor: Option<Box<dyn Anchor>>, told: Option<AnchorState>) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        (slot.anchor, slot.told) = (anchor, told);
    }

    /// Returns once the anchor knows every commit made before the call. An anchor that uses the gallery during its own
    /// update does not wait for itself.
    pub(super) fn advance(&self, ledger: &Mutex<Ledger>) -> Result<(), GalleryError> {
        let state = || ledger.lock().unwrap_or_else(PoisonError::into_inner).anchor_state();
        let mut wanted: Option<u64> = None;
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if slot.busy == Some(thread::current().id()) || (slot.busy.is_none() && slot.anchor.is_none()) {
                return Ok(());
            }
            if wanted.is_none() {
                drop(slot);
                wanted = Some(state().size);
                slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if slot.told.is_some_and(|told| Some(told.size) >= wanted) {
                return Ok(());
            }
            if slot.busy.is_some() {
                slot = self.turn.wait(slot).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let Some(mut anchor) = slot.anchor.take() else { return Ok(()) };
            let told = slot.told;
            slot.busy = Some(thread::current().id());
            drop(slot);
            let turn = Turn { anchoring: self };
            let (now, proof) = {
                let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
                let proof = told.map_or(Ok(Vec::new()), |told| {
                    let size = ledger.state.log.len();
                    Ok(ledger.prove_consistency(told.size, size)?.0)
                });
                (ledger.anchor_state(), proof)
            };
            let done = proof.and_then(|proof| Ok(anchor.advance(&now, &proof)?));
            let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
            slot.anchor = Some(anchor);
            if done.is_ok() {
                slot.told = Some(now);
            }
            drop(slot);
            drop(turn);
            return done;
        }
    }
}

/// Ends a turn, even when the anchor panics.
struct Turn<'a> {
    anchoring: &'a Anchoring,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.anchoring.slot.lock().unwrap_or_else(PoisonError::into_inner).busy = None;
        self.anchoring.turn.notify_all();
    }
}
