//! Image files to red, green and blue bytes, under limits.
#![cfg(feature = "decode")]

use image::DynamicImage;

use super::error::AlignError;
use super::picture::RgbPicture;
use crate::image::{ImageError, ImageOptions, open};
use crate::limits::Limits;

impl RgbPicture {
    /// Decodes a PNG, TIFF, BMP, PNM or JPEG image within limits, as viewers show it: the orientation of EXIF or TIFF is
    /// applied, so landmarks must refer to the upright picture, and transparency is composed on white. Gray becomes
    /// three equal colors. Half a file, and a file of several pages, is refused.
    ///
    /// # Errors
    /// [`AlignError::NoBytes`], [`AlignError::UnknownFormat`], [`AlignError::Damaged`], [`AlignError::Limit`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, AlignError> {
        let opened = open(bytes, &ImageOptions::default(), limits).map_err(|error| match error {
            ImageError::Empty => AlignError::NoBytes,
            ImageError::UnknownFormat => AlignError::UnknownFormat,
            ImageError::Limit(error) => error.into(),
            ImageError::Damaged { format, reason } => AlignError::Damaged { format, reason },
            other => AlignError::Damaged { format: "picture", reason: other.to_string() },
        })?;
        let image = opened.image;
        let (width, height) = (image.width(), image.height());
        let rgb = match image {
            DynamicImage::ImageRgb8(rgb) => rgb,
            other => other.into_rgb8(),
        };
        Self::new(rgb.into_raw(), width as usize, height as usize)
    }
}
