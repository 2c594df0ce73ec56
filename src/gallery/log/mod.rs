//! The parts of a gallery's log: events, a Merkle tree over them, signed checkpoints.
//!
//! A gallery seals its events in frames in a fixed order ([`crate::gallery`]). Over the events there is a Merkle tree
//! as in RFC 6962 (Certificate Transparency). Its leaves commit to the events without revealing them, and its proofs
//! need no key: a third party that keeps the root can be shown that an entry is in the log ([`verify_inclusion`]), and
//! that a later log contains all of an earlier one ([`verify_consistency`]). The tree does not change when the gallery
//! gets new keys. With the feature `checkpoints`, a root is signed with Ed25519
//! ([`Checkpoint`](checkpoint::Checkpoint)).
//!
//! **Attackers.** Without the gallery's keys the log cannot be read or written. Anyone with the keys can write another
//! log; only a root, a checkpoint or an anchor kept outside distinguishes it from the original. Anyone who can restore
//! all files can restore an old log; again only something outside reveals it.
//!
//! Scores are logged in coarse steps ([`ScoreBucket`]): with exact scores, someone who can read the log could climb to
//! a match.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

#[cfg(feature = "checkpoints")]
pub mod checkpoint;
mod event;
mod merkle;

pub(crate) use event::now;
pub use event::{Actor, ActorError, Event, EventKind, Outcome, ScoreBucket};
pub use merkle::{
    Frontier, Hash, consistency_proof, empty_root, inclusion_proof, leaf_hash, root, verify_consistency,
    verify_inclusion,
};
pub(crate) use merkle::{join, split_of};
