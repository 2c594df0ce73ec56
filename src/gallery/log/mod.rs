//! What a gallery's log is made of: events, a Merkle tree over them, signed checkpoints.
//!
//! A gallery seals its events in frames that stand in one order ([`crate::gallery`]). Over them stands a Merkle tree as in RFC 6962 (Certificate
//! Transparency), whose leaves commit to the events without telling them, and whose proofs need no key: a third party that keeps the
//! root can be shown that an entry is in the log ([`verify_inclusion`]), and that a later log holds all of an earlier one
//! ([`verify_consistency`]). The tree stays the same when the gallery gets new keys. With the feature `checkpoints` a root is signed by Ed25519
//! ([`Checkpoint`](checkpoint::Checkpoint)).
//!
//! **Who is kept out.** Without the gallery's keys nothing is read and nothing is made. Whoever has them can write another log; only a root, a
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
