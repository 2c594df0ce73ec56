//! Contents of a record, independent of its format.

use std::fmt;

use super::template_format::TemplateFormat;
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::quality::QualityReasons;
use crate::fingerprint::singular::PatternClass;
use crate::fingerprint::template::{ExtractionMethod, RidgeFlow};
use crate::format::contents::ViewSummary;
use crate::format::error::FormatError;
use crate::format::mending::Mending;
use crate::geometry::Angle;

/// 500 ppi as the standards write it, pixels per cm.
pub const PIXELS_PER_CM: u16 = 197;

/// Fingerprint templates of a file of any format, in the units of the file.
///
/// Data that only one format holds are kept, so that decoding and encoding in that format gives the same bytes.
/// `Debug` shows counts only.
///
/// ```
/// use selfsame::format::{DecodeOptions, Record, TemplateFormat, decode, encode};
/// use selfsame::{FingerTemplate, Limits};
/// let record = Record::from_templates(&[FingerTemplate::new(388, 374, Vec::new())?]);
/// let (bytes, losses) = encode(&record, TemplateFormat::Iso2005);
/// assert!(losses.is_empty());
/// assert_eq!(decode(&bytes, &DecodeOptions::default(), &Limits::default())?.views.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The equipment that made the record.
    pub device: Device,
    /// The reserved byte of the header.
    pub reserved: u8,
    /// ANSI/INCITS 378-2004: the length takes 4 bytes although 2 would be enough.
    pub long_length: bool,
    /// The header of a wrapper around the record.
    pub wrapper: Option<Box<Wrapper>>,
    /// The impressions.
    pub views: Vec<View>,
    /// What a lenient reading mended; empty after a strict one. It is not written.
    pub mendings: Vec<Mending>,
}

impl Record {
    /// What the record holds, view by view, to choose from with
    /// [`DecodeOptions`](crate::format::DecodeOptions).
    ///
    /// ```
    /// use selfsame::format::{Record, View};
    /// let record = Record { views: vec![View::default(); 2], ..Record::default() };
    /// assert_eq!(record.contents().len(), 2);
    /// assert!(record.contents()[1].to_string().starts_with("place 1: unknown finger"));
    /// ```
    #[must_use]
    pub fn contents(&self) -> Vec<ViewSummary> {
        let summary = |(place, view): (usize, &View)| ViewSummary {
            place,
            position: view.position,
            number: view.number,
            impression: view.impression,
            minutiae: view.minutiae.len(),
        };
        self.views.iter().enumerate().map(summary).collect()
    }

    /// The only view.
    ///
    /// # Errors
    /// [`FormatError::SeveralViews`] or [`FormatError::NoView`], with a list of the views.
    ///
    /// ```
    /// use selfsame::format::{FormatError, Record, View};
    /// let record = Record { views: vec![View::default(); 2], ..Record::default() };
    /// assert!(matches!(record.only_view(), Err(FormatError::SeveralViews { inside }) if inside.len() == 2));
    /// ```
    pub fn only_view(&self) -> Result<&View, FormatError> {
        match self.views.as_slice() {
            [view] => Ok(view),
            [] => Err(FormatError::NoView { inside: Vec::new() }),
            _ => Err(FormatError::SeveralViews { inside: self.contents() }),
        }
    }
}

/// Equipment, as stated in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Owner of the algorithm, as registered with CBEFF; 0 is unknown.
    pub vendor: u16,
    /// The owner's number for the format.
    pub subformat: u16,
    /// Certification of the equipment: 4 bits, 8 in ANSI/INCITS 378-2009.
    pub certification: u8,
    /// Device, 12 bits; 16 in the later editions.
    pub id: u16,
}

