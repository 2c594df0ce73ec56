//! What was found in a file that is not as its fields say.

use std::fmt;

use super::super::coding::ImageCoding;
use super::super::contents::finger;
use super::super::mending::Mending;
use crate::fingerprint::position::FingerPosition;

/// Why a record of a finger holds no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Absence {
    /// The finger is amputated (`XX`).
    Amputated,
    /// The finger could not be printed, for example because of a bandage (`UP`).
    Unprintable,
    /// The record gives no reason.
    Unstated,
}

/// Something in a file that differs from what its fields say; the file was read all the same, in the only way that makes sense.
///
/// ```
/// use selfsame::format::an2k::Note;
/// let note = Note::Size { record: 2, stated: Some((800, 750)), actual: (388, 374) };
/// assert_eq!(note.to_string(), "record 2 states 800 x 750 pixels, its image has 388 x 374: the image's own size was taken");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// A record of a finger holds no image and was passed over.
    NoImage {
        /// Index of the record.
        record: usize,
        /// The finger.
        position: Option<FingerPosition>,
        /// The reason that the record gives.
        reason: Absence,
    },
    /// The image has another size than the record states; its own size is used.
    Size {
        /// Index of the record.
        record: usize,
        /// The stated width and height.
        stated: Option<(u32, u32)>,
        /// The image's own.
        actual: (u32, u32),
    },
    /// The image has another coding than the record states; it is read as what its bytes are.
    Coding {
        /// Index of the record.
        record: usize,
        /// The stated coding, if it is known.
        stated: Option<ImageCoding>,
        /// The coding that the bytes show.
        actual: ImageCoding,
    },
    /// White space follows the last record.
    Trailing {
        /// Where it begins.
        offset: usize,
        /// Its bytes.
        bytes: usize,
    },
    /// A lenient reading mended something.
    Mended(Mending),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoImage { record, position, reason } => {
                write!(f, "record {record}")?;
                if let Some(position) = position {
                    write!(f, " ({})", finger(*position))?;
                }
                f.write_str(" holds no image")?;
                f.write_str(match reason {
                    Absence::Amputated => ": the finger is amputated",
                    Absence::Unprintable => ": the finger could not be printed",
                    Absence::Unstated => "",
                })
            }
            Self::Size { record, stated, actual } => {
                match stated {
                    Some((width, height)) => write!(f, "record {record} states {width} x {height} pixels")?,
                    None => write!(f, "record {record} states no size")?,
                }
                write!(f, ", its image has {} x {}: the image's own size was taken", actual.0, actual.1)
            }
            Self::Coding { record, stated, actual } => {
                match stated {
                    Some(stated) => write!(f, "record {record} states {stated}")?,
                    None => write!(f, "record {record} states no known coding")?,
                }
                write!(f, ", its image is {actual} and was read as that")
            }
            Self::Trailing { offset, bytes } => {
                write!(f, "{bytes} bytes of white space follow the last record at offset {offset}")
            }
            Self::Mended(mending) => mending.fmt(f),
        }
    }
}
