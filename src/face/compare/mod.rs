//! Cosine comparison of embeddings.
//!
//! | step | file |
//! |---|---|
//! | settings, and the interface to the index | `face` |
//! | an embedding on either side | `probe` |
//! | a probe in narrow forms, and bounds of their errors | `query` |
//! | probes side by side for kernels | `groups` |
//! | rows in the requested forms | `form`, `segment`, `blocks` |
//! | bytes of rows, read once for all probes | `bytes` |
//! | rows as bytes of a file | `row` |
//! | rows that may reach a bar | `scan` |
//! | rows ranked for a shortlist | `rank` |
//! | cosines in decibels | `calibration` |
//!
//! | rows | scan | bytes per embedding at 512 dimensions | exact search |
//! |---|---|---|---|
//! | `F32` | - | 2048 | identical to comparing the embeddings; reads 2048 bytes each |
//! | `F32` | `I8` | 2568 | the same result; reads 520 bytes |
//! | `F32` | `I8`, `Bit` | 2632 | the same result; a shortlist reads 64 bytes |
//! | `F16` | `I8`, `Bit` | 1608 | identical to comparing the embeddings rounded to half precision |
//! | `I8` | - | 520 | identical to comparing the embeddings rounded to bytes |
//! | `Bit` | - | 64 | identical to comparing the probe with signs: a rough estimate |
//!
//! The probe is never rounded. In addition an index needs at most 3 % for the tables of rows, the subjects' names, and
//! a reserve in its last segment.

mod blocks;
mod bytes;
mod calibration;
mod cosine;
mod face;
mod form;
mod groups;
mod params;
mod probe;
mod query;
mod rank;
mod row;
mod scan;
mod segment;
mod stored;

pub use calibration::{CalibrationError, CosineCalibration};
pub use cosine::{Cosine, CosineError};
pub use face::Face;
pub use form::{Form, FormError};
pub use probe::{FaceProbe, FaceReference};

#[cfg(test)]
mod tests;
