//! A face in the form that models expect.

use std::fmt;

use super::error::AlignError;
use super::landmarks::Landmarks;
use super::params;
use super::picture::RgbView;
use super::warp::warp;

/// A square picture of a face in color, usually of 112 x 112 pixels. `Debug` shows no pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct AlignedFace {
    pixels: Vec<u8>,
    side: usize,
}

impl AlignedFace {
    /// The usual width and height, pixels.
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
        Self::from_picture_of_side(picture, landmarks, Self::SIDE)
    }

    /// As [`AlignedFace::from_picture`], with another width and height in pixels, for a model that takes faces of another size.
    ///
    /// The places of eyes, nose and mouth grow with the side. Multiples of 128 keep the scale of 112 with more of the picture round
    /// the face, as InsightFace does it. For models that were trained on other frames, such as FaceNet's, align elsewhere and use
    /// [`AlignedFace::from_pixels`].
    ///
    /// # Errors
    /// [`AlignError::Side`] outside 32 to 1024; otherwise as [`AlignedFace::from_picture`].
    pub fn from_picture_of_side(picture: &RgbView<'_>, landmarks: &Landmarks, side: usize) -> Result<Self, AlignError> {
        if !params::SIDES.contains(&side) {
            return Err(AlignError::Side { side });
        }
        landmarks.check_inside(picture)?;
        Ok(Self { pixels: warp(picture, landmarks.similarity_to(side), side, side), side })
    }

    /// A face that was aligned elsewhere, of `side` x `side` pixels.
    ///
    /// # Errors
    /// [`AlignError::Bytes`] when there are not `3 * side * side` bytes, [`AlignError::Side`] outside 32 to 1024.
    pub fn from_pixels(pixels: &[u8], side: usize) -> Result<Self, AlignError> {
        if !params::SIDES.contains(&side) {
            return Err(AlignError::Side { side });
        }
        RgbView::new(pixels, side, side)?;
        Ok(Self { pixels: pixels.to_vec(), side })
    }

    /// Width and height, pixels.
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
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
