//! Minutiae extraction: from a grey image to a template, one file per stage.
//!
//! | stage | file | what it does |
//! |---|---|---|
//! | normalise | `normalize` | every pixel in deviations from the local mean |
//! | segment | `segment` | foreground by strength and coherence of gradients |
//! | orientation | `orientation` | ridge orientation from gradient tensors at several scales |
//! | frequency | `frequency` | ridge period from power spectra across the ridges |
//! | enhance | `enhance`, `bank` | contextual Gabor filter; then orientation again, and again the filter |
//! | binarise | `binarize` | ridges are positive |
//! | thin | `thin` | ridges and valleys to lines one pixel wide |
//! | skeleton | `skeleton`, `clean` | lines as graphs; pores, gaps, tails and fragments removed |
//! | minutiae | `minutiae` | ends of ridges are endings, ends of valleys bifurcations |
//! | prune | `prune` | those at the edge and in clouds dropped |
//! | quality | `quality` | quality per minutia and per sample, ridge flow for the template |
//!
//! The only thing known about the sensor is its resolution; constants are the same for all (`params`).

mod bank;
mod binarize;
mod clean;
mod enhance;
mod error;
mod frequency;
mod minutiae;
mod normalize;
mod orientation;
mod params;
mod prune;
mod quality;
mod segment;
mod skeleton;
mod smooth;
mod thin;
mod trace;

#[cfg(test)]
mod tests;

pub use error::{ExtractError, ExtractorBuilderError};
pub use trace::{Stage, TraceSink};

use std::borrow::Borrow;

use rayon::prelude::*;

use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::{Bitmap, Grid};
use crate::image::FingerImage;
use minutiae::Candidate;
use orientation::{Field, Tensor};
use params::CELL;
use skeleton::Skeleton;

/// Finds minutiae in fingerprint images. Cheap to make, immutable, usable from many threads at once.
///
/// ```no_run
/// use selfsame::{Extractor, FingerImage, Limits, Ppi};
/// let bytes = std::fs::read("print.png")?;
/// let image = FingerImage::decode(&bytes, Ppi::P500, &Limits::default())?;
/// let template = Extractor::new().extract(&image)?;
/// println!("{} minutiae", template.minutiae().len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extractor {
    max_minutiae: usize,
    min_quality: u8,
}

/// Settings of an [`Extractor`].
#[derive(Clone, Debug)]
pub struct ExtractorBuilder {
    max_minutiae: usize,
    min_quality: u8,
}

impl Default for Extractor {
    fn default() -> Self {
        Self { max_minutiae: params::MAX_MINUTIAE, min_quality: 0 }
    }
}

impl Extractor {
    /// With default settings: at most 128 minutiae of any quality.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts from the default settings.
    ///
    /// ```
    /// use selfsame::Extractor;
    /// let extractor = Extractor::builder().max_minutiae(80).min_quality(10).build()?;
    /// # Ok::<(), selfsame::fingerprint::extract::ExtractorBuilderError>(())
    /// ```
    #[must_use]
    pub fn builder() -> ExtractorBuilder {
        let Self { max_minutiae, min_quality } = Self::default();
        ExtractorBuilder { max_minutiae, min_quality }
    }

    /// Extracts a template: minutiae (best first), sample quality and ridge flow. Time and memory are proportional to
    /// the number of pixels (at most 12 bytes each besides the image). The same image gives the same template always, at
    /// any number of threads and on every instruction set.
    ///
    /// # Errors
    /// [`ExtractError`] when there is no fingerprint or too little of it.
    pub fn extract(&self, image: &FingerImage) -> Result<FingerTemplate, ExtractError> {
        self.extract_traced(image, &mut trace::NoTrace)
    }

    /// Extracts templates of many images over rayon's current thread pool, in the order of the images. Results are those
    /// of [`Extractor::extract`] on each; memory is that of one image per thread.
    ///
    /// ```
    /// use selfsame::{Extractor, FingerImage, Ppi};
    /// let blank = FingerImage::from_gray8(100, 100, Ppi::P500, &[255; 10_000])?;
    /// let results = Extractor::new().extract_batch(&[&blank, &blank]);
    /// assert!(results.iter().all(Result::is_err));
    /// # Ok::<(), selfsame::image::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// One [`ExtractError`] per image without a template; the others are not affected.
    #[must_use]
    pub fn extract_batch<I: Borrow<FingerImage> + Sync>(
        &self,
        images: &[I],
    ) -> Vec<Result<FingerTemplate, ExtractError>> {
        images.par_iter().map(|image| self.extract(image.borrow())).collect()
    }

