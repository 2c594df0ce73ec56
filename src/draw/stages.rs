//! The stages of an extraction as pictures.

use image::{Rgb, RgbImage};

use super::marks;
use super::overlay::overlay;
use super::params::{FADED, STROKE, STROKE_SPACING};
use super::picture::Picture;
use crate::fingerprint::extract::{Stage, TraceSink};
use crate::image::FingerImage;

/// Collects a picture of each stage, in the order of the pipeline.
///
/// ```
/// use selfsame::draw::StagePictures;
/// use selfsame::{Extractor, FingerImage, Ppi};
/// let blank = FingerImage::from_gray8(100, 100, Ppi::P500, &[255; 10_000])?;
/// let mut pictures = StagePictures::new(&blank);
/// assert!(Extractor::new().extract_traced(&blank, &mut pictures).is_err());
/// // The stages before the error can be viewed.
/// assert_eq!(pictures.pictures()[0].0, "normalized");
/// # Ok::<(), selfsame::image::ImageError>(())
/// ```
#[derive(Debug)]
pub struct StagePictures<'a> {
    image: &'a FingerImage,
    pictures: Vec<(&'static str, Picture)>,
}

impl<'a> StagePictures<'a> {
    /// A sink for the stages of `image`.
    #[must_use]
    pub fn new(image: &'a FingerImage) -> Self {
        Self { image, pictures: Vec::new() }
    }

    /// Names and pictures so far.
    #[must_use]
    pub fn pictures(&self) -> &[(&'static str, Picture)] {
        &self.pictures
    }

    /// Names and pictures.
    #[must_use]
    pub fn into_pictures(self) -> Vec<(&'static str, Picture)> {
        self.pictures
    }

    /// The print with a stroke along the ridges in every cell that is not background.
    fn strokes(&self, cell: usize, columns: usize, rows: usize, angle: impl Fn(usize, usize) -> f32) -> RgbImage {
        let (width, height) = (self.image.width(), self.image.height());
        let scale = marks::scale_for(width, height);
        let mut picture = marks::enlarged(width, height, scale, |x, y| {
            let at = y as usize * width as usize + x as usize;
            let gray = self.image.pixels().get(at).copied().unwrap_or(255);
            (255.0 - FADED * f32::from(255 - gray)) as u8
        });
        let every = STROKE_SPACING.div_ceil(cell.max(1));
        let half = 0.45 * (every * cell) as f32 * scale as f32;
        for row in (0..rows).step_by(every) {
            for column in (0..columns).step_by(every) {
                let angle = angle(column, row);
                if angle.is_finite() {
                    let center = |i: usize| (i as f32 + 0.5) * cell as f32 * scale as f32;
                    let (x, y) = (center(column), center(row));
                    let (dx, dy) = (half * angle.cos(), -half * angle.sin());
                    marks::line(&mut picture, (x - dx, y - dy), (x + dx, y + dy), Rgb(STROKE));
                }
            }
        }
        picture
    }
}

/// `value` between `low` (0) and `high` (255).
fn gray(value: f32, low: f32, high: f32) -> u8 {
    let share = (value - low) / (high - low);
    if share.is_finite() { (share.clamp(0.0, 1.0) * 255.0).round() as u8 } else { 0 }
}

impl TraceSink for StagePictures<'_> {
    fn stage(&mut self, name: &'static str, stage: Stage<'_>) {
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (width, height) = (self.image.width(), self.image.height());
        let picture = match stage {
            Stage::Image { values, low, high } => {
                marks::enlarged(side(values.width()), side(values.height()), 1, |x, y| {
                    gray(values.get(x as usize, y as usize).unwrap_or(low), low, high)
                })
            }
            Stage::Bitmap(bits) => marks::enlarged(side(bits.width()), side(bits.height()), 1, |x, y| {
                // Ridges are dark, as in the print.
                if bits.get(x as usize, y as usize) { 0 } else { 255 }
            }),
            Stage::BlockMap { values, cell, low, high } => {
                let cell = cell.max(1);
                marks::enlarged(width, height, 1, |x, y| {
                    gray(values.get(x as usize / cell, y as usize / cell).unwrap_or(low), low, high)
                })
            }
            Stage::Orientation { values, cell } => {
                let angle = |x, y| values.get(x, y).unwrap_or(f32::NAN);
                self.strokes(cell, values.width(), values.height(), angle)
            }
            Stage::Minutiae(minutiae) => overlay(self.image, minutiae).0,
            Stage::Singular(points) => {
                let scale = marks::scale_for(width, height);
                let mut picture = overlay(self.image, &[]).0;
                marks::singular(&mut picture, points, scale);
                picture
            }
        };
        self.pictures.push((name, Picture(picture)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::extract::Extractor;
    use crate::image::Ppi;

    /// Straight ridges of 9 pixels with a dislocation in the middle, from which minutiae come.
    fn ridges() -> FingerImage {
        let pixels: Vec<u8> = (0..256 * 256)
            .map(|i| {
                let (x, y) = ((i % 256) as f32 - 128.0, (i / 256) as f32 - 128.0);
                (127.5 + 110.0 * (std::f32::consts::TAU * x / 9.0 + y.atan2(x)).cos()) as u8
            })
            .collect();
        FingerImage::from_gray8(256, 256, Ppi::P500, &pixels).unwrap()
    }

    #[test]
    fn every_stage_becomes_a_picture() {
        let filters =
            ["normalized", "mask", "orientation", "period", "enhanced", "binary", "ridge_skeleton", "minutiae"];
        every_one_becomes_a_picture(&Extractor::classical(), &filters);
        #[cfg(feature = "neural")]
        every_one_becomes_a_picture(
            &Extractor::new(),
            &["normalized", "foreground", "orientation", "period", "heat", "minutiae"],
        );
    }

    fn every_one_becomes_a_picture(extractor: &Extractor, stages: &[&str]) {
        let image = ridges();
        let mut sink = StagePictures::new(&image);
        // It does not matter here whether enough minutiae are found.
        let _ = extractor.extract_traced(&image, &mut sink);
        let names: Vec<_> = sink.pictures().iter().map(|(name, _)| *name).collect();
        for wanted in stages {
            assert!(names.contains(wanted), "{wanted} is missing from {names:?}");
        }
        for (name, picture) in sink.into_pictures() {
            assert!(picture.width() == 256 || picture.width() == 512, "{name}");
            let first = picture.rgb()[0];
            assert!(picture.rgb().iter().any(|p| *p != first) || name.starts_with("coherence"), "{name} is blank");
        }
    }

    #[test]
    fn grays_stay_in_range() {
        assert_eq!((gray(-9.0, 0.0, 1.0), gray(0.5, 0.0, 1.0), gray(9.0, 0.0, 1.0)), (0, 128, 255));
        assert_eq!((gray(0.0, 1.0, -1.0), gray(f32::NAN, 0.0, 1.0), gray(1.0, 1.0, 1.0)), (128, 0, 0));
    }
}
