//! What each fuzz target does with its input: one function per target, which panics when a promise is broken.
//!
//! `tests/corpus.rs` of the crate replays `fuzz/seeds/TARGET/` through the same functions, so an old crash stays away.
//!
//! | target | input | held |
//! |---|---|---|
//! | [`align_face`] | sides, landmarks, pixels | an aligned face within the picture's brightness, the same twice |
//! | [`decode_calibration`] | a calibration's file | what was read is written back the same, scores never fall |
//! | [`decode_raw`] | a dimension, then plain floats | rows are those of the whole, all enrolled or none |
//! | [`decode_image`] | a file | no more pixels than the limits, as many as width times height |
//! | [`decode_model`] | a network's weights, with or without a right checksum | what was read runs, the same twice |
//! | [`decode_template`] | a file, its first byte chooses the format | what was decoded survives a round trip |
//! | [`decode_npy`] | a `.npy` file | rows are those of the whole |
//! | [`embedding`] | numbers of 4 bytes | unit length, idempotent, symmetric cosine |
//! | [`extract_image`] | side lengths, then pixels | minutiae inside the image, the same twice |
//! | [`compare_templates`] | two lists of minutiae | a symmetric score in range |
//! | [`merge_impressions`] | impressions of one finger or not | a template, the same twice |
//! | [`dedup_checkpoint`] | a checkpoint, with or without a right checksum | what was read is written back the same |
//! | [`face_index_ops`] | forms of storage, then operations | what a naive list of all embeddings answers, now and in snapshots |
//! | [`index_ops`] | operations | what a naive list of all references answers |

mod align;
mod bytes;
mod face;
mod face_index;
mod finger;
mod format;
mod index;

pub use align::{align_face, decode_calibration, decode_raw};
pub use face::embedding;
pub use face_index::{decode_npy, face_index_ops};
pub use finger::{compare_templates, decode_model, extract_image, merge_impressions};
pub use format::{decode_image, decode_template, dedup_checkpoint};
pub use index::index_ops;
