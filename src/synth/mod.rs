//! Synthetic data with known truth: prints, minutiae templates and face embeddings.
//!
//! Everything is seeded: an item depends on the seed and its numbers alone, so any item can be made on its own, in any
//! order, at any number of threads, with the same bits on every machine.

mod math;
mod noise;
pub mod print;
mod random;

pub use print::{
    GroundTruth, ImpressionSettings, Level, MasterPrint, PatternClass, PrintGenerator, Sensor, SyntheticImpression,
};
