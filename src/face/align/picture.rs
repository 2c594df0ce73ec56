//! Pictures in color.

use std::fmt;

use super::error::AlignError;

/// Red, green and blue bytes of a picture, row by row from the top left, as [`image::RgbImage`] and most cameras hold them.
/// `Debug` shows the sides only.
///
/// ```
/// use selfsame::face::align::RgbView;
/// let pixels = [0; 3 * 4 * 2];
/// assert!(RgbView::new(&pixels, 4, 2).is_ok());
/// assert!(RgbView::new(&pixels, 4, 3).is_err());
/// ```
///
/// [`image::RgbImage`]: https://docs.rs/image/latest/image/type.RgbImage.html
#[derive(Clone, Copy)]
pub struct RgbView<'a> {
    pixels: &'a [[u8; 3]],
    width: usize,
    height: usize,
}

impl<'a> RgbView<'a> {
    /// A view of `width * height` pixels of three bytes each.
    ///
    /// # Errors
    /// [`AlignError::Empty`] or [`AlignError::Bytes`].
    pub fn new(pixels: &'a [u8], width: usize, height: usize) -> Result<Self, AlignError> {
        if width == 0 || height == 0 {
            return Err(AlignError::Empty { width, height });
        }
        let needed = width.checked_mul(height).and_then(|n| n.checked_mul(3));
        if needed != Some(pixels.len()) {
            return Err(AlignError::Bytes { width, height, bytes: pixels.len() });
        }
        Ok(Self { pixels: pixels.as_chunks().0, width, height })
    }

    /// Width, pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// A pixel; black outside.
    pub(super) fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let place = |at: i64, side: usize| usize::try_from(at).ok().filter(|at| *at < side);
        let pixel =
            place(x, self.width).zip(place(y, self.height)).and_then(|(x, y)| self.pixels.get(y * self.width + x));
        pixel.copied().unwrap_or_default()
    }
}

impl fmt::Debug for RgbView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RgbView").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

/// A picture that owns its pixels. `Debug` shows the sides only.
#[derive(Clone, PartialEq, Eq)]
pub struct RgbPicture {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

impl RgbPicture {
    /// A picture of `width * height` pixels of three bytes each.
    ///
    /// # Errors
    /// As [`RgbView::new`].
    pub fn new(pixels: Vec<u8>, width: usize, height: usize) -> Result<Self, AlignError> {
        RgbView::new(&pixels, width, height)?;
        Ok(Self { pixels, width, height })
    }

    /// A view of its pixels.
    #[must_use]
    pub fn view(&self) -> RgbView<'_> {
        RgbView { pixels: self.pixels.as_chunks().0, width: self.width, height: self.height }
    }
}

impl fmt::Debug for RgbPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RgbPicture").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}
