//! Conversion of bytes to the floats that models take.

use super::aligned::AlignedFace;

/// Order of the colors in a model's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Colors {
    /// Red, green, blue: ArcFace and most models exported from PyTorch.
    #[default]
    Rgb,
    /// Blue, green, red: models trained on images from OpenCV.
    Bgr,
}

/// Form of a model's input: each byte becomes `(byte - mean) / divisor`, in one plane per color (NCHW).
///
/// The usual form is `(byte - 127.5) / 127.5` in the order red, green, blue; others divide by 128, or take plain bytes (mean 0,
/// divisor 1). The form belongs to the model: a wrong one gives embeddings that look valid but match badly.
///
/// ```
/// use selfsame::face::align::{Colors, InputForm};
/// let form = InputForm { divisor: 128.0, colors: Colors::Bgr, ..InputForm::default() };
/// assert_eq!(form.mean, 127.5);
/// assert!(form.is_valid() && !InputForm { divisor: 0.0, ..form }.is_valid());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputForm {
    /// Value subtracted from each byte.
    pub mean: f32,
    /// Divisor of the difference.
    pub divisor: f32,
    /// Order of the planes.
    pub colors: Colors,
}

impl Default for InputForm {
    fn default() -> Self {
        Self { mean: 127.5, divisor: 127.5, colors: Colors::Rgb }
    }
}

impl InputForm {
    /// Whether every byte becomes a finite number.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let ends = [0.0, 255.0].map(|byte: f32| (byte - self.mean) / self.divisor);
        ends.iter().all(|end| end.is_finite())
    }
}

impl AlignedFace {
    /// The input of a model: `3 * 112 * 112` floats, plane after plane.
    #[must_use]
    pub fn to_input(&self, form: &InputForm) -> Vec<f32> {
        let order = match form.colors {
            Colors::Rgb => [0, 1, 2],
            Colors::Bgr => [2, 1, 0],
        };
        let (pixels, _) = self.pixels().as_chunks::<3>();
        let value = |byte: u8| (f32::from(byte) - form.mean) / form.divisor;
        order.iter().flat_map(|&channel| pixels.iter().map(move |pixel| value(pixel[channel]))).collect()
    }
}
