//! Defects of a sample, from the image and the maps of extraction.

use super::params::{
    BACKGROUND_LEAST, BRIGHT_RIDGES, CELL, DRY_SHARE, FEW_MINUTIAE, LOW_CONTRAST, PATCH, PATCH_STEP, POOR_FLOW,
    SMALL_AREA, WET_SHARE,
};
use crate::fingerprint::quality::{QualityReason, QualityReasons};
use crate::geometry::Grid;
use crate::image::FingerImage;

/// Gray levels of a print as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Grays {
    /// Mean over patches of the foreground: 90th minus 10th percentile, gray levels.
    pub contrast: f32,
    /// Mean over patches of the share of dark pixels, 0..=1: half when ridges and valleys are equally wide.
    pub ridges: f32,
    /// Position of the background's mean between the 5th and the 95th percentile of the foreground; `None` without
    /// background.
    pub background: Option<f32>,
}

/// Measurements that determine the reasons.
pub(super) struct Sample {
    pub grays: Grays,
    /// Foreground, pixels.
    pub area: usize,
    /// Mean agreement of gradients with the ridge flow over the foreground, 0..=1.
    pub flow: f32,
    /// Mean likelihood of a minutia, 0..=1.
    pub likelihood: f32,
    /// Number of minutiae, each counted with its likelihood.
    pub minutiae: f32,
}

/// The reasons that apply.
pub(super) fn reasons(sample: &Sample, doubtful_resolution: bool) -> QualityReasons {
    let Sample { grays, area, flow, minutiae, .. } = sample;
    let judged = [
        (QualityReason::TooSmall, *area < SMALL_AREA),
        (QualityReason::TooDry, grays.ridges < DRY_SHARE),
        (QualityReason::TooWet, grays.ridges > WET_SHARE),
        (QualityReason::LowContrast, grays.contrast < LOW_CONTRAST),
        (QualityReason::FewMinutiae, *minutiae < FEW_MINUTIAE),
        (QualityReason::NoRidgeFlow, *flow < POOR_FLOW),
        (QualityReason::BrightRidges, grays.background.is_some_and(|b| b < BRIGHT_RIDGES)),
        (QualityReason::DoubtfulResolution, doubtful_resolution),
    ];
    judged.into_iter().filter_map(|(reason, holds)| holds.then_some(reason)).collect()
}

impl Grays {
    /// Measures an image with its foreground. Reads one pixel in [`PATCH_STEP`] squared.
    pub fn of(image: &FingerImage, mask: &Grid<bool>) -> Self {
        const CELLS: usize = PATCH / CELL;
        let (width, height) = (image.width() as usize, image.height() as usize);
        let mut samples: Vec<u8> = Vec::with_capacity((PATCH / PATCH_STEP).pow(2));
        let (mut contrast, mut ridges, mut count) = (0f32, 0f32, 0f32);
        let (mut outside, mut sum) = (0usize, 0f32);
        let (mut low, mut high) = (0f32, 0f32);
        for row in 0..height / PATCH {
            for column in 0..width / PATCH {
                let cells = (0..CELLS * CELLS).map(|i| (column * CELLS + i % CELLS, row * CELLS + i / CELLS));
                let inside = cells.filter(|&(x, y)| mask.get(x, y) == Some(true)).count();
                // Every second patch of the print, like the white fields of a chessboard, is enough.
                let skipped = (row + column) % 2 == 1;
                if inside != 0 && (inside != CELLS * CELLS || skipped) {
                    continue;
                }
                samples.clear();
                for y in (row * PATCH..(row + 1) * PATCH).step_by(PATCH_STEP) {
                    let line = &image.pixels()[y * width + column * PATCH..][..PATCH];
                    samples.extend(line.iter().copied().step_by(PATCH_STEP));
                }
                if inside == 0 {
                    outside += PATCH * PATCH;
                    sum += samples.iter().map(|&p| f32::from(p)).sum::<f32>() / samples.len() as f32;
                    continue;
                }
                samples.sort_unstable();
                let quantile = |twentieths: usize| f32::from(samples[samples.len() * twentieths / 20]);
                let (darkest, brightest) = (quantile(1), quantile(19));
                let middle = (darkest + brightest) / 2.0;
                count += 1.0;
                contrast += quantile(18) - quantile(2);
                ridges += samples.partition_point(|&p| f32::from(p) < middle) as f32 / samples.len() as f32;
                low += darkest;
                high += brightest;
            }
        }
        if count == 0.0 {
            return Self { contrast: 0.0, ridges: 0.5, background: None };
        }
        let (low, high) = (low / count, high / count);
        let background = (outside >= BACKGROUND_LEAST).then(|| sum / (outside / (PATCH * PATCH)) as f32);
        Self {
            contrast: contrast / count,
            ridges: ridges / count,
            background: background.map(|b| (b - low) / (high - low).max(1.0)),
        }
    }
}
