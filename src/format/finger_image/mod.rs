//! ISO/IEC 19794-4 (2005 and 2011) and ANSI/INCITS 381-2004 finger image records.
//!
//! [`FingerImageRecord`] keeps every field as it stands in the bytes, so that encoding what was decoded gives the same bytes;
//! [`FingerImageRecord::image`] decodes one of its images. Both older standards begin with the same eight bytes, and the ANSI one
//! has four bytes more in its header; the lengths of the views tell which it is. Layouts were confirmed with NIST's BioMDI and
//! JMRTD, that of 2011 with MOSIP's `bio-utils` and IDEMIA's `iso19794` for Python. Not read: ANSI/INCITS 381-2009, whose layout
//! was not confirmed, pixels packed into bits, other depths than 8 bits.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod read;
mod representation;
mod write;

use std::fmt;

pub use super::payload::{ImageCoding, ImageEncoding};
use super::record::{Capture, SampleQuality};
use super::{FormatError, payload};
use crate::image::{FingerImage, Gray8, Ppi};
use crate::limits::Limits;

/// The first bytes of a record.
pub const MAGIC: &[u8] = b"FIR\0";
/// The version that follows them, in both older standards.
const VERSION: &[u8] = b"010\0";
/// The version of 2011.
const VERSION_2011: &[u8] = b"020\0";
/// Quality of an image that nobody judged.
const NOT_JUDGED: u8 = 254;
/// Header of a view before its image, bytes.
const VIEW_HEADER: usize = 14;
/// Centimeters per inch.
const CM_PER_INCH: f32 = 2.54;
/// Relative difference of the two resolutions beyond which pixels are not square.
const SQUARE: f32 = 0.01;

/// The standards. Those of 2004 and 2005 share their layout but for the product identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Edition {
    /// ISO/IEC 19794-4:2005, header of 32 bytes.
    Iso2005,
    /// ANSI/INCITS 381-2004, header of 36 bytes.
    Ansi2004,
    /// ISO/IEC 19794-4:2011, each image with a header of its own.
    Iso2011,
}

/// What a record of 2011 says of one image besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representation {
    /// When and with what it was captured.
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
    /// How the image is coded: 0 raw, 1 packed bits, 2 WSQ, 3 JPEG, 4 JPEG 2000 with loss, 5 without, 6 PNG.
    pub compression: u8,
    /// Blocks of segmentation, annotation and comment behind the image, as they are.
    pub extended: Vec<u8>,
}

/// One image as it stands in the record.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// Finger or palm position: 0 unknown, 1..=5 right thumb to little finger, 6..=10 left, 13..=15 slaps, 20.. palms.
    pub position: u8,
    /// Number of views of this finger; records of 2011 do not tell, and 1 stands here.
    pub count: u8,
    /// Number of this one, from 1; from 0 in records of 2011.
    pub number: u8,
    /// Quality 0..=100, or 254 not known (ANSI); in records of 2011 the first of [`Representation::qualities`], which is what counts.
    pub quality: u8,
    /// Impression type: 0 live plain, 1 live rolled, 2 and 3 not live, 7 latent, 8 swipe, 9 without contact.
    pub impression: u8,
    /// Width, pixels.
    pub width: u16,
    /// Height, pixels.
    pub height: u16,
    /// The byte before the image.
    pub reserved: u8,
    /// The image as it is coded.
    pub data: Vec<u8>,
    /// The header of its own that it has in records of 2011, and must have when one is written.
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

/// A finger image record as it stands in the bytes.
///
/// In a record of 2011 the fields that speak of all images (device, unit, resolutions, depth, compression) are those of the first
/// image, for [`Representation`] has them; they are not written, nor are acquisition level, product and reserved bytes.
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
    /// Which standard.
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
    /// How images are coded: 0 raw, 1 packed bits, 2 WSQ, 3 JPEG, 4 JPEG 2000, 5 PNG.
    pub compression: u8,
    /// The last two bytes of the header.
    pub reserved: u16,
    /// The images.
    pub views: Vec<View>,
}

impl FingerImageRecord {
    /// How image `index` is coded; `None` when there is none or its code is not read.
    #[must_use]
    pub fn coding(&self, index: usize) -> Option<ImageCoding> {
        let own = self.views.get(index)?.representation.as_deref();
        Some(match (own.map_or(self.compression, |own| own.compression), own.is_some()) {
            (0, _) => ImageCoding::Raw,
            (2, _) => ImageCoding::Wsq,
            (3, _) => ImageCoding::Jpeg,
            (4, _) | (5, true) => ImageCoding::Jpeg2000,
            (5, false) | (6, true) => ImageCoding::Png,
            _ => return None,
        })
    }

    /// Resolution of image `index`.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] when there is none, [`FormatError::Image`] outside 100 to 4000 ppi, [`FormatError::Unsupported`]
    /// for pixels that are not square.
    pub fn ppi(&self, index: usize) -> Result<Ppi, FormatError> {
        let own = self.view(index)?.representation.as_deref();
        let (unit, resolution) =
            own.map_or((self.scale_unit, self.image_resolution), |own| (own.scale_unit, own.image_resolution));
        let (x, y) = (f32::from(resolution.0), f32::from(resolution.1));
        if (x - y).abs() > SQUARE * x.max(y) {
            return Err(FormatError::Unsupported { what: "an image of pixels that are not square", offset: 0 });
        }
        let per_inch = if unit == 2 { CM_PER_INCH } else { 1.0 };
        Ok(Ppi::new(x * per_inch)?)
    }

    fn view(&self, index: usize) -> Result<&View, FormatError> {
        let (count, max) = (index.saturating_add(1), self.views.len());
        self.views.get(index).ok_or(FormatError::Capacity { format: "this record", what: "images", count, max })
    }

    /// Decodes image `index`, pixel for pixel.
    ///
    /// # Errors
    /// [`FormatError`] when there is none, it is damaged, larger than `limits`, of another size than declared, or coded in a way
    /// that is not read.
    pub fn image(&self, index: usize, limits: &Limits) -> Result<Gray8, FormatError> {
        let view = self.view(index)?;
        if view.representation.as_deref().map_or(self.depth, |own| own.depth) != 8 {
            return Err(FormatError::Unsupported { what: "an image of other than 8 bits per pixel", offset: 0 });
        }
        let unread = FormatError::Unsupported { what: "this compression of an image", offset: 0 };
        let coding = self.coding(index).ok_or(unread)?;
        payload::decode(coding, &view.data, (view.width.into(), view.height.into()), 0, limits)
    }

    /// Decodes image `index` and resamples it to 500 ppi.
    ///
    /// # Errors
    /// As [`FingerImageRecord::image`] and [`FingerImageRecord::ppi`].
    pub fn finger_image(&self, index: usize, limits: &Limits) -> Result<FingerImage, FormatError> {
        let (image, ppi) = (self.image(index, limits)?, self.ppi(index)?);
        Ok(FingerImage::from_gray8_within(image.width(), image.height(), ppi, image.pixels(), limits)?)
    }
}
