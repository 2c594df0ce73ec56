//! What all parts share.

use crate::failure::Failure;

/// Seed of the synthetic people.
pub const SEED: u64 = 1;

/// A result that was not as it must be.
pub fn wrong(what: &str) -> Failure {
    Failure::plain(format!("{what} went wrong, so nothing is timed: this must be told to the authors"))
}
