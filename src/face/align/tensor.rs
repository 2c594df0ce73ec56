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

/// Order of the numbers in a model's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Layout {
    /// One plane for each color (NCHW): PyTorch, MXNet.
    #[default]
    Planes,
    /// The three colors of each pixel side by side (NHWC): TensorFlow, Keras.
    Pixels,
}

/// Form of a model's input: each byte becomes `(byte - mean) / divisor`, with a mean and a divisor for each color.
///
/// The usual form is `(byte - 127.5) / 127.5` in the order red, green, blue; others divide by 128, take plain bytes (mean 0,
/// divisor 1), or use the means and deviations of ImageNet. The form belongs to the model: a wrong one gives embeddings that look
/// valid but match badly.
///
/// ```
/// use selfsame::face::align::{Colors, InputForm};
/// let form = InputForm { colors: Colors::Bgr, ..InputForm::of(127.5, 128.0) };
/// assert_eq!(form.mean, [127.5; 3]);
/// assert!(form.is_valid() && !InputForm { divisor: [1.0, 0.0, 1.0], ..form }.is_valid());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputForm {
    /// Values subtracted from the bytes of red, green and blue, whatever the order of colors.
    pub mean: [f32; 3],
    /// Divisors of the differences, of red, green and blue.
    pub divisor: [f32; 3],
    /// Order of the colors.
    pub colors: Colors,
}

impl Default for InputForm {
    fn default() -> Self {
        Self::of(127.5, 127.5)
    }
}

impl InputForm {
    /// One mean and one divisor for all colors, in the order red, green, blue.
    #[must_use]
    pub fn of(mean: f32, divisor: f32) -> Self {
        Self { mean: [mean; 3], divisor: [divisor; 3], colors: Colors::Rgb }
    }

    /// Whether every byte becomes a finite number.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let ends = |(mean, divisor)| [0.0, 255.0].map(|byte: f32| (byte - mean) / divisor);
        self.mean.into_iter().zip(self.divisor).all(|color| ends(color).iter().all(|end| end.is_finite()))
    }
}

impl AlignedFace {
    /// The input of a model: `3 * side * side` floats.
    #[must_use]
    pub fn to_input(&self, form: &InputForm, layout: Layout) -> Vec<f32> {
        floats(self.pixels(), form, layout)
    }
}

/// Bytes of red, green and blue as the floats of a form.
pub(super) fn floats(pixels: &[u8], form: &InputForm, layout: Layout) -> Vec<f32> {
    let order = match form.colors {
        Colors::Rgb => [0, 1, 2],
        Colors::Bgr => [2, 1, 0],
    };
    let (pixels, _) = pixels.as_chunks::<3>();
    let value = |pixel: &[u8; 3], color: usize| (f32::from(pixel[color]) - form.mean[color]) / form.divisor[color];
    match layout {
        Layout::Planes => order.iter().flat_map(|&color| pixels.iter().map(move |pixel| value(pixel, color))).collect(),
        Layout::Pixels => pixels.iter().flat_map(|pixel| order.map(|color| value(pixel, color))).collect(),
    }
}
