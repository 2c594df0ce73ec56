//! JPEG files: all of the picture, or none of it.
//!
//! A decoder that shows what it has fills the rest with gray: of half a file it makes half a print, and of three people's
//! cut photos three faces that are alike. Here the data are counted first ([`entropy`]), and the decoder is strict.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::super::error::ImageError;
use super::entropy;
use super::raw::Raw;
use crate::limits::Limits;

/// Units of the density in a JFIF header.
const PER_INCH: u8 = 1;
const PER_CM: u8 = 2;
const CM_PER_INCH: f32 = 2.54;

/// The picture, and the resolution that its header states.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<(Raw, Option<f32>), ImageError> {
    let damaged = |reason: String| ImageError::Damaged { format: "JPEG", reason };
    entropy::check(bytes, limits)?;
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| damaged(e.to_string()))?;
    let info = decoder.info().ok_or_else(|| damaged("no frame".to_owned()))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    limits.check_pixels(width, height)?;
    let gray = matches!(decoder.input_colorspace(), Some(ColorSpace::Luma));
    let colors = if gray { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(options.jpeg_set_out_colorspace(colors));
    let pixels = decoder.decode().map_err(|e| damaged(e.to_string()))?;
    let image = if gray {
        GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
    };
    let image = image.ok_or_else(|| damaged("the number of samples is wrong for the image".to_owned()))?;
    let exif = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let orientation = exif.unwrap_or(Orientation::NoTransforms);
    let stated = stated(bytes);
    Ok((Raw { image, orientation, has_profile: decoder.icc_profile().is_some() }, stated))
}

/// The resolution in a JFIF header, which comes first.
fn stated(bytes: &[u8]) -> Option<f32> {
    let header = bytes.get(2..)?.strip_prefix(&[0xFF, 0xE0])?;
    let fields = header.get(2..)?.strip_prefix(b"JFIF\0")?;
    let (unit, across) = (*fields.get(2)?, u16::from_be_bytes(*fields.get(3..)?.first_chunk()?));
    match unit {
        PER_INCH if across > 1 => Some(f32::from(across)),
        PER_CM if across > 1 => Some(f32::from(across) * CM_PER_INCH),
        _ => None,
    }
}
