//! Minutiae extraction: from a gray image to a template, one file per stage.
//!
//! There are two methods. The learned one (`learned`, feature `neural`) normalizes the image and runs a small network, whose
//! outputs are minutiae, ridge orientation, ridge period and foreground. The classical one (`classical`) is a chain:
//!
//! | stage | file | what it does |
//! |---|---|---|
//! | resolution | `resolution` | ridge period without trust in the resolution; shared by both |
//! | normalize | `normalize` | every pixel in deviations from the local mean; shared by both |
//! | segment | `segment`, `components` | foreground by strength and coherence of gradients |
//! | prints | `prints` | how many prints the foreground shows; shared by both |
//! | orientation | `orientation` | ridge orientation from gradient tensors at several scales |
//! | frequency | `frequency` | ridge period from power spectra across the ridges |
//! | enhance | `enhance`, `bank` | contextual Gabor filter; then orientation again, and again the filter |
//! | binarize | `binarize` | ridges are positive |
//! | thin | `thin` | ridges and valleys to lines one pixel wide |
//! | skeleton | `skeleton`, `clean` | lines as graphs; pores, gaps, tails and fragments removed |
//! | minutiae | `minutiae` | ends of ridges are endings, ends of valleys bifurcations |
//! | prune | `prune` | minutiae at the edge and in clouds dropped |
//! | singular | `singular` | cores, deltas, pattern class; shared by both |
//! | reasons | `reasons` | defects of the sample; shared by both |
//! | quality | `quality` | quality per minutia and per sample, ridge flow for the template; shared in part |
//!
//! The only thing known about the sensor is its resolution; constants are the same for all (`params`).

mod bank;
mod binarize;
mod classical;
mod clean;
mod components;
mod enhance;
mod error;
mod extractor;
mod found;
mod frequency;
#[cfg(feature = "neural")]
mod learned;
mod minutiae;
mod normalize;
mod orientation;
mod params;
mod prints;
mod prune;
mod quality;
mod reasons;
mod resolution;
mod segment;
mod singular;
mod skeleton;
mod smooth;
mod thin;
mod trace;

#[cfg(test)]
mod tests;

pub use error::{ExtractError, ExtractorBuilderError};
pub use extractor::{Extractor, ExtractorBuilder};
#[cfg(feature = "neural")]
pub use learned::{Model, ModelError};
pub use resolution::{RidgePeriod, ridge_period};
pub use trace::{Stage, TraceSink};