/// One impression of one finger. Coordinates are pixels at the view's own resolution.
#[derive(Clone, PartialEq)]
pub struct View {
    /// The finger.
    pub position: FingerPosition,
    /// View number of this finger, from 0.
    pub number: u8,
    /// Impression type: 0 live plain, 1 live rolled, 2 non-live plain, 3 non-live rolled, 4 to 7 latent, 8 swipe.
    pub impression: u8,
    /// Sample qualities; most formats hold one.
    pub qualities: Vec<SampleQuality>,
    /// Image width, pixels; 0 is unknown.
    pub width: u32,
    /// Image height, pixels; 0 is unknown.
    pub height: u32,
    /// Horizontal resolution, pixels per cm.
    pub x_resolution: u16,
    /// Vertical resolution, pixels per cm.
    pub y_resolution: u16,
    /// The minutiae.
    pub minutiae: Vec<RecordMinutia>,
    /// Ridge counts, cores and deltas, zones and vendors' own data, in their order.
    pub extensions: Vec<Extension>,
    /// ISO/IEC 19794-2:2005: the bytes that the length of each extension counts.
    pub extension_length: ExtensionLength,
    /// Capture data (ISO/IEC 19794-2:2011).
    pub capture: Option<Box<Capture>>,
    /// Definition of an ending (ISO/IEC 19794-2:2011): 0 where the valley forks, 1 where the skeleton of the ridge
    /// ends.
    pub ending: u8,
    /// ISO/IEC 19794-2:2011: minutiae are written without quality.
    pub five_bytes: bool,
    /// Class of the pattern (this crate's format).
    pub pattern: Option<PatternClass>,
    /// Defects of the sample (this crate's format).
    pub reasons: QualityReasons,
    /// Extraction method (this crate's format).
    pub method: Option<ExtractionMethod>,
    /// Ridge flow, in pixels at 500 ppi (this crate's format).
    pub ridge_flow: Option<RidgeFlow>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            position: FingerPosition::Unknown,
            number: 0,
            impression: 0,
            qualities: Vec::new(),
            width: 0,
            height: 0,
            x_resolution: PIXELS_PER_CM,
            y_resolution: PIXELS_PER_CM,
            minutiae: Vec::new(),
            extensions: Vec::new(),
            extension_length: ExtensionLength::Standard,
            capture: None,
            ending: 1,
            five_bytes: false,
            pattern: None,
            reasons: QualityReasons::default(),
            method: None,
            ridge_flow: None,
        }
    }
}

impl View {
    /// The cores, in order.
    pub fn cores(&self) -> impl Iterator<Item = &Core> {
        self.extensions.iter().flat_map(|e| match e {
            Extension::Singular { cores, .. } => cores.as_slice(),
            _ => &[],
        })
    }

    /// The deltas, in order.
    pub fn deltas(&self) -> impl Iterator<Item = &Delta> {
        self.extensions.iter().flat_map(|e| match e {
            Extension::Singular { deltas, .. } => deltas.as_slice(),
            _ => &[],
        })
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("position", &self.position)
            .field("number", &self.number)
            .field("minutiae", &self.minutiae.len())
            .field("extensions", &self.extensions.len())
            .finish_non_exhaustive()
    }
}

/// A sample quality and its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleQuality {
    /// 0 (worst) to 100 (best); 254 not computed and 255 failed, which is no quality.
    pub score: u8,
    /// Owner of the algorithm; 0 is unknown.
    pub vendor: u16,
    /// The owner's number for the algorithm.
    pub algorithm: u16,
}

/// The kind of a minutia, including the code that standards reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// Neither, or not known.
    Other,
    /// The ridge ends.
    Ending,
    /// The ridge forks.
    Bifurcation,
    /// Code 3, which no edition defines.
    Reserved,
}

/// A minutia in pixels of its view.
#[derive(Clone, Copy, PartialEq)]
pub struct RecordMinutia {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
    /// Direction, as in [`Minutia`](crate::Minutia).
    pub direction: Angle,
    /// Ending, bifurcation, other.
    pub kind: RecordKind,
    /// Quality 1..=100; 0 for not reported; larger values are kept.
    pub quality: u8,
    /// The 2 reserved bits before y.
    pub reserved: u8,
}

impl fmt::Debug for RecordMinutia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordMinutia { .. }")
    }
}

