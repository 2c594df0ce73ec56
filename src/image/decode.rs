//! Image files to 8-bit gray under limits: WSQ by this crate, the others through the `image` crate.
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
#![cfg(feature = "decode")]

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::error::ImageError;
use super::gray::Gray8;
use super::wsq::{self, WsqError};
use crate::limits::Limits;

/// Most bytes of one decoded pixel (RGBA, 16 bits).
const MAX_PIXEL_BYTES: u64 = 8;
/// Memory that a decoder may hold besides the decoded pixels, bytes.
const DECODER_OVERHEAD: u64 = 16 << 20;

impl Gray8 {
    /// Decodes a PNG, TIFF, BMP, PNM, JPEG or WSQ image within limits, as [`FingerImage::decode`] does, without resampling.
    ///
    /// # Errors
    /// [`ImageError`] when the bytes are empty, of no known format, damaged, or larger than the limits.
    ///
    /// [`FingerImage::decode`]: super::FingerImage::decode
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, ImageError> {
        limits.check_bytes(bytes.len())?;
        if bytes.starts_with(wsq::MAGIC) {
            return match wsq::decode(bytes, limits) {
                Ok(decoded) => Ok(decoded.image),
                Err(WsqError::Limit(error)) => Err(error.into()),
                Err(error) => Err(ImageError::Damaged { format: "WSQ", reason: error.to_string() }),
            };
        }
        #[cfg(feature = "jpeg2000")]
        if super::jpeg2000::is_jpeg2000(bytes) {
            return super::jpeg2000::decode(bytes, limits);
        }
        let luma = match open(bytes, limits)? {
            DynamicImage::ImageLuma8(gray) => gray,
            other => other.into_luma8(),
        };
        let ((width, height), actual) = (luma.dimensions(), luma.as_raw().len());
        let expected = u64::from(width).saturating_mul(height.into());
        Gray8::new(width, height, luma.into_raw()).ok_or(ImageError::Length { width, height, expected, actual })
    }
}

/// Decodes a file of a stranger through the `image` crate: within limits before anything of the size of the image is asked for.
pub(crate) fn open(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    limits.check_bytes(bytes.len())?;
    let format = image::guess_format(bytes).map_err(|_| ImageError::UnknownFormat)?;
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Pnm => "PNM",
        ImageFormat::Jpeg => "JPEG",
        _ => return Err(ImageError::UnknownFormat),
    };
    let damaged = |e: image::ImageError| ImageError::Damaged { format: name, reason: e.to_string() };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::default();
    let pixels = u64::try_from(limits.max_pixels).unwrap_or(u64::MAX).saturating_mul(MAX_PIXEL_BYTES);
    bounds.max_alloc = Some(pixels.saturating_add(DECODER_OVERHEAD));
    reader.limits(bounds);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width, height)?;
    DynamicImage::from_decoder(decoder).map_err(damaged)
}
