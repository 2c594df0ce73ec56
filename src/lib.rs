//! **selfsame** finds out whether two fingerprints or two faces belong to the same person: one against one, or one
//! against many.
//!
//! The crate is laid out in floors; a module imports only from floors below its own.
//!
//! | floor | modules | what they hold |
//! |---|---|---|
//! | 0 | [`limits`], [`score`], [`subject`] | numbers and names |
//! | 1 | [`fusion`], [`geometry`], `simd`, [`modality`] | fused scores, angles, grids, kernels, the trait an index is generic over |
//! | 2 | [`image`], [`fingerprint::minutia`], [`fingerprint::position`], [`fingerprint::quality`], [`fingerprint::singular`], [`fingerprint::template`], [`face::align`], [`face::embedding`] | samples and templates |
//! | 3 | [`fingerprint::extract`], [`fingerprint::compare`], [`face::compare`], [`mod@format`] | extraction, comparison, codecs |
//! | 4 | [`index`], [`face::index`] | 1:N search over rayon, of any modality and of faces |
//! | 5 | `draw`, [`eval`], `face::embed`, [`synth`] | pictures, error rates, embeddings by a model of the user's own, synthetic data |

#[cfg(feature = "draw")]
pub mod draw;
pub mod eval;
pub mod face;
pub mod fingerprint;
pub mod format;
pub mod fusion;
pub mod geometry;
pub mod image;
pub mod index;
pub mod limits;
pub mod modality;
pub mod score;
mod simd;
pub mod subject;
pub mod synth;

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
