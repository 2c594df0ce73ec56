//! ANSI/NIST-ITL files (traditional encoding), the exchange format of police and border agencies.
//!
//! A file is a list of records. Records of numbered fields (Type-1, 2, 9, 10 and above) are kept field by field, Type-4
//! records with their fixed header, and other binary records byte for byte; so every field survives a round trip, even
//! of kinds that this crate does not use. Images of Type-4, 13 and 14 are decoded. Field numbers and layouts were
//! confirmed with NIST's NBIS. Minutiae of Type-9 in the standard format (9.005 to 9.012) are converted to templates
//! and back; those of the INCITS 378 block (9.126 to 9.137) are only read; the extended feature set (9.300 and on) and
//! the blocks of vendors are kept as fields. The INCITS block is not written because the items of its first two fields
//! were not confirmed.
//!
//! What a file says of itself is often wrong while the bytes leave no doubt: an image of another size or coding than stated, a
//! finger without an image, white space after the end. Such files are read, and [`An2kFile::notes`] says what was found.

mod contents;
mod field;
mod file;
mod fixed;
mod image;
mod incits;
mod minutiae;
mod note;
mod read;
mod tagged;
mod write;

pub use self::field::Field;
pub use self::file::{An2kFile, Record};
pub use self::fixed::FixedImage;
pub use self::note::{Absence, Note};
pub use self::tagged::TaggedRecord;
pub use self::write::Transaction;
