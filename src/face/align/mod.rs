//! Faces turned, scaled and shifted so that eyes, nose and mouth lie where recognition models expect them.
//!
//! Five landmarks, from whatever detector, and a picture give a face of 112 x 112 pixels; no model and no feature of this crate
//! is needed for that. `face::embed` (feature `onnx`) makes an embedding of it by a model of the user's own, and
//! [`AlignedFace::to_input`] gives the numbers that any other runtime takes.

mod decode;
mod error;
mod params;
mod picture;
mod similarity;
mod tensor;
mod warp;

use std::fmt;

pub use error::AlignError;
pub use picture::{RgbPicture, RgbView};
pub use similarity::Similarity;
pub use tensor::{Colors, InputForm};

use similarity::Fit;

/// Landmarks of a face.
const LANDMARKS: usize = 5;

/// Five points of a face in a picture, pixels: x right, y down, the center of the first pixel at (0, 0).
///
/// Left and right are those of the picture, not of the person: a face that looks into the camera has its right eye on the left.
/// `Debug` shows no positions.
///
/// ```
/// use selfsame::face::align::{AlignError, Landmarks};
/// let points = [(30.0, 40.0), (70.0, 41.0), (50.0, 65.0), (34.0, 88.0), (66.0, 89.0)];
/// assert!(Landmarks::new(points).is_ok());
/// assert_eq!(Landmarks::new([(5.0, 5.0); 5]), Err(AlignError::TooClose));
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Landmarks([(f64, f64); LANDMARKS]);

impl Landmarks {
    /// The eye on the left of the picture, the eye on the right, the tip of the nose, the left and the right corner of the
    /// mouth. A face may be turned in the picture by any angle.
    ///
    /// # Errors
    /// [`AlignError::NotFinite`]; [`AlignError::TooClose`] when they lie within about two pixels of one another;
    /// [`AlignError::NotAFace`] when they are in another order or otherwise far from the layout of a face.
    pub fn new(points: [(f32, f32); LANDMARKS]) -> Result<Self, AlignError> {
        if let Some(landmark) = points.iter().position(|(x, y)| !(x.is_finite() && y.is_finite())) {
            return Err(AlignError::NotFinite { landmark });
        }
        let landmarks = Self(points.map(|(x, y)| (x.into(), y.into())));
        let Fit { spread, agreement, .. } = landmarks.fit();
        if spread.is_nan() || spread < params::MIN_SPREAD {
            return Err(AlignError::TooClose);
        }
        if agreement.is_nan() || agreement < params::MIN_AGREEMENT {
            return Err(AlignError::NotAFace);
        }
        Ok(landmarks)
    }

    fn fit(&self) -> Fit {
        Similarity::fit(&self.0, &params::TEMPLATE)
    }

    /// The similarity from the picture to the aligned face: the nearest one by squared distances in the aligned face.
    #[must_use]
    pub fn similarity(&self) -> Similarity {
        self.fit().similarity
    }

    /// Refuses landmarks further outside the picture than half of its longer side.
    fn check_inside(&self, picture: &RgbView<'_>) -> Result<(), AlignError> {
        let (width, height) = (picture.width() as f64, picture.height() as f64);
        let beyond = params::OUTSIDE * width.max(height);
        let inside = |at: f64, side: f64| (-beyond..=side - 1.0 + beyond).contains(&at);
        match self.0.iter().position(|&(x, y)| !(inside(x, width) && inside(y, height))) {
            Some(landmark) => Err(AlignError::Outside { landmark }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Landmarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Landmarks(..)")
    }
}

/// A face of [`AlignedFace::SIDE`] x [`AlignedFace::SIDE`] pixels in color. `Debug` shows no pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct AlignedFace {
    pixels: Vec<u8>,
}

impl AlignedFace {
    /// Width and height, pixels.
    pub const SIDE: usize = params::SIDE;

    /// The face of a picture whose landmarks these are.
    ///
    /// Bilinear between the pixels of the picture, black where the picture ends, as OpenCV's `warpAffine` does it for the models'
    /// training: a face much larger than 112 pixels is not smoothed first. The same bytes on every machine.
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
        Ok(Self { pixels: warp::warp(picture, landmarks.similarity()) })
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

#[cfg(test)]
mod tests;
