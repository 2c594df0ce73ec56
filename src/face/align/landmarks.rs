//! Five points of a face.

use std::fmt;

use super::error::AlignError;
use super::params::{self, LANDMARKS};
use super::picture::RgbView;
use super::similarity::{Fit, Similarity};

/// Five points of a face in a picture, pixels: x right, y down, the center of the first pixel at (0, 0).
///
/// Left and right are those of the picture, not of the person: a person who looks into the camera has the right eye on
/// the left. `Debug` shows no positions.
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
    /// Takes the eye on the left of the picture, the eye on the right, the tip of the nose, the left and the right
    /// corner of the mouth. A face may be rotated in the picture by any angle.
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

    /// The similarity from the picture to the aligned face of 112 x 112 pixels: the nearest one by squared distances in the aligned
    /// face.
    #[must_use]
    pub fn similarity(&self) -> Similarity {
        self.fit().similarity
    }

    /// The similarity to an aligned face of another side.
    pub(super) fn similarity_to(&self, side: usize) -> Similarity {
        let Similarity { a, b, u, v } = self.similarity();
        let wider = !side.is_multiple_of(params::SIDE) && side.is_multiple_of(params::WIDER_SIDE);
        let (of, shift) = if wider { (params::WIDER_SIDE, params::WIDER_SHIFT) } else { (params::SIDE, 0.0) };
        let by = side as f64 / of as f64;
        Similarity { a: by * a, b: by * b, u: by * (u + shift), v: by * v }
    }

    /// Rejects landmarks further outside the picture than half of its longer side.
    pub(super) fn check_inside(&self, picture: &RgbView<'_>) -> Result<(), AlignError> {
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
