//! Images inside records: their codings, and how they are decoded and encoded.

pub use super::coding::ImageCoding;
use super::error::FormatError;
use crate::image::wsq::{self, WsqError};
use crate::image::{Gray8, ImageError, Ppi};
use crate::limits::Limits;

/// Coding to write an image with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ImageEncoding {
    /// A byte for each pixel.
    Raw,
    /// PNG, without loss.
    Png,
    /// WSQ at this many bits per pixel, with loss.
    Wsq(f32),
}

impl ImageEncoding {
    /// The resulting coding.
    #[must_use]
    pub fn coding(self) -> ImageCoding {
        match self {
            Self::Raw => ImageCoding::Raw,
            Self::Png => ImageCoding::Png,
            Self::Wsq(_) => ImageCoding::Wsq,
        }
    }
}

/// Relative difference of two resolutions beyond which pixels are not square.
const SQUARE: f32 = 0.01;

/// Refuses pixels that are not square.
pub(super) fn square(x: f32, y: f32) -> Result<(), FormatError> {
    let what = "an image of pixels that are not square";
    if (x - y).abs() > SQUARE * x.max(y) { Err(FormatError::Unsupported { what, offset: 0 }) } else { Ok(()) }
}

/// Decodes an image of `size` (width and height as the record declares them); `offset` is where its bytes begin.
pub(super) fn decode(
    coding: ImageCoding,
    bytes: &[u8],
    size: (u32, u32),
    offset: usize,
    limits: &Limits,
) -> Result<Gray8, FormatError> {
    limits.check_pixels(size.0, size.1)?;
    let image = decode_any_size(coding, bytes, size, offset, limits)?;
    for (what, value, declared) in
        [("width of the image inside", image.width(), size.0), ("height of the image inside", image.height(), size.1)]
    {
        if value != declared {
            let expected = "the record declares another one";
            return Err(FormatError::Value { what, offset, value: value.into(), expected });
        }
    }
    Ok(image)
}

/// Decodes an image of the size that it states itself; only pixels without a coding have the declared `size`.
pub(super) fn decode_any_size(
    coding: ImageCoding,
    bytes: &[u8],
    size: (u32, u32),
    offset: usize,
    limits: &Limits,
) -> Result<Gray8, FormatError> {
    limits.check_bytes(bytes.len())?;
    Ok(match coding {
        ImageCoding::Raw => {
            limits.check_pixels(size.0, size.1)?;
            let declared = u64::from(size.0).saturating_mul(size.1.into());
            let actual = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let wrong = FormatError::Length { what: "the image without compression", offset, declared, actual };
            return Gray8::new(size.0, size.1, bytes.to_vec()).ok_or(wrong);
        }
        ImageCoding::Wsq => {
            let damaged = |reason| ImageError::Damaged { format: "WSQ", reason };
            wsq::decode(bytes, limits).map_err(|error| wsq_error(error, damaged))?.image
        }
        ImageCoding::Png => of_kind(bytes, coding, "a PNG image", offset, limits)?,
        ImageCoding::Jpeg => of_kind(bytes, coding, "a JPEG image", offset, limits)?,
        #[cfg(feature = "jpeg2000")]
        ImageCoding::Jpeg2000 => of_kind(bytes, coding, "a JPEG 2000 image", offset, limits)?,
        #[cfg(not(feature = "jpeg2000"))]
        ImageCoding::Jpeg2000 => {
            let what = "a JPEG 2000 image in a build without the feature `jpeg2000`";
            return Err(unsupported(what, offset));
        }
    })
}

#[cfg(not(all(feature = "decode", feature = "jpeg2000")))]
fn unsupported(what: &'static str, offset: usize) -> FormatError {
    FormatError::Unsupported { what, offset }
}

/// Decodes through the crate's reader of image files if the bytes are of the expected coding.
#[cfg(feature = "decode")]
fn of_kind(
    bytes: &[u8],
    coding: ImageCoding,
    what: &'static str,
    offset: usize,
    limits: &Limits,
) -> Result<Gray8, FormatError> {
    if ImageCoding::of(bytes) != Some(coding) {
        return Err(FormatError::Signature { expected: what, offset });
    }
    Gray8::decode(bytes, limits).map_err(|error| match error {
        ImageError::Limit(error) => error.into(),
        error => error.into(),
    })
}

/// A build without the feature `decode` cannot read these codings.
#[cfg(not(feature = "decode"))]
fn of_kind(_: &[u8], _: ImageCoding, what: &'static str, offset: usize, _: &Limits) -> Result<Gray8, FormatError> {
    Err(unsupported(what, offset))
}

/// Encodes an image.
pub(super) fn encode(image: &Gray8, ppi: Ppi, encoding: ImageEncoding) -> Result<Vec<u8>, FormatError> {
    match encoding {
        ImageEncoding::Raw => Ok(image.pixels().to_vec()),
        ImageEncoding::Png => png(image),
        ImageEncoding::Wsq(bpp) => {
            let unwritable = |reason| ImageError::Unwritable { format: "WSQ", reason };
            wsq::encode(image.width(), image.height(), image.pixels(), Some(ppi), bpp)
                .map_err(|error| wsq_error(error, unwritable))
        }
    }
}

#[cfg(feature = "decode")]
fn png(image: &Gray8) -> Result<Vec<u8>, FormatError> {
    Ok(image.to_png()?)
}

#[cfg(not(feature = "decode"))]
fn png(_: &Gray8) -> Result<Vec<u8>, FormatError> {
    Err(unsupported("writing PNG in a build without the feature `decode`", 0))
}

/// As [`ImageError`], which has no offsets.
fn wsq_error(error: WsqError, told: impl Fn(String) -> ImageError) -> FormatError {
    match error {
        WsqError::Limit(error) => error.into(),
        error => told(error.to_string()).into(),
    }
}
