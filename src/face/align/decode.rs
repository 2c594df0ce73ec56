//! Image files to red, green and blue bytes, under limits.
#![cfg(feature = "decode")]

use image::DynamicImage;

use super::error::AlignError;
use super::picture::RgbPicture;
use crate::image::{ImageError, open};
use crate::limits::Limits;

impl RgbPicture {
    /// Decodes a PNG, TIFF, BMP, PNM or JPEG image within limits; gray becomes three equal colors, transparency is dropped.
    ///
    /// Pixels keep the orientation of the file: if its EXIF data ask for a rotation, the landmarks must still refer to
    /// the unrotated pixels.
    ///
    /// # Errors
    /// [`AlignError::NoBytes`], [`AlignError::UnknownFormat`], [`AlignError::Damaged`], [`AlignError::Limit`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, AlignError> {
        let image = open(bytes, limits).map_err(|error| match error {
            ImageError::Empty => AlignError::NoBytes,
            ImageError::UnknownFormat => AlignError::UnknownFormat,
            ImageError::Limit(error) => error.into(),
            ImageError::Damaged { format, reason } => AlignError::Damaged { format, reason },
            other => AlignError::Damaged { format: "picture", reason: other.to_string() },
        })?;
        let (width, height) = (image.width(), image.height());
        let rgb = match image {
            DynamicImage::ImageRgb8(rgb) => rgb,
            other => other.into_rgb8(),
        };
        Self::new(rgb.into_raw(), width as usize, height as usize)
    }
}
