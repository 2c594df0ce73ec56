//! A log that cannot be changed unseen: sealed events in a chain, a Merkle tree over them, signed checkpoints.
//!
//! Each event is sealed with the gallery, its number and the hash of all before it as associated data, so an entry that is changed,
//! moved, doubled or put in another log does not open, and one that is dropped leaves the next unreadable. Over the sealed entries stands a
//! Merkle tree as in RFC 6962 (Certificate Transparency), whose proofs need no key: a third party that keeps the root can be shown that
//! an entry is in the log ([`inclusion_proof`]), and that a later log holds all of an earlier one ([`consistency_proof`]). With
//! the feature `checkpoints` a root is signed by Ed25519 ([`Checkpoint`](checkpoint::Checkpoint)).
//!
//! **Who is kept out.** Without the log's key nothing is read and nothing is made. Whoever has the key can write another log; only a root, a
//! checkpoint or an anchor outside tells it from the first. Whoever can put back all files can put back the log; again only something
//! outside tells.
//!
//! Scores are logged in coarse steps ([`ScoreBucket`]): exact ones would let somebody who can read the log climb to a match.

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

mod chain;
#[cfg(feature = "checkpoints")]
pub mod checkpoint;
mod event;
mod merkle;

pub use chain::{Chain, LogError, MAX_ENTRY, open_entry};
pub use event::{Actor, ActorError, Event, EventKind, Outcome, ScoreBucket};
pub use merkle::{
    Frontier, Hash, consistency_proof, empty_root, inclusion_proof, leaf_hash, root, verify_consistency,
    verify_inclusion,
};
