//! Face embeddings: verification of given pairs and of all pairs, closed- and open-set identification.
//!
//! Cosines belong to the model that made the embeddings; nothing here depends on a calibration.

mod all_pairs;
mod calibrate;
mod each;
mod forms;
mod identification;
mod pairs;
mod rows;
#[cfg(test)]
mod tests;

pub use all_pairs::{AllPairs, all_pairs};
pub use calibrate::{FaceCalibration, FaceThreshold, calibrate};
pub use forms::{FormRates, Storage, by_form};
pub use identification::{Identification, OpenSet, identification};
pub use pairs::{FacePair, PairVerification, verify_pairs};
