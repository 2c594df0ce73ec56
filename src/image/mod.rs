//! Fingerprint images: 8-bit gray at 500 ppi, ridges dark.

mod decode;
mod gray;
#[cfg(feature = "jpeg2000")]
mod jpeg2000;
mod resample;
pub mod wsq;

use std::fmt;

use thiserror::Error;

#[cfg(feature = "decode")]
pub(crate) use decode::open;
pub use gray::Gray8;
#[cfg(feature = "jpeg2000")]
pub(crate) use jpeg2000::MAGICS as JPEG2000_MAGICS;
pub(crate) use resample::{CM_PER_INCH, scale_to_500};

use crate::limits::{LimitError, Limits};

/// Resolution of a sample in pixels per inch, 100 to 4000.
///
/// Never guessed: scanners differ (500, 508, 512, 569, 1000) and an error of 5 % costs matches.
///
/// ```
/// use selfsame::Ppi;
/// assert!(Ppi::new(500.0).is_ok());
/// assert!(Ppi::new(0.0).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ppi(f32);

impl Ppi {
    /// 500 ppi, the resolution that everything inside this crate works at.
    pub const P500: Self = Self(500.0);

    /// A resolution in pixels per inch.
    ///
    /// # Errors
    /// [`ImageError::Resolution`] outside 100..=4000 or NaN.
    pub fn new(ppi: f32) -> Result<Self, ImageError> {
        if (100.0..=4000.0).contains(&ppi) { Ok(Self(ppi)) } else { Err(ImageError::Resolution { ppi }) }
    }

    /// Pixels per inch.
    #[must_use]
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// Why bytes or pixels are not a usable fingerprint image.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A resolution outside 100..=4000 ppi.
    #[error("resolution {ppi} ppi is outside 100..=4000")]
    Resolution {
        /// What was given.
        ppi: f32,
    },
    /// Fewer or more pixels than width times height.
    #[error("{width} x {height} pixels need {expected} bytes, {actual} were given")]
    Length {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Width times height.
        expected: u64,
        /// Length of the slice.
        actual: usize,
    },
    /// Smaller than any print after resampling to 500 ppi.
    #[error("{width} x {height} pixels at 500 ppi is too small, at least {min} x {min} are needed", min = FingerImage::MIN_SIDE)]
    TooSmall {
        /// Width at 500 ppi.
        width: u32,
        /// Height at 500 ppi.
        height: u32,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// No input at all.
    #[error("the input is empty")]
    Empty,
    /// Neither PNG, TIFF, BMP, PNM, JPEG nor WSQ.
    #[error("not a PNG, TIFF, BMP, PNM, JPEG or WSQ image")]
    UnknownFormat,
    /// The decoder refused the bytes.
    #[error("damaged or unsupported {format} image: {reason}")]
    Damaged {
        /// The format that the first bytes announce.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// The encoder refused the pixels.
    #[error("cannot be written as {format}: {reason}")]
    Unwritable {
        /// The format.
        format: &'static str,
        /// What the encoder said.
        reason: String,
    },
}

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
    pixels: Vec<u8>,
}

impl FingerImage {
    /// Smallest side at 500 ppi, pixels (1.6 mm).
    pub const MIN_SIDE: u32 = 32;

    /// From row-major 8-bit gray pixels, 0 black; resampled to 500 ppi when `ppi` differs by more than 0.5 %.
    ///
    /// # Errors
    /// [`ImageError`] when the length does not fit, or the size exceeds the default [`Limits`] or is too small.
    pub fn from_gray8(width: u32, height: u32, ppi: Ppi, pixels: &[u8]) -> Result<Self, ImageError> {
        Self::from_gray8_within(width, height, ppi, pixels, &Limits::default())
    }

    /// Like [`FingerImage::from_gray8`] with limits of the caller's.
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

    /// From row-major 16-bit gray samples, scaled to 8 bits (rounded); otherwise like [`FingerImage::from_gray8`].
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

    /// From a view of 8-bit gray pixels, rows first (any stride).
    ///
    /// # Errors
    /// See [`FingerImage::from_gray8`].
    ///
    /// ```
    /// use ndarray::Array2;
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

    /// Decodes a PNG, TIFF, BMP, PNM, JPEG or WSQ image (8- or 16-bit gray, or color turned to luma) within limits.
    ///
    /// The format is told by the first bytes. The file's own resolution field is ignored: scanners write nonsense there.
    ///
    /// # Errors
    /// [`ImageError`] when the bytes are empty, of no known format, damaged, or larger than the limits.
    #[cfg(feature = "decode")]
    pub fn decode(bytes: &[u8], ppi: Ppi, limits: &Limits) -> Result<Self, ImageError> {
        let image = decode::decode_gray8(bytes, limits)?;
        let (width, height) = (image.width(), image.height());
        Self::at_500(width, height, ppi, image.into_pixels(), limits)
    }

    /// Resamples to 500 ppi and checks the size that comes out.
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
        Ok(Self { width: side(new_width), height: side(new_height), pixels })
    }

    /// The same image with gray levels turned round, for sensors that show ridges bright.
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
