//! Observation of every stage of an extraction.

use super::orientation::Field;
use super::params::CELL;
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::singular::SingularPoint;
use crate::geometry::{Bitmap, Grid};

/// Output of one stage.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Stage<'a> {
    /// A gray image, one value per pixel; `low` is shown black and `high` white.
    Image {
        /// The values.
        values: &'a Grid<f32>,
        /// Value shown black.
        low: f32,
        /// Value shown white.
        high: f32,
    },
    /// One bit per pixel; set pixels are ridge, skeleton or foreground.
    Bitmap(&'a Bitmap),
    /// One value per block of `cell` by `cell` pixels; `low` is shown black and `high` white.
    BlockMap {
        /// The values.
        values: &'a Grid<f32>,
        /// Side of a block, pixels.
        cell: usize,
        /// Value shown black.
        low: f32,
        /// Value shown white.
        high: f32,
    },
    /// Ridge orientation per block of `cell` by `cell` pixels, radians in `[0, pi)`, counter-clockwise from +x; NaN is
    /// background.
    Orientation {
        /// The values.
        values: &'a Grid<f32>,
        /// Side of a block, pixels.
        cell: usize,
    },
    /// Minutiae in pixels at 500 ppi, to be drawn over the image.
    Minutiae(&'a [Minutia]),
    /// Cores and deltas in pixels at 500 ppi, to be drawn over the image.
    Singular(&'a [SingularPoint]),
}

/// Receives the stages of [`Extractor::extract_traced`](super::Extractor::extract_traced) in the order of the pipeline.
///
/// Stage names of the learned method, in order: `normalized`, `foreground`, `orientation`, `period`, `heat` (of minutiae),
/// `singular`, `minutiae`. Of the classical one: `normalized`, `mask`, `orientation_first`, `coherence`, `period`, `enhanced_first`,
/// `orientation`, `enhanced`, `reliability`, `binary`, `ridges_thinned`, `valleys_thinned`, `ridge_skeleton`,
/// `valley_skeleton`, `minutiae_raw`, `minutiae_inside`, `minutiae_pruned`, `singular`, `minutiae`. Stages after an
/// error are not shown.
///
/// ```
/// use selfsame::fingerprint::extract::{Extractor, Stage, TraceSink};
/// use selfsame::{FingerImage, Ppi};
/// struct Names(Vec<&'static str>);
/// impl TraceSink for Names {
///     fn stage(&mut self, name: &'static str, _: Stage<'_>) {
///         self.0.push(name);
///     }
/// }
/// let blank = FingerImage::from_gray8(100, 100, Ppi::P500, &[255; 10_000])?;
/// let mut names = Names(Vec::new());
/// assert!(Extractor::new().extract_traced(&blank, &mut names).is_err());
/// assert_eq!(names.0.first(), Some(&"normalized"));
/// # Ok::<(), selfsame::image::ImageError>(())
/// ```
pub trait TraceSink {
    /// Whether to show a stage. It is called when the stage is done and before its picture is made, which costs time
    /// and memory; the default is always.
    fn wants(&mut self, _name: &'static str) -> bool {
        true
    }

    /// Called once per stage that is wanted.
    fn stage(&mut self, name: &'static str, stage: Stage<'_>);
}

/// A sink that drops everything.
pub(super) struct NoTrace;

impl TraceSink for NoTrace {
    fn wants(&mut self, _: &'static str) -> bool {
        false
    }

    fn stage(&mut self, _: &'static str, _: Stage<'_>) {}
}

/// Shows the orientations of a field.
pub(super) fn trace_orientation(sink: &mut dyn TraceSink, name: &'static str, field: &Field, mask: &Grid<bool>) {
    if sink.wants(name) {
        sink.stage(name, Stage::Orientation { values: &field.angles(mask), cell: CELL });
    }
}

pub(super) fn trace_map(sink: &mut dyn TraceSink, name: &'static str, values: &Grid<f32>, low: f32, high: f32) {
    if sink.wants(name) {
        sink.stage(name, Stage::BlockMap { values, cell: CELL, low, high });
    }
}

pub(super) fn trace_minutiae(sink: &mut dyn TraceSink, name: &'static str, minutiae: &[Minutia]) {
    if sink.wants(name) {
        sink.stage(name, Stage::Minutiae(minutiae));
    }
}

pub(super) fn trace_singular(sink: &mut dyn TraceSink, points: &[SingularPoint]) {
    if sink.wants("singular") {
        sink.stage("singular", Stage::Singular(points));
    }
}
