//! Contents of a finger image record.

use std::fmt;

use super::super::record::{Capture, SampleQuality};

/// The first bytes of a record.
pub const MAGIC: &[u8] = b"FIR\0";
/// The version that follows them, in both older standards.
pub(super) const VERSION: &[u8] = b"010\0";
/// The version of 2011.
pub(super) const VERSION_2011: &[u8] = b"020\0";
/// Quality of an image whose quality is unknown.
pub(super) const NOT_JUDGED: u8 = 254;
/// Header of a view before its image, bytes.
pub(super) const VIEW_HEADER: usize = 14;

/// The standards. The 2004 and 2005 layouts differ only in the product identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Edition {
    /// ISO/IEC 19794-4:2005, header of 32 bytes.
    Iso2005,
    /// ANSI/INCITS 381-2004, header of 36 bytes.
    Ansi2004,
    /// ISO/IEC 19794-4:2011, each image with its own header.
    Iso2011,
}

/// Additional data about one image in a record of 2011.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representation {
    /// Time and device of the capture.
    pub capture: Capture,
    /// Sample qualities.
    pub qualities: Vec<SampleQuality>,
    /// Unit of the resolutions: 1 pixels per inch, 2 pixels per cm.
    pub scale_unit: u8,
    /// Resolution of the scanner, horizontal and vertical.
    pub scan_resolution: (u16, u16),
    /// Resolution of the image, horizontal and vertical.
    pub image_resolution: (u16, u16),
    /// Bits per pixel.
    pub depth: u8,
    /// Coding of the image: 0 raw, 1 packed bits, 2 WSQ, 3 JPEG, 4 JPEG 2000 with loss, 5 without, 6 PNG.
    pub compression: u8,
    /// Segmentation, annotation and comment blocks after the image, byte for byte.
    pub extended: Vec<u8>,
}

/// One image of the record.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// Finger or palm position: 0 unknown, 1..=5 right thumb to little finger, 6..=10 left, 13..=15 slaps, 20.. palms.
    pub position: u8,
    /// Number of views of this finger; 1 in records of 2011, which do not hold it.
    pub count: u8,
    /// Number of this view, from 1; from 0 in records of 2011.
    pub number: u8,
    /// Quality 0..=100, or 254 for unknown (ANSI); in records of 2011 a copy of the first of
    /// [`Representation::qualities`], which are authoritative.
    pub quality: u8,
    /// Impression type: 0 live plain, 1 live rolled, 2 and 3 not live, 7 latent, 8 swipe, 9 without contact.
    pub impression: u8,
    /// Width, pixels.
    pub width: u16,
    /// Height, pixels.
    pub height: u16,
    /// The byte before the image.
    pub reserved: u8,
    /// The coded image.
    pub data: Vec<u8>,
    /// The image's own header in records of 2011; writing such a record requires it.
    pub representation: Option<Box<Representation>>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("position", &self.position)
            .field("number", &self.number)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

/// A finger image record.
///
/// In a record of 2011 the fields for all images (device, unit, resolutions, depth, compression) are copies from the
/// first image's [`Representation`]; they are not written, nor are acquisition level, product and reserved bytes.
///
/// ```
/// use selfsame::format::finger_image::{Edition, FingerImageRecord, ImageEncoding};
/// use selfsame::image::Gray8;
/// use selfsame::{FingerPosition, Limits, Ppi};
/// let image = Gray8::new(300, 400, vec![200; 300 * 400]).expect("pixels");
/// let views = [(&image, FingerPosition::RightIndex)];
/// let record = FingerImageRecord::from_images(Edition::Iso2005, &views, Ppi::P500, ImageEncoding::Wsq(0.75))?;
/// let bytes = record.encode()?;
/// let again = FingerImageRecord::decode(&bytes, &Limits::default())?;
/// assert_eq!(again, record);
/// assert_eq!(again.image(0, &Limits::default())?, image);
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerImageRecord {
    /// The standard.
    pub edition: Edition,
    /// CBEFF product identifier, owner and type; only ANSI records have it.
    pub product: (u16, u16),
    /// Device identifier; in ANSI records the first 4 bits are its compliance.
    pub device: u16,
    /// Image acquisition level, 10 to 41: 31 is a live scan of 500 ppi for law enforcement.
    pub acquisition_level: u16,
    /// Number of fingers or palms.
    pub fingers: u8,
    /// Unit of the resolutions: 1 pixels per inch, 2 pixels per cm.
    pub scale_unit: u8,
    /// Resolution of the scanner, horizontal and vertical.
    pub scan_resolution: (u16, u16),
    /// Resolution of the images, horizontal and vertical.
    pub image_resolution: (u16, u16),
    /// Bits per pixel.
    pub depth: u8,
    /// Coding of the images: 0 raw, 1 packed bits, 2 WSQ, 3 JPEG, 4 JPEG 2000, 5 PNG.
    pub compression: u8,
    /// The last two bytes of the header.
    pub reserved: u16,
    /// The images.
    pub views: Vec<View>,
}
