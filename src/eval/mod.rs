//! Error rates: how well genuine comparisons are separated from impostor ones.
//!
//! | question | module |
//! |---|---|
//! | error rates of any scores: EER, FNMR at an FMR, DET curve | [`score_set`] |
//! | selection of samples, and comparison in parallel | [`protocol`] |
//! | confidence intervals of the rates | [`bootstrap`] |
//! | a fingerprint set as in the Fingerprint Verification Competitions | [`fingerprint`] |
//! | face embeddings: verification and identification | [`face`] |
//! | extracted minutiae against ground truth | [`extraction`] |
//! | renewable templates: their cost, their unlinkability, the leak through a stolen key | `protect` |
//! | value of a sample quality: error against reject | [`reject`] |
//!
//! Nothing here reads files or makes plots: results are plain numbers with a text form. All rates are shares of 0..=1.

pub mod bootstrap;
mod error;
pub mod extraction;
pub mod face;
pub mod fingerprint;
pub mod histogram;
mod params;
#[cfg(feature = "gallery")]
pub mod protect;
pub mod protocol;
pub mod reject;
pub mod score_set;

pub use error::EvalError;
pub use histogram::Histogram;
pub use score_set::{DetPoint, Rates, ScoreSet};
