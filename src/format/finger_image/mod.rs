//! ISO/IEC 19794-4 (2005 and 2011) and ANSI/INCITS 381-2004 finger image records.
//!
//! [`FingerImageRecord`] keeps every field unchanged, so that encoding a decoded record gives the same bytes;
//! [`FingerImageRecord::image`] decodes one of its images. Both older standards begin with the same eight bytes, and the ANSI one
//! has four bytes more in its header; the lengths of the views show which one it is. Layouts were confirmed with NIST's
//! BioMDI and JMRTD, that of 2011 with MOSIP's `bio-utils` and IDEMIA's `iso19794` for Python. Not supported:
//! ANSI/INCITS 381-2009, whose layout was not confirmed, packed pixels, and depths other than 8 bits.

mod image;
mod model;
mod read;
mod representation;
mod write;

pub use self::model::{Edition, FingerImageRecord, MAGIC, Representation, View};
pub use super::payload::{ImageCoding, ImageEncoding};
