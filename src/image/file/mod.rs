//! Image files of strangers: what a viewer would show, as 8-bit gray, with what was assumed on the way.
//!
//! | step | file |
//! |---|---|
//! | which format, and its decoder | `open` |
//! | JPEG, all of it or none | `jpeg`, `entropy` |
//! | the pages of a TIFF file | `tiff` |
//! | the resolution that PNG and BMP state | `stated` |
//! | transparency and orientation as viewers show them | `shown` |

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

mod entropy;
mod jpeg;
mod note;
mod open;
mod options;
mod raw;
mod shown;
mod stated;
mod tiff;

pub use note::ImageNote;
pub(crate) use open::open;
pub use options::ImageOptions;

use super::error::ImageError;
use super::finger::FingerImage;
use super::gray::Gray8;
use super::ppi::Ppi;
use super::wsq::{self, WsqError};
use crate::limits::Limits;

/// A decoded image file: its pixels as a viewer shows them, the resolution it states, and what was assumed.
///
/// ```
/// use selfsame::image::{Gray8, ImageFile, ImageOptions};
/// use selfsame::{Limits, Ppi};
/// let png = Gray8::new(300, 400, vec![200; 120_000]).expect("as many pixels").to_png()?;
/// let file = ImageFile::decode(&png, &ImageOptions::default(), &Limits::default())?;
/// assert!(file.notes.is_empty() && file.stated.is_none());
/// // The file says nothing about its resolution, so the caller must.
/// let image = file.finger(Some(Ppi::P500), &Limits::default())?;
/// assert_eq!((image.width(), image.height()), (300, 400));
/// # Ok::<(), selfsame::image::ImageError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ImageFile {
    /// The pixels.
    pub image: Gray8,
    /// The resolution that the file states, pixels per inch. Many files state a wrong one, and 72 or 96 where nobody
    /// knew it.
    pub stated: Option<f32>,
    /// What was assumed or left out.
    pub notes: Vec<ImageNote>,
}

impl ImageFile {
    /// Decodes a PNG, TIFF, BMP, PNM, JPEG, WSQ or (with the feature `jpeg2000`) JPEG 2000 image. The format is
    /// detected from the bytes. Transparency is composed on white and the orientation of EXIF or TIFF is applied, as
    /// every viewer does it.
    ///
    /// # Errors
    /// [`ImageError`] when the bytes are empty, of no known format, damaged, incomplete, of several pages none of which
    /// was chosen, or larger than the limits.
    pub fn decode(bytes: &[u8], options: &ImageOptions, limits: &Limits) -> Result<Self, ImageError> {
        limits.check_bytes(bytes.len())?;
        if bytes.starts_with(wsq::MAGIC) {
            options.only_page()?;
            return match wsq::decode(bytes, limits) {
                Ok(decoded) => Ok(Self { image: decoded.image, stated: decoded.ppi.map(f32::from), notes: Vec::new() }),
                Err(WsqError::Limit(error)) => Err(error.into()),
                Err(error) => Err(ImageError::Damaged { format: "WSQ", reason: error.to_string() }),
            };
        }
        #[cfg(feature = "jpeg2000")]
        if super::jpeg2000::is_jpeg2000(bytes) {
            options.only_page()?;
            let image = super::jpeg2000::decode(bytes, limits)?;
            return Ok(Self { image, stated: None, notes: Vec::new() });
        }
        let opened = open(bytes, options, limits)?;
        let luma = match opened.image {
            image::DynamicImage::ImageLuma8(gray) => gray,
            other => other.into_luma8(),
        };
        let ((width, height), actual) = (luma.dimensions(), luma.as_raw().len());
        let expected = u64::from(width).saturating_mul(height.into());
        let image = Gray8::new(width, height, luma.into_raw());
        let image = image.ok_or(ImageError::Length { width, height, expected, actual })?;
        Ok(Self { image, stated: opened.stated, notes: opened.notes })
    }

    /// The fingerprint at 500 ppi. `ppi` is the caller's word and overrides what the file states; without it the
    /// file's statement is taken.
    ///
    /// # Errors
    /// [`ImageError::NoResolution`] when neither says it, or the file states less than 100 ppi, as software does that
    /// does not know; otherwise as [`FingerImage::from_gray8`].
    pub fn finger(self, ppi: Option<Ppi>, limits: &Limits) -> Result<FingerImage, ImageError> {
        let stated = self.stated;
        let ppi = ppi.or_else(|| Ppi::new(stated?).ok()).ok_or(ImageError::NoResolution { stated })?;
        FingerImage::resampled(self.image, ppi, limits)
    }
}

impl Gray8 {
    /// Decodes an image file within limits: [`ImageFile::decode`] with the usual options, without the notes.
    ///
    /// # Errors
    /// See [`ImageFile::decode`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, ImageError> {
        Ok(ImageFile::decode(bytes, &ImageOptions::default(), limits)?.image)
    }
}