    /// Like [`Extractor::extract`], with every stage shown to `sink` (see [`TraceSink`] for their names).
    ///
    /// # Errors
    /// [`ExtractError`] when there is no fingerprint or too little of it.
    pub fn extract_traced(
        &self,
        image: &FingerImage,
        sink: &mut dyn TraceSink,
    ) -> Result<FingerTemplate, ExtractError> {
        let (width, height) = (image.width() as usize, image.height() as usize);

        let normal = normalize::normalize(image);
        if sink.wants("normalized") {
            let values = normal.pixels.map(|p| (f32::from(p) - 128.0) / params::NORMALIZE_LEVELS);
            sink.stage("normalized", Stage::Image { values: &values, low: -2.0, high: 2.0 });
        }

        let tensor = Tensor::of_calmed(&normal.pixels);
        let mask = segment::segment(&tensor, &normal.scale);
        check_area(&mask)?;
        if sink.wants("mask") {
            sink.stage("mask", Stage::Bitmap(&binarize::pixel_mask(&mask, width, height)));
        }

        let first = tensor.masked(&mask).field(&params::ORIENTATION_SIGMAS);
        trace_orientation(sink, "orientation_first", &first, &mask);
        trace_map(sink, "coherence", &first.coherence, 0.0, 1.0);

        let period = frequency::periods(&normal.pixels, &first, &mask);
        if sink.wants("period") {
            let values = period.map(frequency::table_period);
            sink.stage("period", Stage::BlockMap { values: &values, cell: CELL, low: 4.0, high: 16.0 });
        }

        let enhanced = enhance::enhance(&normal.pixels, &first, &period, &mask);
        trace_enhanced(sink, "enhanced_first", &enhanced);
        let tensor = Tensor::of_enhanced(&enhanced);
        drop(enhanced);
        let field = tensor.masked(&mask).field(&params::REFINED_SIGMAS);
        trace_orientation(sink, "orientation", &field, &mask);
        let enhanced = enhance::enhance(&normal.pixels, &field, &period, &mask);
        trace_enhanced(sink, "enhanced", &enhanced);

        let reliability = enhance::reliability(&normal.pixels, &enhanced);
        let strength = enhance::strength(&enhanced, params::STRENGTH_SIGMA);
        drop(normal);
        trace_map(sink, "reliability", &reliability, 0.0, 1.0);
        let mask = reliable(mask, &reliability);
        check_area(&mask)?;

        let foreground = binarize::pixel_mask(&mask, width, height);
        let ridges = binarize::ridges(&enhanced, &foreground);
        drop(enhanced);
        trace_bits(sink, "binary", &ridges);

        let valleys = thin::thin(foreground.without(&ridges));
        let ridges = thin::thin(ridges);
        trace_bits(sink, "ridges_thinned", &ridges);
        trace_bits(sink, "valleys_thinned", &valleys);
        let mut ridges = Skeleton::trace(&ridges);
        clean::clean(&mut ridges);
        trace_graph(sink, "ridge_skeleton", &ridges);
        let mut valleys = Skeleton::trace(&valleys);
        clean::clean(&mut valleys);
        trace_graph(sink, "valley_skeleton", &valleys);

        let mut ends = Vec::new();
        minutiae::collect(&ridges, MinutiaKind::Ending, &field, &mut ends);
        minutiae::collect(&valleys, MinutiaKind::Bifurcation, &field, &mut ends);
        trace_ends(sink, "minutiae_raw", &ends);

        let distance = segment::distance(&mask);
        prune::inside(&mut ends, &distance);
        trace_ends(sink, "minutiae_inside", &ends);
        let mut minutiae = quality::rate(
            &ends,
            &quality::Maps {
                first: &first,
                field: &field,
                reliability: &reliability,
                strength: &strength,
                distance: &distance,
            },
        );
        minutiae.retain(|m| m.quality >= params::MIN_LIKELIHOOD);
        prune::clouds(&mut minutiae);
        trace_minutiae(sink, "minutiae_pruned", &minutiae);
        self.select(&mut minutiae);
        trace_minutiae(sink, "minutiae", &minutiae);
        let found = minutiae.len();
        let too_few = ExtractError::TooFewMinutiae { found, needed: params::MIN_MINUTIAE };
        if found < params::MIN_MINUTIAE {
            return Err(too_few);
        }
        let sample = quality::sample(&mask, &reliability, &first.coherence, found);
        let template = FingerTemplate::new(image.width(), image.height(), minutiae)?.with_quality(sample)?;
        match quality::ridge_flow(width, height, &mask, &field, &reliability, &period) {
            Some(flow) => Ok(template.with_ridge_flow(flow)?),
            None => Ok(template),
        }
    }

