//! **selfsame** decides whether two fingerprints or two faces belong to the same person: one to one, or one to many.
//!
#![cfg_attr(feature = "decode", doc = "```")]
#![cfg_attr(not(feature = "decode"), doc = "```ignore")]
//! use selfsame::index::{Index, Search};
//! use selfsame::{Comparator, Extractor, Finger, FingerImage, Fmr, Limits, Ppi, SubjectId, Threshold};
//!
//! let extractor = Extractor::new();
//! let template = |path| -> Result<_, selfsame::Error> {
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
//! // 1:N, where one search in a hundred returns a stranger, at any number of references.
//! let mut index = Index::<Finger>::default();
//! index.insert(SubjectId::new("ada")?, &enrolled)?;
//! let probe = index.prepare(&probe)?;
//! let found = index.identify(&probe, &Search::top(5).at_fpir(Fmr::new(1e-2)?))?;
//! assert_eq!(found[0].subject.as_str(), "ada");
//! # Ok::<(), selfsame::Error>(())
//! ```
//!
//! # Where to start
//!
//! | I have | Look at |
//! |---|---|
//! | two images of fingers | [`FingerImage`] decodes and resamples to 500 ppi, [`Extractor`] finds the minutiae, [`Comparator`] compares |
//! | pixels in memory, or an `ndarray` view | [`FingerImage::from_gray8`], and the other constructors of [`FingerImage`] |
//! | WSQ files, image records, ANSI/NIST-ITL files, JPEG 2000 | [`image::wsq`], [`format::finger_image`], [`format::an2k`]; JPEG 2000 needs the feature `jpeg2000` |
//! | templates in a standard format, or a system that needs one | [`mod@format`]: every edition in and out, with losses reported |
//! | an image of doubtful quality | the quality of a [`FingerTemplate`] and its reasons, in [`fingerprint::quality`] |
//! | an extraction to inspect | [`Extractor::extract_traced`], and [`draw`] for pictures of each stage |
//! | a score that somebody must explain | [`Comparator::explain`], and [`draw::Compared`] for a picture of it |
//! | thousands to millions of prints | [`index`]: exact, or a shortlist with a measured loss |
//! | two face embeddings of 64 to 4096 dimensions | [`Embedding`], [`Comparator`] of [`Face`]; the meaning of a cosine depends on the model |
//! | a million faces | [`index`] and [`face`]: floats, half floats, bytes or bits; exact through proven bounds, or a shortlist by bits |
//! | face pictures and an ONNX model of my own | [`face::align`] for five landmarks, [`face::embed`] for the model (feature `onnx`) |
//! | cosines with no known error rate | [`face::compare::CosineCalibration`]: the false match rate at each cosine of your model |
//! | several fingers, several impressions, fingers and faces | [`fusion`] for their scores, [`Finger::merge`] for one reference of several impressions |
//! | people who may be enrolled twice | [`index::Dedup`]: compares all pairs; can be interrupted and resumed |
//! | people whose data must be encrypted on disk | [`gallery`]: enroll, verify, identify, erase; durable, logged, checked when opened |
//! | templates that must be revocable | [`protect`]: renewable codes and their limits |
//! | a log that an auditor must be able to verify | [`gallery::log`]: Merkle proofs, and signed checkpoints (feature `checkpoints`) |
//! | labeled data to measure accuracy on | [`eval`]: EER, FMR100, FMR1000, ZeroFMR and DET with confidence intervals; TAR at FAR, rank 1 and FNIR at FPIR for faces |
//! | no data | [`synth`]: prints with exact minutiae, templates, face embeddings |
//! | my own modality | [`Modality`], which [`Comparator`] and [`index::Index`] are generic over |
//!
//! The [`guide`] answers what no single item answers: thresholds, sizes, threads, persistence, and nine common tasks.
//!
//! A threshold comes from a false match rate ([`Threshold::at_fmr`]), or from the rate at which a search of a whole
//! gallery may return a stranger ([`Threshold::at_fpir`]). [`fingerprint::compare`] documents what a fingerprint score
//! promises and how far its data reach.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `decode` | yes | image files: PNG, TIFF, BMP, PNM and JPEG (WSQ needs no feature) |
//! | `neural` | yes | the learned extractor and its three sets of weights, one of them trained only on synthetic prints |
//! | `ndarray` | yes | `ndarray` views as images and embeddings, without a copy |
//! | `gallery` | | [`gallery`] with its keys and log, and [`protect`] |
//! | `checkpoints` | | signed checkpoints of a gallery's log |
//! | `draw` | | pictures of extraction stages, minutiae and comparisons |
//! | `eval` | | error rates |
//! | `synth` | | synthetic data |
//! | `onnx` | | embeddings computed by a face model in ONNX format |
//! | `jpeg2000` | | JPEG 2000 images; needs Rust 1.92 |
//! | `serde` | | scores, candidates, reports, positions and qualities as data; never templates, embeddings or keys |
//! | `tracing` | | spans of extractions, searches and gallery operations; they hold counts, nothing biometric |
//! | `cli` | | the command `selfsame`; not needed to use the library |
//!
//! Without `neural`, [`Extractor::new`] uses image filters; no other feature changes a result. The crate also builds
//! with `--no-default-features`.
// The tables above link to modules behind every feature; the documentation is built with all features.
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
mod error;
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
#[cfg(feature = "serde")]
mod plain;
#[cfg(feature = "gallery")]
pub mod protect;
pub mod score;
mod simd;

/// Compares kernels with their readable form; built only with `--cfg fuzzing`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub use simd::check::check as check_kernels;
/// For `benches/cost.rs`.
#[doc(hidden)]
pub use simd::instruction_set::without_kernels;
pub mod subject;
#[cfg(feature = "synth")]
pub mod synth;
pub mod text;

pub use error::Error;
pub use face::compare::{Cosine, Face};
pub use face::embedding::Embedding;
pub use fingerprint::compare::Finger;
pub use fingerprint::extract::Extractor;
pub use fingerprint::minutia::{Minutia, MinutiaKind};
pub use fingerprint::position::FingerPosition;
pub use fingerprint::template::FingerTemplate;
pub use half;
pub use image::{FingerImage, Ppi};
pub use limits::Limits;
pub use modality::{Comparator, Modality};
#[cfg(feature = "ndarray")]
pub use ndarray;
pub use score::{Fmr, Score, Threshold};
pub use subject::SubjectId;

/// Compiles and runs the program of the README.
#[cfg(all(doctest, feature = "decode"))]
#[doc = include_str!("../README.md")]
struct Readme;
