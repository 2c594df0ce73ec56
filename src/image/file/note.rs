//! What was assumed.

use std::fmt;

/// Something about an image file that a decoder decided, and that a user should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageNote {
    /// The file's orientation (EXIF or TIFF, 2 to 8) was applied.
    Turned {
        /// The orientation's number.
        orientation: u8,
    },
    /// Transparent pixels were composed on white.
    OnWhite,
    /// The file holds a color profile, which was not applied.
    ProfileIgnored,
    /// One page of several was read.
    Page {
        /// The page, from 0.
        page: usize,
        /// The number of pages.
        pages: usize,
    },
}

impl fmt::Display for ImageNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Turned { orientation } => write!(f, "turned or mirrored as its orientation {orientation} says"),
            Self::OnWhite => f.write_str("transparent pixels are taken as white"),
            Self::ProfileIgnored => f.write_str("its color profile was not applied"),
            Self::Page { page, pages } => write!(f, "page {page} of {pages}, counted from 0"),
        }
    }
}
