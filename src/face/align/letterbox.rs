//! A picture scaled to fit a frame, as detectors take it.

use super::picture::RgbView;
use super::similarity::Similarity;
use super::tensor::{InputForm, Layout, floats};
use super::warp::warp;

/// A picture scaled to fit a width and a height, in the upper left corner of a black frame.
pub(crate) struct Letterbox {
    pixels: Vec<u8>,
    way: Similarity,
}

impl Letterbox {
    /// Scales a picture, bilinearly between the centers of pixels.
    pub(crate) fn of(picture: &RgbView<'_>, width: usize, height: usize) -> Self {
        let scale = (width as f64 / picture.width() as f64).min(height as f64 / picture.height() as f64);
        // The corner of the first pixel stays where it is.
        let shift = scale / 2.0 - 0.5;
        let way = Similarity { a: scale, b: 0.0, u: shift, v: shift };
        Self { pixels: warp(picture, way, width, height), way }
    }

    /// The place in the picture of a place in the frame.
    pub(crate) fn back(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = self.way.inverse().apply((x.into(), y.into()));
        (x as f32, y as f32)
    }

    /// Planes of colors.
    pub(crate) fn to_planes(&self, form: &InputForm) -> Vec<f32> {
        floats(&self.pixels, form, Layout::Planes)
    }
}
