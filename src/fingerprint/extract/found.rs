//! Findings of a method, and those that both methods derive from their maps.

use super::error::ExtractError;
use super::orientation::Field;
use super::params::{CELL, MIN_AREA};
use super::prints;
use super::quality;
use super::reasons::{Grays, Sample};
use super::singular;
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::singular::{PatternClass, SingularPoint};
use crate::fingerprint::template::RidgeFlow;
use crate::geometry::Grid;
use crate::image::FingerImage;

/// Findings of a method.
pub(super) struct Found {
    /// Minutiae with qualities, in any order.
    pub(super) minutiae: Vec<Minutia>,
    /// Sample quality, 0..=100.
    pub(super) quality: u8,
    pub(super) flow: Option<RidgeFlow>,
    /// Measurements that determine the quality reasons.
    pub(super) sample: Sample,
    /// Cores and deltas.
    pub(super) singular: Vec<SingularPoint>,
    pub(super) pattern: Option<PatternClass>,
    /// The number of prints that the picture shows.
    pub(super) prints: usize,
}

impl Found {
    /// Adds the findings from the maps that both methods have.
    pub(super) fn new(image: &FingerImage, minutiae: Vec<Minutia>, maps: &FlowMaps<'_>) -> Self {
        let FlowMaps { mask, field, agreement, certainty, period } = *maps;
        let (width, height) = (image.width() as usize, image.height() as usize);
        let singular = singular::find(field, mask);
        let area = mask.as_slice().iter().filter(|m| **m).count() * CELL * CELL;
        let expected: f32 = minutiae.iter().map(|m| f32::from(m.quality) / 100.0).sum();
        let likelihood = expected / minutiae.len().max(1) as f32;
        let sample = Sample { grays: Grays::of(image, mask), area, flow: agreement, likelihood, minutiae: expected };
        Self {
            quality: quality::sample(&sample),
            flow: quality::ridge_flow(width, height, mask, field, certainty, period),
            pattern: singular::class(&singular, mask),
            prints: prints::prints(mask, &minutiae),
            sample,
            singular,
            minutiae,
        }
    }
}

/// Maps of a print that both methods have, per cell.
pub(super) struct FlowMaps<'a> {
    pub(super) mask: &'a Grid<bool>,
    pub(super) field: &'a Field,
    /// Agreement of gradients with the field, 0..=1.
    pub(super) agreement: f32,
    /// How well the field explains the picture, 0..=1.
    pub(super) certainty: &'a Grid<f32>,
    /// Ridge period, pixels.
    pub(super) period: &'a Grid<f32>,
}

/// Rejects a foreground too small for a print.
pub(super) fn check_area(mask: &Grid<bool>) -> Result<(), ExtractError> {
    let area = mask.as_slice().iter().filter(|m| **m).count() * CELL * CELL;
    match area {
        0 => Err(ExtractError::NoFingerprint),
        a if a < MIN_AREA => Err(ExtractError::TooSmall { area: a, needed: MIN_AREA }),
        _ => Ok(()),
    }
}
