//! ISO/IEC 19794-4 (2005 and 2011) and ANSI/INCITS 381-2004 finger image records.
//!
//! [`FingerImageRecord`] keeps every field as it stands in the bytes, so that encoding what was decoded gives the same bytes;
//! [`FingerImageRecord::image`] decodes one of its images. Both older standards begin with the same eight bytes, and the ANSI one
//! has four bytes more in its header; the lengths of the views tell which it is. Layouts were confirmed with NIST's BioMDI and
//! JMRTD, that of 2011 with MOSIP's `bio-utils` and IDEMIA's `iso19794` for Python. Not read: ANSI/INCITS 381-2009, whose layout
//! was not confirmed, pixels packed into bits, other depths than 8 bits.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod image;
mod model;
mod read;
mod representation;
mod write;

pub use self::model::{Edition, FingerImageRecord, MAGIC, Representation, View};
pub use super::payload::{ImageCoding, ImageEncoding};
