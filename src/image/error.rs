//! Reasons for rejecting an image.

use thiserror::Error;

use super::params::MIN_SIDE;
use crate::bytes::FileKind;
use crate::limits::LimitError;

/// The reason why bytes or pixels are not a usable fingerprint image.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A resolution outside 100..=4000 ppi.
    #[error("resolution {ppi} ppi is outside 100..=4000")]
    Resolution {
        /// The given resolution, ppi.
        ppi: f32,
    },
    /// Fewer or more pixels than width times height.
    #[error("{width} x {height} pixels need {expected} bytes, {actual} were given")]
    Length {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Width times height.
        expected: u64,
        /// Length of the slice.
        actual: usize,
    },
    /// Too small for a print after resampling to 500 ppi.
    #[error("{width} x {height} pixels at 500 ppi is too small, at least {min} x {min} are needed", min = MIN_SIDE)]
    TooSmall {
        /// Width at 500 ppi.
        width: u32,
        /// Height at 500 ppi.
        height: u32,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// No input at all.
    #[error("the input is empty")]
    Empty,
    /// A kind of file that this crate, or this build of it, does not read as an image.
    #[error("this is {kind}, not an image that can be read{}", kind.advice().map_or(String::new(), |advice| format!(": {advice}")))]
    Foreign {
        /// The kind.
        kind: FileKind,
    },
    /// The file ends before its picture does.
    #[error("the {format} image is incomplete: its end is missing")]
    Incomplete {
        /// The format.
        format: &'static str,
    },
    /// A file of several pages, none of which was chosen.
    #[error("the file has {pages} pages: choose one, counted from 0 (`ImageOptions::page`)")]
    SeveralPages {
        /// The number of pages.
        pages: usize,
    },
    /// A page that the file does not have.
    #[error("there is no page {page}, counted from 0; the file has {pages}")]
    NoSuchPage {
        /// The page asked for.
        page: usize,
        /// The number of pages.
        pages: usize,
    },
    /// A file that viewers turn or mirror, where that is refused.
    #[error("the file's orientation {orientation} says that it is turned or mirrored")]
    NotUpright {
        /// The orientation of EXIF or TIFF, 2 to 8.
        orientation: u8,
    },
    /// Neither the caller nor the file says how many pixels an inch has.
    #[error("the resolution is not known{}: give it in pixels per inch", stated.map_or(String::new(), |ppi| format!(" (the file states {ppi} ppi, as software does that does not know)")))]
    NoResolution {
        /// What the file states, ppi.
        stated: Option<f32>,
    },
    /// Neither PNG, TIFF, BMP, PNM, JPEG nor WSQ.
    #[error("not a PNG, TIFF, BMP, PNM, JPEG or WSQ image")]
    UnknownFormat,
    /// The decoder rejected the bytes.
    #[error("damaged or unsupported {format} image: {reason}")]
    Damaged {
        /// The format detected from the first bytes.
        format: &'static str,
        /// The decoder's message.
        reason: String,
    },
    /// The encoder rejected the pixels.
    #[error("cannot be written as {format}: {reason}")]
    Unwritable {
        /// The format.
        format: &'static str,
        /// The encoder's message.
        reason: String,
    },
}
