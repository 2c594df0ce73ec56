//! Image files to red, green and blue bytes, under limits.
#![cfg(feature = "decode")]

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::error::AlignError;
use super::picture::RgbPicture;
use crate::limits::Limits;

/// Most bytes of one decoded pixel (RGBA, 16 bits).
const MAX_PIXEL_BYTES: u64 = 8;
/// Memory that a decoder may hold besides the decoded pixels, bytes.
const DECODER_OVERHEAD: u64 = 16 << 20;

impl RgbPicture {
    /// Decodes a PNG, TIFF, BMP, PNM or JPEG image within limits; gray becomes three equal colors, transparency is dropped.
    ///
    /// Pixels keep the orientation of the file: if its EXIF data ask for a rotation, the landmarks must still refer to
    /// the unrotated pixels.
    ///
    /// # Errors
    /// [`AlignError::NoBytes`], [`AlignError::UnknownFormat`], [`AlignError::Damaged`], [`AlignError::Limit`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, AlignError> {
        if bytes.is_empty() {
            return Err(AlignError::NoBytes);
        }
        limits.check_bytes(bytes.len())?;
        let format = image::guess_format(bytes).map_err(|_| AlignError::UnknownFormat)?;
        let name = match format {
            ImageFormat::Png => "PNG",
            ImageFormat::Tiff => "TIFF",
            ImageFormat::Bmp => "BMP",
            ImageFormat::Pnm => "PNM",
            ImageFormat::Jpeg => "JPEG",
            _ => return Err(AlignError::UnknownFormat),
        };
        let damaged = |e: image::ImageError| AlignError::Damaged { format: name, reason: e.to_string() };
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut bounds = image::Limits::default();
        bounds.max_alloc = Some((limits.max_pixels as u64).saturating_mul(MAX_PIXEL_BYTES) + DECODER_OVERHEAD);
        reader.limits(bounds);
        let decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        limits.check_pixels(width, height)?;
        let rgb = match DynamicImage::from_decoder(decoder).map_err(damaged)? {
            DynamicImage::ImageRgb8(rgb) => rgb,
            other => other.into_rgb8(),
        };
        Self::new(rgb.into_raw(), width as usize, height as usize)
    }
}
