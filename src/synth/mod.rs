//! Synthetic data with known truth: prints, minutiae templates and face embeddings.
//!
//! Everything is seeded: an item depends only on the seed and its numbers, so any item can be made on its own, in any
//! order, with any number of threads, and with the same bits on every machine. Error rates on synthetic data are not
//! comparable with those on real people.

pub mod face;
mod math;
mod noise;
pub mod print;
mod random;
pub mod templates;

pub use face::{FaceGenerator, FaceIdentity};
pub use print::{
    GroundTruth, ImpressionSettings, Level, MasterPrint, PatternClass, PrintGenerator, Sensor, SyntheticImpression,
};
pub use templates::{TemplateGenerator, Variation};
