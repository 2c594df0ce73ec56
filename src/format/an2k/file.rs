//! A file and its records.

use super::fixed::FixedImage;
use super::note::Note;
use super::tagged::{DATA, TaggedRecord};

/// The field of a Type-1 record that lists the other records.
pub(super) const CONTENT: u16 = 3;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// A record of numbered fields.
    Tagged(TaggedRecord),
    /// A Type-4 record: a finger image of 500 ppi with a binary header.
    Fixed(FixedImage),
    /// Another binary record (Type-3, 5, 6, 7, 8), kept byte for byte.
    Binary {
        /// Its type.
        kind: u8,
        /// Its bytes after the four bytes of its length.
        bytes: Vec<u8>,
    },
}

impl Record {
    /// The record's type.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            Self::Tagged(record) => record.kind(),
            Self::Fixed(_) => FixedImage::KIND,
            Self::Binary { kind, .. } => *kind,
        }
    }
}

/// A file: a Type-1 record and the records that it lists.
///
/// ```
/// use selfsame::format::an2k::{An2kFile, Record, TaggedRecord, Transaction};
/// use selfsame::format::finger_image::ImageEncoding;
/// use selfsame::image::Gray8;
/// use selfsame::{FingerPosition, Limits, Ppi};
/// let transaction =
///     Transaction { kind: "DEMO", date: "20261127", destination: "DAI000000", origin: "ORI000000", control: "1" };
/// let image = Gray8::new(300, 400, vec![200; 300 * 400]).expect("pixels");
/// let mut file = An2kFile::new(&transaction);
/// let encoding = ImageEncoding::Wsq(0.75);
/// file.push(Record::Tagged(TaggedRecord::finger_image(
///     1, &image, FingerPosition::RightIndex, Ppi::P500, encoding, "ORI000000", "20261127",
/// )?))?;
/// let again = An2kFile::decode(&file.encode()?, &Limits::default())?;
/// assert_eq!(again.records().len(), 2);
/// assert_eq!(again.image(1, &Limits::default())?, image);
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct An2kFile {
    pub(super) records: Vec<Record>,
    /// Bytes after the last record, kept for writing.
    pub(super) trailing: Vec<u8>,
    pub(super) notes: Vec<Note>,
}

impl An2kFile {
    /// Whether the bytes begin like a Type-1 record.
    ///
    /// ```
    /// use selfsame::format::an2k::An2kFile;
    /// assert!(An2kFile::detect(b"1.001:161\x1D1.002:0300\x1D"));
    /// assert!(!An2kFile::detect(b"1.5 2.0 3\n"));
    /// ```
    #[must_use]
    pub fn detect(bytes: &[u8]) -> bool {
        bytes.starts_with(b"1.001:") || bytes.starts_with(b"1.01:")
    }

    /// Indices of the records that hold an image of a finger or a latent print (Type-4, 13 and 14), in order; records
    /// of fingers without an image are passed over, with a note. [`An2kFile::contents`] has more about each.
    pub fn images(&self) -> impl Iterator<Item = usize> {
        let holds = |record: &Record| match record {
            Record::Fixed(record) => !record.data.is_empty(),
            Record::Tagged(record) => {
                matches!(record.kind(), 13 | 14) && record.field(DATA).is_some_and(|data| !data.value().is_empty())
            }
            Record::Binary { .. } => false,
        };
        self.records.iter().enumerate().filter(move |(_, record)| holds(record)).map(|(index, _)| index)
    }

    /// What was found in the file that differs from what its fields say.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The records, the Type-1 record first.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The Type-1 record.
    pub(super) fn first(&self) -> Option<&TaggedRecord> {
        match self.records.first() {
            Some(Record::Tagged(record)) => Some(record),
            _ => None,
        }
    }
}
