//! The extractor: it runs a method, selects from the findings, and makes a template.

use std::borrow::Borrow;

use rayon::prelude::*;

use super::classical;
use super::error::{ExtractError, ExtractorBuilderError};
use super::found::Found;
#[cfg(feature = "neural")]
use super::learned::{self, Model};
use super::params::{CHECK_AGREEMENT, MAX_MINUTIAE, MAX_MINUTIAE_LIMIT, MIN_MINUTIAE};
use super::reasons;
use super::resolution::{RidgePeriod, ridge_period};
use super::trace::{NoTrace, TraceSink, trace_minutiae, trace_singular};
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::template::{ExtractionMethod, FingerTemplate};
use crate::image::FingerImage;

/// Finds minutiae in fingerprint images. It is cheap to make, immutable, and usable from many threads at once.
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
    engine: Engine,
    max_minutiae: usize,
    min_quality: u8,
    parallel: bool,
    checked: bool,
}

/// Settings of an [`Extractor`].
#[derive(Clone, Debug)]
pub struct ExtractorBuilder {
    extractor: Extractor,
}

/// The extraction method.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Engine {
    #[cfg(feature = "neural")]
    Learned(Model),
    Classical,
}

impl Default for Extractor {
    fn default() -> Self {
        #[cfg(feature = "neural")]
        let engine = Engine::Learned(Model::standard());
        #[cfg(not(feature = "neural"))]
        let engine = Engine::Classical;
        Self { engine, max_minutiae: MAX_MINUTIAE, min_quality: 0, parallel: false, checked: true }
    }
}

impl Extractor {
    /// An extractor with default settings: the learned method with its standard model (the classical one in a build
    /// without feature `neural`), at most 128 minutiae of any quality, one image on one thread.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An extractor without a network, otherwise with default settings.
    #[must_use]
    pub fn classical() -> Self {
        Self { engine: Engine::Classical, ..Self::default() }
    }

    /// An extractor with a network's weights, otherwise with default settings.
    ///
    /// ```
    /// use selfsame::Extractor;
    /// use selfsame::fingerprint::extract::Model;
    /// let fast = Extractor::learned(Model::small());
    /// assert_ne!(fast, Extractor::new());
    /// ```
    #[cfg(feature = "neural")]
    #[must_use]
    pub fn learned(model: Model) -> Self {
        Self { engine: Engine::Learned(model), ..Self::default() }
    }

    /// The extraction method.
    #[must_use]
    pub fn method(&self) -> ExtractionMethod {
        match &self.engine {
            #[cfg(feature = "neural")]
            Engine::Learned(_) => ExtractionMethod::Learned,
            Engine::Classical => ExtractionMethod::Classical,
        }
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
        ExtractorBuilder { extractor: Self::default() }
    }

