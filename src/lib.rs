//! **selfsame** finds out whether two fingerprints or two faces belong to the same person: one against one, or one
//! against many.
//!
//! The crate is laid out in floors; a module imports only from floors below its own.
//!
//! | floor | modules | what they hold |
//! |---|---|---|
//! | 0 | `bytes`, [`limits`], [`score`], [`text`] | fields in bytes, numbers, and text that is safe to show |
//! | 1 | [`fusion`], [`geometry`], `simd`, [`modality`], [`subject`] | fused scores, angles, grids, kernels, the trait an index is generic over, names |
//! | 2 | [`image`], [`fingerprint::minutia`], [`fingerprint::position`], [`fingerprint::quality`], [`fingerprint::singular`], [`fingerprint::template`], [`face::embedding`], `seal` | samples and templates; sealing and keys |
//! | 3 | [`fingerprint::extract`], [`fingerprint::compare`], [`face::align`], [`face::compare`], [`mod@format`], `audit` | extraction, alignment, comparison, codecs; the log |
//! | 4 | [`index`], [`face::index`], `protect` | 1:N search over rayon, of any modality, of faces and of renewable templates |
//! | 5 | `gallery`, `draw`, [`eval`], `face::embed`, [`synth`] | sealed galleries, pictures, error rates, synthetic data |

#[cfg(feature = "gallery")]
pub mod audit;
mod bytes;
#[cfg(feature = "draw")]
pub mod draw;
pub mod eval;
pub mod face;
pub mod fingerprint;
pub mod format;
pub mod fusion;
#[cfg(feature = "gallery")]
pub mod gallery;
pub mod geometry;
pub mod image;
pub mod index;
pub mod limits;
pub mod modality;
#[cfg(feature = "gallery")]
pub mod protect;
pub mod score;
#[cfg(feature = "gallery")]
pub mod seal;
mod simd;

/// Kernels against their readable form; built with `--cfg fuzzing` alone.
#[cfg(fuzzing)]
#[doc(hidden)]
pub use simd::check::check as check_kernels;
pub mod subject;
pub mod synth;
pub mod text;

pub use face::compare::{Cosine, Face};
pub use face::embedding::Embedding;
pub use face::index::FaceIndex;
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

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
