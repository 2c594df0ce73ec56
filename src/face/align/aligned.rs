//! A face in the form that models expect.

use std::fmt;

use super::error::AlignError;
use super::landmarks::Landmarks;
use super::params;
use super::picture::RgbView;
use super::warp::warp;

/// A face of [`AlignedFace::SIDE`] x [`AlignedFace::SIDE`] pixels in color. `Debug` shows no pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct AlignedFace {
    pixels: Vec<u8>,
}

impl AlignedFace {
    /// Width and height, pixels.
    pub const SIDE: usize = params::SIDE;

    /// The face in a picture, at the given landmarks.
    ///
    /// Pixels are interpolated bilinearly and are black outside the picture, as with OpenCV's `warpAffine` in the
    /// models' training: a face much larger than 112 pixels is not smoothed first. The result has the same bytes on
    /// every machine.
    ///
    /// ```
    /// use selfsame::face::align::{AlignedFace, Landmarks, RgbView};
    /// let pixels = [200; 3 * 120 * 120];
    /// let points = [(40.0, 52.0), (75.0, 52.0), (58.0, 72.0), (43.0, 92.0), (72.0, 92.0)];
    /// let face = AlignedFace::from_picture(&RgbView::new(&pixels, 120, 120)?, &Landmarks::new(points)?)?;
    /// assert_eq!(face.pixels()[3 * (112 * 56 + 56)..][..3], [200; 3]);
    /// # Ok::<(), selfsame::face::align::AlignError>(())
    /// ```
    ///
    /// # Errors
    /// [`AlignError::Outside`] when a landmark lies further outside the picture than half of its longer side.
    pub fn from_picture(picture: &RgbView<'_>, landmarks: &Landmarks) -> Result<Self, AlignError> {
        landmarks.check_inside(picture)?;
        Ok(Self { pixels: warp(picture, landmarks.similarity()) })
    }

    /// A face that was aligned elsewhere.
    ///
    /// # Errors
    /// [`AlignError::Bytes`] when there are not `3 * 112 * 112` bytes.
    pub fn from_pixels(pixels: &[u8]) -> Result<Self, AlignError> {
        RgbView::new(pixels, Self::SIDE, Self::SIDE)?;
        Ok(Self { pixels: pixels.to_vec() })
    }

    /// Red, green and blue, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl fmt::Debug for AlignedFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlignedFace").finish_non_exhaustive()
    }
}
