//! **selfsame** finds out whether two fingerprints or two faces belong to the same person, one against one or one against many.
//!
#![cfg_attr(feature = "decode", doc = "```")]
#![cfg_attr(not(feature = "decode"), doc = "```ignore")]
//! use selfsame::index::{Index, Search};
//! use selfsame::{Comparator, Extractor, Finger, FingerImage, Fmr, Limits, Ppi, SubjectId, Threshold};
//!
//! let extractor = Extractor::new();
//! let template = |path| -> Result<_, Box<dyn std::error::Error>> {
//!     // The resolution is never guessed: a wrong one costs matches.
//!     let image = FingerImage::decode(&std::fs::read(path)?, Ppi::new(500.0)?, &Limits::default())?;
//!     Ok(extractor.extract(&image)?)
//! };
//! let enrolled = template("fixtures/print_0_0_optical_clean.png")?;
//! let probe = template("fixtures/print_0_1_optical_good.png")?;
//!
//! // 1:1, at one false match in 100,000 comparisons of different fingers.
//! let threshold = Threshold::at_fmr(Fmr::new(1e-5)?)?;
//! let score = Comparator::<Finger>::new().compare_templates(&probe, &enrolled)?;
//! assert!(score.meets(threshold));
//!
//! // 1:N, where a stranger is found in one search of a hundred, however many references there are.
//! let mut index = Index::<Finger>::default();
//! index.insert(SubjectId::new("ada")?, &enrolled)?;
//! let probe = index.prepare(&probe)?;
//! let found = index.identify(&probe, &Search::top(5).at_fpir(Fmr::new(1e-2)?))?;
//! assert_eq!(found[0].subject.as_str(), "ada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to start
//!
//! | I have | look at |
//! |---|---|
//! | two images of fingers | [`FingerImage`] decodes and resamples to 500 ppi, [`Extractor`] finds the minutiae, [`Comparator`] compares |
//! | pixels in memory, or an `ndarray` view | [`FingerImage::from_gray8`], and the other constructors of [`FingerImage`] |
//! | WSQ files, image records, ANSI/NIST-ITL files, JPEG 2000 | [`image::wsq`], [`format::finger_image`], [`format::an2k`]; JPEG 2000 needs the feature `jpeg2000` |
//! | templates in a standard's format, or a system that wants one | [`mod@format`]: every edition in and out, with losses reported |
//! | an image that may be poor | the quality of a [`FingerTemplate`] and its reasons, in [`fingerprint::quality`] |
//! | a wish to see what the extraction does | [`Extractor::extract_traced`], and [`draw`] for pictures of it |
//! | a thousand or a million prints | [`index`]: exact, or a shortlist with a measured loss |
//! | two face embeddings of 64 to 4096 dimensions | [`Embedding`], [`Comparator`] of [`Face`]; what a cosine means depends on the model that made them |
//! | a million faces | [`index`] and [`face`]: floats, half floats, bytes or bits; exact by way of proved bounds, or a shortlist of bits |
//! | face pictures and an ONNX model of my own | [`face::align`] for five landmarks, [`face::embed`] for the model (feature `onnx`) |
//! | cosines whose meaning is unknown | [`face::compare::CosineCalibration`]: the false match rate that belongs to a cosine of this model |
//! | several fingers, several impressions, fingers and faces | [`fusion`] for their scores, [`Finger::merge`] for one reference of several impressions |
//! | somebody who may be enrolled twice | [`index::Dedup`]: all pairs, interrupted and resumed |
//! | people that must be kept encrypted on a disk | [`gallery`]: enroll, verify, identify, erase; durable, logged, checked on opening |
//! | templates that must be revocable | [`protect`]: renewable codes, and what they do not promise |
//! | a log that an auditor must believe | [`gallery::log`]: Merkle proofs, and signed checkpoints (feature `checkpoints`) |
//! | labeled data, and the question how good this is | [`eval`]: EER, FMR100, FMR1000, ZeroFMR and DET with confidence intervals; TAR at FAR, rank 1 and FNIR at FPIR for faces |
//! | no data | [`synth`]: prints with exact minutiae, templates, face embeddings |
//! | a modality of my own | [`Modality`], which [`Comparator`] and [`index::Index`] are generic over |
//!
//! The [`guide`] answers what no single item answers: thresholds, sizes, threads, where people are kept, and the usual tasks one by one.
//!
//! A threshold comes from a false match rate ([`Threshold::at_fmr`]), or from the rate at which a search of a whole gallery may return a stranger
//! ([`Threshold::at_fpir`]). What a fingerprint score promises, and where its data end, is documented in [`fingerprint::compare`].
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `decode` | yes | image files: PNG, TIFF, BMP, PNM and JPEG (WSQ needs no feature) |
//! | `neural` | yes | the learned extractor and its three sets of weights, one of them trained on synthetic prints alone |
//! | `ndarray` | yes | `ndarray` views as images and embeddings, without a copy |
//! | `gallery` | | [`gallery`] with its keys and its log, and [`protect`] |
//! | `checkpoints` | | signed roots of a gallery's log |
//! | `draw` | | pictures of stages and minutiae |
//! | `eval` | | error rates |
//! | `synth` | | synthetic data |
//! | `onnx` | | embeddings by a face model in ONNX format |
//! | `jpeg2000` | | JPEG 2000 images; needs Rust 1.92 |
//! | `cli` | | the command `selfsame`; a library user never needs it |
//!
//! Without `neural`, [`Extractor::new`] uses image filters; no other feature changes a result. `--no-default-features` builds.
// The tables above link to modules of every feature; the documentation is made with all of them.
#![cfg_attr(
    not(all(
        feature = "checkpoints",
        feature = "decode",
        feature = "draw",
        feature = "eval",
        feature = "gallery",
        feature = "onnx",
        feature = "synth"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]

mod bytes;
#[cfg(feature = "draw")]
pub mod draw;
#[cfg(feature = "eval")]
pub mod eval;
pub mod face;
pub mod fingerprint;
pub mod format;
pub mod fusion;
#[cfg(feature = "gallery")]
pub mod gallery;
pub mod geometry;
pub mod guide;
pub mod image;
pub mod index;
pub mod limits;
pub mod modality;
#[cfg(feature = "gallery")]
pub mod protect;
pub mod score;
mod simd;

/// Kernels against their readable form; built with `--cfg fuzzing` alone.
#[cfg(fuzzing)]
#[doc(hidden)]
pub use simd::check::check as check_kernels;
pub mod subject;
#[cfg(feature = "synth")]
pub mod synth;
pub mod text;

pub use face::compare::{Cosine, Face};
pub use face::embedding::Embedding;
pub use fingerprint::compare::Finger;
pub use fingerprint::extract::Extractor;
pub use fingerprint::minutia::{Minutia, MinutiaKind};
pub use fingerprint::position::FingerPosition;
pub use fingerprint::template::FingerTemplate;
pub use image::{FingerImage, Ppi};
pub use limits::Limits;
pub use modality::{Comparator, Modality};
pub use score::{Fmr, Score, Threshold};
pub use subject::SubjectId;

/// Compiles and runs the program of the README.
#[cfg(all(doctest, feature = "decode"))]
#[doc = include_str!("../README.md")]
struct Readme;
