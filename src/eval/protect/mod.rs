//! What renewable templates cost in accuracy, how well they are unlinkable, and what a leaked key gives away.
//!
//! | question | file |
//! |---|---|
//! | how alike templates of one person under two keys are | `linkage` |
//! | faces: accuracy, linkage, inversion | `faces` |
//! | fingers: accuracy, linkage, inversion | `fingers` |
//! | minutiae from a finger's code and its key | `stitch` |
//!
//! The attacks are those of somebody who has the templates and the key. They succeed: whoever has both can make a sample that is taken for
//! the person. What is measured is how often.

mod faces;
mod fingers;
mod linkage;
mod stitch;

pub use faces::{FaceLeak, FaceProtection, faces};
pub use fingers::{FingerLeak, FingerProtection, fingers};
pub use linkage::{Linkage, unlinkability};

/// Pairs of each kind from which linkage is measured; with fewer the measure is mostly noise.
const LINKED_PAIRS: usize = 10_000;
/// People whose templates are inverted.
const INVERTED: usize = 1000;
/// Steps of the ascent that refines an inversion.
const ASCENT: usize = 200;
/// False match rate of the unprotected comparison that inverted samples are presented to.
const LEAK_FMR: f64 = 1e-3;

/// The secret of a trial; measurements are the same every time.
fn secret(trial: u64) -> crate::seal::SecretKey {
    crate::seal::SecretKey::from_bytes(&[0x5e; 32]).derive(b"eval/protect", &trial.to_be_bytes())
}