    /// Extracts a template: minutiae (best first), sample quality and ridge flow. Time and memory are proportional to
    /// the number of pixels (besides the image, about 5 bytes per pixel, and some MB that a thread keeps for its next
    /// image). The same image always gives the same template, with any number of threads and on every
    /// instruction set.
    ///
    /// # Errors
    /// [`ExtractError`] when there is no fingerprint or too little of it.
    pub fn extract(&self, image: &FingerImage) -> Result<FingerTemplate, ExtractError> {
        self.extract_traced(image, &mut NoTrace)
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
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn extract_traced(
        &self,
        image: &FingerImage,
        sink: &mut dyn TraceSink,
    ) -> Result<FingerTemplate, ExtractError> {
        let period = if self.checked { ridge_period(image) } else { None };
        if let Some(period) = period.filter(RidgePeriod::is_impossible) {
            return Err(ExtractError::Resolution(period));
        }
        let doubtful = period.filter(RidgePeriod::is_doubtful);
        match (self.template(image, doubtful.is_some(), sink), doubtful) {
            // Nothing usable, and ridges that contradict the resolution: that is the reason to name.
            (
                Err(ExtractError::NoFingerprint | ExtractError::TooSmall { .. } | ExtractError::TooFewMinutiae { .. }),
                Some(period),
            ) if period.agreement() >= CHECK_AGREEMENT => Err(ExtractError::Resolution(period)),
            (result, _) => result,
        }
    }

    /// The template, whatever the resolution.
    fn template(
        &self,
        image: &FingerImage,
        doubtful_resolution: bool,
        sink: &mut dyn TraceSink,
    ) -> Result<FingerTemplate, ExtractError> {
        let (found, method) = match &self.engine {
            #[cfg(feature = "neural")]
            Engine::Learned(model) => (learned::find(model, image, self.parallel, sink)?, ExtractionMethod::Learned),
            Engine::Classical => (classical::find(image, sink)?, ExtractionMethod::Classical),
        };
        let Found { mut minutiae, quality, flow, sample, singular, pattern, prints } = found;
        if self.checked && prints > 1 {
            return Err(ExtractError::SeveralPrints { prints });
        }
        trace_singular(sink, &singular);
        self.select(&mut minutiae);
        trace_minutiae(sink, "minutiae", &minutiae);
        let found = minutiae.len();
        if found < MIN_MINUTIAE {
            return Err(ExtractError::TooFewMinutiae { found, needed: MIN_MINUTIAE });
        }
        let template = FingerTemplate::new(image.width(), image.height(), minutiae)?;
        let template = template.with_quality(quality)?.with_method(method);
        let template = template
            .with_quality_reasons(reasons::reasons(&sample, doubtful_resolution))
            .with_singular_points(singular)?;
        let template = match pattern {
            Some(pattern) => template.with_pattern(pattern),
            None => template,
        };
        match flow {
            Some(flow) => Ok(template.with_ridge_flow(flow)?),
            None => Ok(template),
        }
    }

    /// Sorts the best minutiae first and keeps at most the configured number.
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
        self.extractor.max_minutiae = count;
        self
    }

    /// Drops minutiae of less quality than this; 0 to 100, default 0.
    #[must_use]
    pub fn min_quality(mut self, quality: u8) -> Self {
        self.extractor.min_quality = quality;
        self
    }

    /// Finds minutiae without a network.
    #[must_use]
    pub fn classical(mut self) -> Self {
        self.extractor.engine = Engine::Classical;
        self
    }

    /// Finds minutiae with a network's weights.
    #[cfg(feature = "neural")]
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.extractor.engine = Engine::Learned(model);
        self
    }

    /// Spreads the network's work on one image over rayon's current thread pool: the result comes sooner and is the
    /// same. It is off by default; [`Extractor::extract_batch`] uses all threads either way, and is faster without it.
    #[must_use]
    pub fn parallel(mut self, parallel: bool) -> Self {
        self.extractor.parallel = parallel;
        self
    }

    /// Believes that an image shows one print at the resolution stated for it. Otherwise an image of several prints, a card or a
    /// page is refused ([`ExtractError::SeveralPrints`]), and so is one whose ridges contradict the resolution
    /// ([`ExtractError::Resolution`]; if hardly any finger has such ridges, the template says
    /// [`QualityReason::DoubtfulResolution`]). Prints of infants may need it.
    ///
    /// [`QualityReason::DoubtfulResolution`]: crate::fingerprint::quality::QualityReason::DoubtfulResolution
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.extractor.checked = false;
        self
    }

    /// The extractor.
    ///
    /// # Errors
    /// [`ExtractorBuilderError`] when a setting is out of range.
    pub fn build(self) -> Result<Extractor, ExtractorBuilderError> {
        let Extractor { max_minutiae, min_quality, .. } = self.extractor;
        if !(MIN_MINUTIAE..=MAX_MINUTIAE_LIMIT).contains(&max_minutiae) {
            return Err(ExtractorBuilderError::MaxMinutiae { given: max_minutiae });
        }
        if min_quality > FingerTemplate::MAX_QUALITY {
            return Err(ExtractorBuilderError::MinQuality { given: min_quality });
        }
        Ok(self.extractor)
    }
}
