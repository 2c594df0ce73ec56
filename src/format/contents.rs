//! What a record or file holds, as a list to choose from.

use std::fmt;

use super::coding::ImageCoding;
use crate::fingerprint::position::FingerPosition;

/// One view of a record, as an entry of a list to choose from.
///
/// ```
/// use selfsame::format::{Record, View};
/// use selfsame::FingerPosition;
/// let view = View { position: FingerPosition::LeftIndex, number: 1, ..View::default() };
/// let record = Record { views: vec![View::default(), view], ..Record::default() };
/// let lines: Vec<String> = record.contents().iter().map(ToString::to_string).collect();
/// assert_eq!(lines[1], "place 1: left index finger, view number 1, live plain, 0 minutiae");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewSummary {
    /// Its place in the record, from 0.
    pub place: usize,
    /// The finger.
    pub position: FingerPosition,
    /// The view's number, which is not always unique.
    pub number: u8,
    /// Impression type, as in [`View`](super::View).
    pub impression: u8,
    /// Number of minutiae.
    pub minutiae: usize,
}

impl fmt::Display for ViewSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, position, number, impression, minutiae } = self;
        let finger = finger(*position);
        write!(f, "place {place}: {finger}, view number {number}, ")?;
        match impression_name(*impression) {
            Some(name) => f.write_str(name)?,
            None => write!(f, "impression type {impression}")?,
        }
        write!(f, ", {minutiae} minutiae")
    }
}

/// One image or set of minutiae of an ANSI/NIST-ITL file, as an entry of a list to choose from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordSummary {
    /// Index of the record in the file; the Type-1 record is 0.
    pub index: usize,
    /// Type of the record: 4, 13 or 14 for images, 9 for minutiae.
    pub kind: u8,
    /// The finger; `None` when the record does not name a single one.
    pub position: Option<FingerPosition>,
    /// The position's code as the record states it: 0 unknown, 1 to 10 fingers, 13 to 15 slaps, 20 and on palms.
    pub code: Option<u8>,
    /// Impression type, as in the record.
    pub impression: Option<u8>,
    /// Width and height of the image, which it states itself, or else the record.
    pub size: Option<(u32, u32)>,
    /// Resolution that the record states, pixels per inch.
    pub ppi: Option<f32>,
    /// Coding of the image, which its bytes show, or else the record states; `None` for unknown codings and minutiae.
    pub coding: Option<ImageCoding>,
    /// Number of minutiae, in a record of minutiae.
    pub minutiae: Option<usize>,
}

impl fmt::Display for RecordSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}: Type-{}", self.index, self.kind)?;
        match (self.position, self.code) {
            (Some(position), _) => write!(f, ", {}", finger(position))?,
            (None, Some(code)) => write!(f, ", position {code}")?,
            (None, None) => {}
        }
        if let Some((width, height)) = self.size {
            write!(f, ", {width} x {height} pixels")?;
        }
        if let Some(ppi) = self.ppi {
            write!(f, ", {ppi:.0} ppi")?;
        }
        if let Some(coding) = self.coding {
            write!(f, ", {coding}")?;
        }
        if let Some(minutiae) = self.minutiae {
            write!(f, ", {minutiae} minutiae")?;
        }
        Ok(())
    }
}

/// The name of a finger.
pub(super) fn finger(position: FingerPosition) -> &'static str {
    match position {
        FingerPosition::Unknown => "unknown finger",
        FingerPosition::RightThumb => "right thumb",
        FingerPosition::RightIndex => "right index finger",
        FingerPosition::RightMiddle => "right middle finger",
        FingerPosition::RightRing => "right ring finger",
        FingerPosition::RightLittle => "right little finger",
        FingerPosition::LeftThumb => "left thumb",
        FingerPosition::LeftIndex => "left index finger",
        FingerPosition::LeftMiddle => "left middle finger",
        FingerPosition::LeftRing => "left ring finger",
        FingerPosition::LeftLittle => "left little finger",
    }
}

/// The name of an impression type.
fn impression_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "live plain",
        1 => "live rolled",
        2 => "non-live plain",
        3 => "non-live rolled",
        4..=7 => "latent",
        8 => "swipe",
        9 => "without contact",
        _ => return None,
    })
}