/// A core in pixels of its view. `Debug` hides its position.
#[derive(Clone, Copy, PartialEq)]
pub struct Core {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
    /// Direction in which its loop opens, if given.
    pub direction: Option<Angle>,
}

/// A delta in pixels of its view. `Debug` hides its position.
#[derive(Clone, Copy, PartialEq)]
pub struct Delta {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
    /// Directions of its three arms, if given.
    pub directions: Option<[Angle; 3]>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Core { .. }")
    }
}

impl fmt::Debug for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delta { .. }")
    }
}

/// Data after the minutiae of a view. `Debug` shows lengths only.
#[derive(Clone, PartialEq)]
pub enum Extension {
    /// Ridges between pairs of minutiae.
    RidgeCounts {
        /// 0 unspecified, 1 four neighbors, 2 eight neighbors.
        method: u8,
        /// Indices of two minutiae, and the number of ridges between them.
        counts: Vec<[u8; 3]>,
    },
    /// Cores and deltas.
    Singular {
        /// At most 15.
        cores: Vec<Core>,
        /// At most 15.
        deltas: Vec<Delta>,
    },
    /// Quality of each cell of a grid over the image.
    Zones {
        /// Cell width, pixels, not 0.
        cell_width: u8,
        /// Cell height, pixels, not 0.
        cell_height: u8,
        /// Bits per cell, 1..=8.
        bits: u8,
        /// The cells row by row, packed from the highest bit.
        packed: Vec<u8>,
    },
    /// A vendor's own data, or a standard type with nonstandard content, byte for byte.
    Other {
        /// Type code.
        code: u16,
        /// The data.
        data: Vec<u8>,
    },
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RidgeCounts { counts, .. } => write!(f, "RidgeCounts({})", counts.len()),
            Self::Singular { cores, deltas } => write!(f, "Singular({}, {})", cores.len(), deltas.len()),
            Self::Zones { packed, .. } => write!(f, "Zones({} bytes)", packed.len()),
            Self::Other { code, data } => write!(f, "Other({code:#06x}, {} bytes)", data.len()),
        }
    }
}

/// The bytes that the length field of an extension counts in ISO/IEC 19794-2:2005, where vendors differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtensionLength {
    /// The data only, as most readers expect.
    #[default]
    Standard,
    /// The data and the 4 bytes of type and length.
    Inclusive,
}

/// Capture data of an impression (ISO/IEC 19794-2:2011).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// Date and time: year (2 bytes), month, day, hour, minute, second, milliseconds (2 bytes), kept unchanged.
    pub time: [u8; 9],
    /// Sensor technology code.
    pub technology: u8,
    /// Vendor of the sensor.
    pub vendor: u16,
    /// Type of the sensor.
    pub device: u16,
    /// Certifications: authority (2 bytes), scheme; `None` when the record has no such block.
    pub certifications: Option<Vec<[u8; 3]>>,
}

/// The CBEFF header of the PIV patron format, and the signature after the record.
#[derive(Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// Format of the record inside.
    pub inner: TemplateFormat,
    /// Security options.
    pub security: u8,
    /// Owner of the format inside.
    pub owner: u16,
    /// The owner's number for the format inside.
    pub format: u16,
    /// Creation date, start and end of validity: 8 bytes each, kept unchanged.
    pub dates: [u8; 24],
    /// Biometric type; 8 is fingerprint.
    pub biometric: [u8; 3],
    /// Kind of data; 0x80 is processed.
    pub data_type: u8,
    /// Quality -2..=100, as a byte.
    pub quality: u8,
    /// Creator, text padded with zeros.
    pub creator: [u8; 18],
    /// The card's number.
    pub fascn: [u8; 25],
    /// Reserved.
    pub reserved: [u8; 4],
    /// The signature block, byte for byte. It is not verified, and is valid only while the record is unchanged.
    pub signature: Vec<u8>,
}

impl fmt::Debug for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wrapper")
            .field("inner", &self.inner)
            .field("signature_bytes", &self.signature.len())
            .finish_non_exhaustive()
    }
}
