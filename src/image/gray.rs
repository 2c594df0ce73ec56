//! Decoded pixels before resampling.

use std::fmt;

#[cfg(feature = "decode")]
use super::error::ImageError;

/// An 8-bit gray image at any resolution, row-major, 0 black.
///
/// ```
/// use selfsame::image::Gray8;
/// let image = Gray8::new(2, 1, vec![0, 255]).expect("two pixels");
/// assert_eq!(image.pixels(), [0, 255]);
/// assert!(Gray8::new(2, 2, vec![0]).is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Gray8 {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Gray8 {
    /// Makes an image from row-major pixels; `None` when there are not `width * height` of them.
    #[must_use]
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let fits = u64::from(width) * u64::from(height) == pixels.len() as u64;
        fits.then_some(Self { width, height, pixels })
    }

    /// Encodes as PNG, without loss.
    ///
    /// # Errors
    /// [`ImageError::Unwritable`] for an image without pixels or too large for the format.
    ///
    /// ```
    /// use selfsame::Limits;
    /// use selfsame::image::Gray8;
    /// let image = Gray8::new(2, 1, vec![0, 255]).expect("two pixels");
    /// assert_eq!(Gray8::decode(&image.to_png()?, &Limits::default())?, image);
    /// # Ok::<(), selfsame::image::ImageError>(())
    /// ```
    #[cfg(feature = "decode")]
    pub fn to_png(&self) -> Result<Vec<u8>, ImageError> {
        use image::ImageEncoder;

        let unwritable = |reason: String| ImageError::Unwritable { format: "PNG", reason };
        if self.pixels.is_empty() {
            return Err(unwritable("there are no pixels".into()));
        }
        let mut bytes = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        let done = encoder.write_image(&self.pixels, self.width, self.height, image::ExtendedColorType::L8);
        done.map_err(|e| unwritable(e.to_string()))?;
        Ok(bytes)
    }

    /// Width, pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height, pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Row-major pixels, 0 black.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels alone.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}

impl fmt::Debug for Gray8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gray8").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}
