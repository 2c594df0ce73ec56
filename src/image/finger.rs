//! Fingerprint images at the resolution that this crate uses.

use std::fmt;

use super::error::ImageError;
#[cfg(feature = "decode")]
use super::gray::Gray8;
use super::params::MIN_SIDE;
use super::ppi::Ppi;
use super::resample;
use crate::limits::Limits;

/// A fingerprint image at 500 ppi, 8-bit gray, row-major, ridges dark on a bright ground.
///
/// ```
/// use selfsame::{FingerImage, Ppi};
/// let pixels = vec![255u8; 300 * 400];
/// let image = FingerImage::from_gray8(300, 400, Ppi::new(500.0)?, &pixels)?;
/// assert_eq!((image.width(), image.height()), (300, 400));
/// # Ok::<(), selfsame::image::ImageError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct FingerImage {
    width: u32,
    height: u32,
    stated: Ppi,
    pixels: Vec<u8>,
}

impl FingerImage {
    /// Smallest side at 500 ppi, pixels (1.6 mm).
    pub const MIN_SIDE: u32 = MIN_SIDE;

    /// Makes an image from row-major 8-bit gray pixels, 0 black, resampled to 500 ppi when `ppi` differs by more than
    /// 0.5 %.
    ///
    /// # Errors
    /// [`ImageError`] when the length does not fit, or the size exceeds the default [`Limits`] or is too small.
    pub fn from_gray8(width: u32, height: u32, ppi: Ppi, pixels: &[u8]) -> Result<Self, ImageError> {
        Self::from_gray8_within(width, height, ppi, pixels, &Limits::default())
    }

    /// Like [`FingerImage::from_gray8`] with the caller's limits.
    ///
    /// # Errors
    /// See [`FingerImage::from_gray8`].
    pub fn from_gray8_within(
        width: u32,
        height: u32,
        ppi: Ppi,
        pixels: &[u8],
        limits: &Limits,
    ) -> Result<Self, ImageError> {
        check_length(width, height, pixels.len())?;
        limits.check_pixels(width, height)?;
        Self::at_500(width, height, ppi, pixels.to_vec(), limits)
    }

    /// Makes an image from row-major 16-bit gray samples, scaled to 8 bits (rounded); otherwise like
    /// [`FingerImage::from_gray8`].
    ///
    /// # Errors
    /// See [`FingerImage::from_gray8`].
    pub fn from_gray16(width: u32, height: u32, ppi: Ppi, samples: &[u16]) -> Result<Self, ImageError> {
        let limits = Limits::default();
        check_length(width, height, samples.len())?;
        limits.check_pixels(width, height)?;
        let pixels = samples.iter().map(|&s| ((u32::from(s) + 128) / 257) as u8).collect();
        Self::at_500(width, height, ppi, pixels, &limits)
    }

    /// Makes an image from a view of 8-bit gray pixels, rows first (any stride).
    ///
    /// # Errors
    /// See [`FingerImage::from_gray8`].
    ///
    /// ```
    /// use selfsame::ndarray::Array2;
    /// use selfsame::{FingerImage, Ppi};
    /// let pixels = Array2::<u8>::zeros((400, 300));
    /// let image = FingerImage::from_array(pixels.view(), Ppi::P500)?;
    /// assert_eq!((image.width(), image.height()), (300, 400));
    /// # Ok::<(), selfsame::image::ImageError>(())
    /// ```
    #[cfg(feature = "ndarray")]
    pub fn from_array(view: ndarray::ArrayView2<'_, u8>, ppi: Ppi) -> Result<Self, ImageError> {
        let limits = Limits::default();
        let (rows, columns) = view.dim();
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        limits.check_pixels(side(columns), side(rows))?;
        Self::at_500(side(columns), side(rows), ppi, view.iter().copied().collect(), &limits)
    }

    /// Decodes an image file (8- or 16-bit gray, or color turned to luma) within limits, as viewers show it. `ppi` is the
    /// caller's word; the file's own statement is ignored here because it is often wrong.
    /// [`ImageFile`](super::ImageFile) reports it, and what was assumed.
    ///
    /// # Errors
    /// [`ImageError`] when the bytes are empty, of no known format, damaged or incomplete, of several pages, or larger
    /// than the limits.
    #[cfg(feature = "decode")]
    pub fn decode(bytes: &[u8], ppi: Ppi, limits: &Limits) -> Result<Self, ImageError> {
        Self::resampled(Gray8::decode(bytes, limits)?, ppi, limits)
    }

    /// The image at 500 ppi.
    #[cfg(feature = "decode")]
    pub(super) fn resampled(image: Gray8, ppi: Ppi, limits: &Limits) -> Result<Self, ImageError> {
        let (width, height) = (image.width(), image.height());
        Self::at_500(width, height, ppi, image.into_pixels(), limits)
    }

    /// Resamples to 500 ppi and checks the resulting size.
    fn at_500(width: u32, height: u32, ppi: Ppi, pixels: Vec<u8>, limits: &Limits) -> Result<Self, ImageError> {
        let (width, height) = (width as usize, height as usize);
        let (new_width, new_height) = resample::target_size(width, height, ppi.get());
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if side(new_width) < Self::MIN_SIDE || side(new_height) < Self::MIN_SIDE {
            return Err(ImageError::TooSmall { width: side(new_width), height: side(new_height) });
        }
        limits.check_pixels(side(new_width), side(new_height))?;
        let pixels = if (new_width, new_height) == (width, height) {
            pixels
        } else {
            resample::resample(&pixels, width, height, new_width, new_height)
        };
        Ok(Self { width: side(new_width), height: side(new_height), stated: ppi, pixels })
    }

    /// The same image with inverted gray levels, for sensors that show bright ridges.
    #[must_use]
    pub fn inverted(mut self) -> Self {
        for p in &mut self.pixels {
            *p = 255 - *p;
        }
        self
    }

    /// Width, pixels at 500 ppi.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height, pixels at 500 ppi.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The resolution that was stated for the pixels it was made of. It is not verified here:
    /// [`ridge_period`](crate::fingerprint::extract::ridge_period) says whether it can be right.
    #[must_use]
    pub fn stated_ppi(&self) -> Ppi {
        self.stated
    }

    /// Row-major pixels, `width * height` bytes, 0 black.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl fmt::Debug for FingerImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerImage").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

fn check_length(width: u32, height: u32, actual: usize) -> Result<(), ImageError> {
    let expected = u64::from(width) * u64::from(height);
    if expected == actual as u64 { Ok(()) } else { Err(ImageError::Length { width, height, expected, actual }) }
}
