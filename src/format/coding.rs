//! Codings of images inside records, detected from their first bytes, and the sizes that the images themselves state.

use std::fmt;

use crate::bytes::FileKind;

/// Coding of an image inside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageCoding {
    /// A byte for each pixel.
    Raw,
    /// WSQ.
    Wsq,
    /// PNG.
    Png,
    /// Baseline JPEG.
    Jpeg,
    /// JPEG 2000.
    Jpeg2000,
}

/// First bytes of a code stream of JPEG 2000, which may stand in a file of boxes.
const CODE_STREAM: &[u8] = &[0xFF, 0x4F, 0xFF, 0x51];
/// Most segments that are walked through in search of a size.
const MAX_SEGMENTS: usize = 64;

impl ImageCoding {
    /// The coding that the bytes themselves show; `None` for pixels without a coding, and for unknown ones.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        Some(match FileKind::of(bytes)? {
            FileKind::Png => Self::Png,
            FileKind::Jpeg => Self::Jpeg,
            FileKind::Wsq => Self::Wsq,
            FileKind::Jpeg2000 => Self::Jpeg2000,
            _ => return None,
        })
    }

    /// Width and height that the coded image itself states; `None` when they are not found.
    pub(super) fn size(self, bytes: &[u8]) -> Option<(u32, u32)> {
        let short =
            |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)));
        let long = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
        match self {
            Self::Raw => None,
            Self::Png => (bytes.get(12..16)? == b"IHDR").then_some((long(16)?, long(20)?)),
            Self::Wsq => {
                let at = segment(bytes, |marker| marker == 0xA2)?;
                // Length, black, white, height, width.
                Some((short(at.checked_add(6)?)?, short(at.checked_add(4)?)?))
            }
            Self::Jpeg => {
                let frame = |m: u8| matches!(m, 0xC0..=0xCF) && !matches!(m, 0xC4 | 0xC8 | 0xCC);
                let at = segment(bytes, frame)?;
                // Length, precision, height, width.
                Some((short(at.checked_add(5)?)?, short(at.checked_add(3)?)?))
            }
            Self::Jpeg2000 => {
                let start = if bytes.starts_with(CODE_STREAM) {
                    2
                } else {
                    bytes.windows(CODE_STREAM.len()).take(1 << 16).position(|w| w == CODE_STREAM)?.checked_add(2)?
                };
                // Marker, length, capabilities, far corner, near corner.
                let side = |far: usize, near: usize| {
                    long(start.checked_add(far)?)?.checked_sub(long(start.checked_add(near)?)?)
                };
                Some((side(6, 14)?, side(10, 18)?))
            }
        }
    }
}

/// Where the length of the first segment is that has a wanted marker. Segments begin after a marker of two bytes.
fn segment(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = 2usize;
    for _ in 0..MAX_SEGMENTS {
        let &[0xFF, marker] = bytes.get(at..at.checked_add(2)?)? else { return None };
        let length = at.checked_add(2)?;
        if wanted(marker) {
            return Some(length);
        }
        let size = u16::from_be_bytes(bytes.get(length..length.checked_add(2)?)?.try_into().ok()?);
        at = length.checked_add(usize::from(size))?;
    }
    None
}

impl fmt::Display for ImageCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw pixels",
            Self::Wsq => "WSQ",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Jpeg2000 => "JPEG 2000",
        })
    }
}