    /// Best minutiae first, at most as many as wanted.
    fn select(&self, minutiae: &mut Vec<Minutia>) {
        minutiae.retain(|m| m.quality >= self.min_quality);
        minutiae.sort_by(|a, b| {
            b.quality.cmp(&a.quality).then(a.y.total_cmp(&b.y)).then(a.x.total_cmp(&b.x)).then(a.kind.cmp(&b.kind))
        });
        minutiae.truncate(self.max_minutiae);
    }
}

impl ExtractorBuilder {
    /// Keeps at most this many minutiae, the best; 4 to 255, default 128.
    #[must_use]
    pub fn max_minutiae(mut self, count: usize) -> Self {
        self.max_minutiae = count;
        self
    }

    /// Drops minutiae of less quality than this; 0 to 100, default 0.
    #[must_use]
    pub fn min_quality(mut self, quality: u8) -> Self {
        self.min_quality = quality;
        self
    }

    /// The extractor.
    ///
    /// # Errors
    /// [`ExtractorBuilderError`] when a setting is out of range.
    pub fn build(self) -> Result<Extractor, ExtractorBuilderError> {
        let Self { max_minutiae, min_quality } = self;
        if !(params::MIN_MINUTIAE..=params::MAX_MINUTIAE_LIMIT).contains(&max_minutiae) {
            return Err(ExtractorBuilderError::MaxMinutiae { given: max_minutiae });
        }
        if min_quality > 100 {
            return Err(ExtractorBuilderError::MinQuality { given: min_quality });
        }
        Ok(Extractor { max_minutiae, min_quality })
    }
}

/// Refuses a foreground too small for a print.
fn check_area(mask: &Grid<bool>) -> Result<(), ExtractError> {
    let area = mask.as_slice().iter().filter(|m| **m).count() * CELL * CELL;
    match area {
        0 => Err(ExtractError::NoFingerprint),
        a if a < params::MIN_AREA => Err(ExtractError::TooSmall { area: a, needed: params::MIN_AREA }),
        _ => Ok(()),
    }
}

/// The part of the foreground in which the enhanced pattern explains the image.
fn reliable(mut mask: Grid<bool>, reliability: &Grid<f32>) -> Grid<bool> {
    for (m, &r) in mask.as_mut_slice().iter_mut().zip(reliability.as_slice()) {
        *m &= r >= params::ENERGY_SHARE;
    }
    segment::tidy(mask)
}

fn trace_orientation(sink: &mut dyn TraceSink, name: &'static str, field: &Field, mask: &Grid<bool>) {
    if sink.wants(name) {
        sink.stage(name, Stage::Orientation { values: &field.angles(mask), cell: CELL });
    }
}

fn trace_map(sink: &mut dyn TraceSink, name: &'static str, values: &Grid<f32>, low: f32, high: f32) {
    if sink.wants(name) {
        sink.stage(name, Stage::BlockMap { values, cell: CELL, low, high });
    }
}

fn trace_enhanced(sink: &mut dyn TraceSink, name: &'static str, enhanced: &Grid<i16>) {
    if sink.wants(name) {
        let values = enhanced.map(|v| f32::from(v) / params::ENHANCED_LEVELS);
        sink.stage(name, Stage::Image { values: &values, low: 1.5, high: -1.5 });
    }
}

fn trace_bits(sink: &mut dyn TraceSink, name: &'static str, bits: &Bitmap) {
    if sink.wants(name) {
        sink.stage(name, Stage::Bitmap(bits));
    }
}

fn trace_graph(sink: &mut dyn TraceSink, name: &'static str, graph: &Skeleton) {
    if sink.wants(name) {
        sink.stage(name, Stage::Bitmap(&graph.drawn()));
    }
}

fn trace_ends(sink: &mut dyn TraceSink, name: &'static str, ends: &[Candidate]) {
    if sink.wants(name) {
        let minutiae: Vec<Minutia> = ends.iter().map(|e| e.minutia).collect();
        sink.stage(name, Stage::Minutiae(&minutiae));
    }
}

fn trace_minutiae(sink: &mut dyn TraceSink, name: &'static str, minutiae: &[Minutia]) {
    if sink.wants(name) {
        sink.stage(name, Stage::Minutiae(minutiae));
    }
}
