//! ISO/IEC 19794-4:2005 and ANSI/INCITS 381-2004 finger image records.
//!
//! [`FingerImageRecord`] keeps every field as it stands in the bytes, so that encoding what was decoded gives the same bytes;
//! [`FingerImageRecord::image`] decodes one of its images. Both standards begin with the same eight bytes, and the ANSI one
//! has four bytes more in its header; the lengths of the views tell which it is. Layouts were confirmed with NIST's BioMDI and
//! JMRTD. Not read: the editions of 2011 and 2009, pixels packed into bits, other depths than 8 bits.
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
mod write;

use std::fmt;

pub use super::payload::{ImageCoding, ImageEncoding};
use super::{FormatError, payload};
use crate::image::{FingerImage, Gray8, Ppi};
use crate::limits::Limits;

/// The first bytes of a record.
pub const MAGIC: &[u8] = b"FIR\0";
/// The version that follows them, in both standards.
const VERSION: &[u8] = b"010\0";
/// Header of a view before its image, bytes.
const VIEW_HEADER: usize = 14;
/// Centimetres per inch.
const CM_PER_INCH: f32 = 2.54;
/// Relative difference of the two resolutions beyond which pixels are not square.
const SQUARE: f32 = 0.01;

/// The standards that share the layout but for the product identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// ISO/IEC 19794-4:2005, header of 32 bytes.
    Iso2005,
    /// ANSI/INCITS 381-2004, header of 36 bytes.
    Ansi2004,
}

/// One image as it stands in the record.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// Finger or palm position: 0 unknown, 1..=5 right thumb to little finger, 6..=10 left, 13..=15 slaps, 20.. palms.
    pub position: u8,
    /// Number of views of this finger.
    pub count: u8,
    /// Number of this one, from 1.
    pub number: u8,
    /// Quality 0..=100, or 254 not known (ANSI).
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
    /// How the images are coded; `None` for a code that is not read.
    #[must_use]
    pub fn coding(&self) -> Option<ImageCoding> {
        Some(match self.compression {
            0 => ImageCoding::Raw,
            2 => ImageCoding::Wsq,
            3 => ImageCoding::Jpeg,
            4 => ImageCoding::Jpeg2000,
            5 => ImageCoding::Png,
            _ => return None,
        })
    }

    /// Resolution of the images.
    ///
    /// # Errors
    /// [`FormatError::Image`] outside 100 to 4000 ppi, [`FormatError::Unsupported`] for pixels that are not square.
    pub fn ppi(&self) -> Result<Ppi, FormatError> {
        let (x, y) = (f32::from(self.image_resolution.0), f32::from(self.image_resolution.1));
        if (x - y).abs() > SQUARE * x.max(y) {
            return Err(FormatError::Unsupported { what: "an image of pixels that are not square", offset: 0 });
        }
        let per_inch = if self.scale_unit == 2 { CM_PER_INCH } else { 1.0 };
        Ok(Ppi::new(x * per_inch)?)
    }

    /// Decodes image `index`, pixel for pixel.
    ///
    /// # Errors
    /// [`FormatError`] when there is none, it is damaged, larger than `limits`, of another size than declared, or coded in a way
    /// that is not read.
    pub fn image(&self, index: usize, limits: &Limits) -> Result<Gray8, FormatError> {
        let count = self.views.len();
        let none =
            FormatError::Capacity { format: "this record", what: "images", count: index.saturating_add(1), max: count };
        let view = self.views.get(index).ok_or(none)?;
        if self.depth != 8 {
            return Err(FormatError::Unsupported { what: "an image of other than 8 bits per pixel", offset: 0 });
        }
        let unread = FormatError::Unsupported { what: "this compression of an image", offset: 0 };
        let coding = self.coding().ok_or(unread)?;
        payload::decode(coding, &view.data, (view.width.into(), view.height.into()), 0, limits)
    }

    /// Decodes image `index` and resamples it to 500 ppi.
    ///
    /// # Errors
    /// As [`FingerImageRecord::image`] and [`FingerImageRecord::ppi`].
    pub fn finger_image(&self, index: usize, limits: &Limits) -> Result<FingerImage, FormatError> {
        let (image, ppi) = (self.image(index, limits)?, self.ppi()?);
        Ok(FingerImage::from_gray8_within(image.width(), image.height(), ppi, image.pixels(), limits)?)
    }
}
