//! One function per fuzz target, which panics when a promise is broken.
//!
//! `tests/corpus.rs` of the crate replays `fuzz/seeds/TARGET/` through the same functions, so old crashes stay fixed.
//!
//! | target | input | property |
//! |---|---|---|
//! | [`align_face`] | sides, landmarks, pixels | an aligned face within the picture's brightness, the same twice |
//! | [`decode_calibration`] | a calibration's file | written back the same, scores never decrease with the cosine |
//! | [`decode_raw`] | a dimension, then plain floats | rows match the whole, all enrolled or none |
//! | [`decode_image`] | a file | pixels within the limits, as many as width times height |
//! | [`decode_wsq`] | a WSQ file | as many pixels as width times height, also after writing and reading again |
//! | [`finger_image_record`] | a finger image record | written back to the byte, images no larger than the limits |
//! | [`an2k_file`] | an ANSI/NIST-ITL file | written back to the byte, images no larger than the limits |
//! | [`decode_model`] | a network's weights, with or without a valid checksum | accepted weights run, the same twice |
//! | [`decode_template`] | a file, its first byte chooses the format | a decoded record survives a round trip |
//! | [`decode_npy`] | a `.npy` file | rows match the whole |
//! | [`embedding`] | numbers of 4 bytes | unit length, idempotent, symmetric cosine |
//! | [`extract_image`] | side lengths, then pixels | minutiae inside the image, the same twice |
//! | [`compare_templates`] | two lists of minutiae | a symmetric score in range |
//! | [`merge_impressions`] | impressions of one finger or not | a template, the same twice |
//! | [`dedup_checkpoint`] | a checkpoint, with or without a valid checksum | written back the same |
//! | [`sealed_record`] | a place and sealed bytes | nothing opens except bytes sealed for that place |
//! | [`keyring`] | a keyring, with or without a valid code | written back the same, and rotates |
//! | [`gallery_ops`] | operations | same answers as a list, now and after reopening; the log has all operations |
//! | [`gallery_damage`] | changes of a gallery's files | it does not open, or answers as before; checking writes nothing |
//! | [`journal`] | opened contents of a gallery's blocks, frames and heads | written back the same |
//! | [`onnx_export`] | a model's file before the runtime reads it | never much larger than it was |
//! | [`index_file`] | the opened groups and tables of an index's file | written back the same, and compares or ranks |
//! | [`log_archive`] | an archive of a log; changes of a real one | nothing is read but what was written |
//! | [`protected_code`] | a protected template | written back the same |
//! | [`renewable_ops`] | operations | same answers as a map of versions |
//! | [`anchor_file`] | an anchor's file; a tree and changes of its proofs | an anchor moves only forward; changed proofs are rejected |
//! | `record_FORMAT` | a record of that format | unchanged by writing, reading and writing; standards to the byte |
//! | [`record_detect`] | a record of any format | decoding without a format equals that with the detected one |
//! | [`record_cut`] | a place to cut, then a record | same answer in other memory; a cut record is rejected |
//! | [`record_convert`] | a format, then a record of it | every format writes it and reads it back |
//! | [`simd_kernels`] | a kernel, then bytes for its input | same bits as the readable form on every instruction set |
//! | [`index_ops`] | operations | same answers as a naive list of all references |

mod align;
mod bytes;
mod face;
mod finger;
mod format;
mod gallery;
mod index;
#[cfg(fuzzing)]
mod memory;
mod npy;
mod protect;
mod record;
mod seal;

/// A kernel, then bytes for its input. Kernels are not accessible without `--cfg fuzzing`, which `cargo fuzz` sets; the
/// crate's own tests replay the seeds.
#[cfg(fuzzing)]
pub use selfsame::check_kernels as simd_kernels;
/// As above, for builds where they are not accessible.
#[cfg(not(fuzzing))]
pub fn simd_kernels(_: &[u8]) {}

/// The opened contents of a gallery's files, which a fuzzer could not seal. They are not accessible without
/// `--cfg fuzzing`.
#[cfg(fuzzing)]
pub use selfsame::gallery::check_journal as journal;
/// As above, for builds where they are not accessible.
#[cfg(not(fuzzing))]
pub fn journal(_: &[u8]) {}

/// What the frames of an index's file hold once they are opened: out of reach without `--cfg fuzzing`.
#[cfg(fuzzing)]
pub use selfsame::gallery::check_index_rows as index_file;
/// As above: nothing to be reached.
#[cfg(not(fuzzing))]
pub fn index_file(_: &[u8]) {}

#[cfg(fuzzing)]
pub use selfsame::face::embed::check_export as onnx_export;
/// As above: nothing to be reached.
#[cfg(not(fuzzing))]
pub fn onnx_export(_: &[u8]) {}

pub use align::{align_face, decode_calibration, decode_raw};
pub use face::embedding;
pub use finger::{compare_templates, decode_model, extract_image, merge_impressions};
pub use format::{an2k_file, decode_image, decode_template, decode_wsq, dedup_checkpoint, finger_image_record};
pub use gallery::{anchor_file, gallery_damage, gallery_ops, log_archive};
pub use index::index_ops;
pub use npy::decode_npy;
pub use protect::{protected_code, renewable_ops};
pub use record::{
    record_ansi2004, record_ansi2009, record_ansi2009am1, record_card, record_card_compact, record_convert, record_cut,
    record_detect, record_iso2005, record_iso2011, record_piv, record_sourceafis, record_ssft, record_xyt,
    record_xyt_m1,
};
pub use seal::{keyring, sealed_record};
