//! Minutiae comparison.
//!
//! | step | file |
//! |---|---|
//! | prepare: cap, order, describe, pack | `packed`, `cylinder`, `descriptor`, `hull` |
//! | settings, and what the index asks for | `finger` |
//! | one comparison, step after step | `comparison` |
//! | unfold for one comparison | `probe`, `side` |
//! | local similarities, best pairs | `local` |
//! | relaxation | `relax` |
//! | early termination | `hopeless` |
//! | consolidation from several seeds | `consolidate`, `matching`, `align`, `placed` |
//! | evidence, raw similarity, decibels | `evidence`, `model`, `calibrate` |
//! | storage for a scan, and in files | `segment`, `stored` |
//! | cheap similarities for shortlists | `coarse`, `support` |
//! | the comparison explained to people | `explain`, [`explanation`] |
//! | one reference from several impressions | [`merge`], `pairs` |
//!
//! # What a score promises
//!
//! A score is `-10 * log10(FMR)`: 30 dB means one false match in 1,000 comparisons of different fingers.
//! `cargo run --release --example calibration -- FOLDER:PPI ...` shows the fit.
//!
//! - **Up to 50 dB a score is backed by data**: 3 million comparisons of real prints, 12 million for templates of other
//!   extractors. Beyond that, it only ranks strength.
//! - **Few minutiae**: templates of a few minutiae cannot score high.
//! - **Very many minutiae**: two strangers' templates of 255 minutiae and more with one common quality can score high.
//!   Of 8,000 random pairs, two were above 50 dB. [`Extractor`](crate::Extractor) keeps 128 minutiae at most.
//! - **Sensors differ**: over the eight folders of `docs/benchmarks.md` a stated 30 dB (1e-3) was a measured false
//!   match rate of 0 to 2.4e-3, on average 0.5e-3, with the network, and of 0 to 3.5e-3, on average 1.3e-3, with image
//!   filters (`selfsame eval fingerprint DIR --ppi N` prints it).
//! - **The resolution must be right.** It is not guessed, and a wrong one costs matches.
//! - **Kinds of prints**: the comparison was developed on flat and swiped prints at 500 ppi; latent prints from crime
//!   scenes, palms and prints of small children were not among them.

mod align;
mod calibrate;
mod coarse;
mod comparison;
mod consolidate;
mod cylinder;
mod descriptor;
mod direction;
mod evidence;
mod explain;
pub mod explanation;
mod finger;
mod flow;
mod hopeless;
mod hull;
mod local;
mod matching;
pub mod merge;
mod model;
mod packed;
mod pairs;
mod params;
mod placed;
mod probe;
mod relax;
mod segment;
mod side;
mod sketch;
mod stored;
mod support;

pub use finger::Finger;
pub use packed::FingerReference;
#[cfg(feature = "gallery")]
pub(crate) use params::FORM;
pub use probe::FingerProbe;
pub use sketch::FingerSketches;

#[cfg(test)]
mod tests;
