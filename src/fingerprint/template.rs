//! A fingerprint template: the data kept from one impression.

use std::fmt;

use thiserror::Error;

use super::minutia::Minutia;
use super::quality::QualityReasons;
use super::singular::{PatternClass, SingularPoint};

/// Ridge flow on a coarse grid, a by-product of extraction that helps comparison.
///
/// Cell `(column, row)` covers the pixels from `column * cell` to `(column + 1) * cell - 1`; vectors are row-major.
#[derive(Clone, PartialEq)]
pub struct RidgeFlow {
    /// Cell size, pixels at 500 ppi.
    pub cell: u16,
    /// Number of columns.
    pub columns: u16,
    /// Number of rows.
    pub rows: u16,
    /// Ridge orientation per cell: `pi * value / 256` radians, counter-clockwise from +x.
    pub orientation: Vec<u8>,
    /// Coherence per cell, 1..=255; 0 is background.
    pub coherence: Vec<u8>,
    /// Ridge period per cell in eighths of a pixel at 500 ppi; 0 is unknown.
    pub period: Vec<u8>,
}

impl fmt::Debug for RidgeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RidgeFlow").field("columns", &self.columns).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// The method that found the minutiae of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtractionMethod {
    /// This crate's network.
    Learned,
    /// This crate's image filters.
    Classical,
}

impl fmt::Display for ExtractionMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Learned => "learned",
            Self::Classical => "classical",
        })
    }
}

/// The data kept from one impression of one finger. All coordinates are pixels at 500 ppi.
///
/// `Debug` shows counts only, never positions.
///
/// ```
/// use selfsame::FingerTemplate;
/// let empty = FingerTemplate::new(388, 374, Vec::new())?;
/// assert_eq!(empty.minutiae().len(), 0);
/// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct FingerTemplate {
    width: u32,
    height: u32,
    minutiae: Vec<Minutia>,
    quality: Option<u8>,
    reasons: QualityReasons,
    singular: Vec<SingularPoint>,
    pattern: Option<PatternClass>,
    ridge_flow: Option<RidgeFlow>,
    method: Option<ExtractionMethod>,
}

/// The reason why a template cannot be made.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A minutia's position is not finite or beyond 16,383 pixels (the 14 bits of ISO/IEC 19794-2).
    #[error("minutia {index} lies outside 0..=16383 pixels")]
    Position {
        /// Index of the minutia.
        index: usize,
    },
    /// There are more minutiae than any format or comparison allows.
    #[error("{count} minutiae, at most {max} are allowed", max = FingerTemplate::MAX_MINUTIAE)]
    TooMany {
        /// Number given.
        count: usize,
    },
    /// The ridge flow's vectors do not have columns times rows cells, or the cell size is 0.
    #[error("ridge flow of {columns} x {rows} cells has inconsistent lengths")]
    RidgeFlow {
        /// Given number of columns.
        columns: u16,
        /// Given number of rows.
        rows: u16,
    },
    /// A core's or delta's position is not finite or beyond 16,383 pixels.
    #[error("singular point {index} lies outside 0..=16383 pixels")]
    SingularPosition {
        /// Index of the point.
        index: usize,
    },
    /// There are more cores and deltas than any format allows.
    #[error("{count} singular points, at most {max} are allowed", max = FingerTemplate::MAX_SINGULAR_POINTS)]
    TooManySingular {
        /// Number given.
        count: usize,
    },
    /// Quality above 100.
    #[error("quality {0} is above 100")]
    Quality(u8),
}

impl FingerTemplate {
    /// Most minutiae in a template.
    pub const MAX_MINUTIAE: usize = 1024;
    /// Most cores and deltas in a template: 15 of each kind, the most that ISO/IEC 19794-2 can count.
    pub const MAX_SINGULAR_POINTS: usize = 30;
    /// Largest coordinate, pixels.
    pub const MAX_POSITION: f32 = Self::MAX_COORDINATE as f32;
    /// The same as records of the standards count: 14 bits.
    pub(crate) const MAX_COORDINATE: u16 = 0x3FFF;
    /// Best quality of a sample or a minutia.
    pub(crate) const MAX_QUALITY: u8 = 100;

    /// A template from minutiae in pixels at 500 ppi, of an image of `width` by `height` pixels at 500 ppi.
    ///
    /// # Errors
    /// [`TemplateError`] when a position is out of range, a quality above 100, or there are too many minutiae.
    pub fn new(width: u32, height: u32, minutiae: Vec<Minutia>) -> Result<Self, TemplateError> {
        if minutiae.len() > Self::MAX_MINUTIAE {
            return Err(TemplateError::TooMany { count: minutiae.len() });
        }
        for (index, m) in minutiae.iter().enumerate() {
            if !Self::inside(m.x, m.y) {
                return Err(TemplateError::Position { index });
            }
            if m.quality > Self::MAX_QUALITY {
                return Err(TemplateError::Quality(m.quality));
            }
        }
        Ok(Self {
            width,
            height,
            minutiae,
            quality: None,
            reasons: QualityReasons::default(),
            singular: Vec::new(),
            pattern: None,
            ridge_flow: None,
            method: None,
        })
    }

    /// Whether a template can hold a position.
    pub(crate) fn inside(x: f32, y: f32) -> bool {
        (0.0..=Self::MAX_POSITION).contains(&x) && (0.0..=Self::MAX_POSITION).contains(&y)
    }

    /// The same template with a sample quality of 0 (worst) to 100 (best).
    ///
    /// # Errors
    /// [`TemplateError::Quality`] above 100.
    pub fn with_quality(mut self, quality: u8) -> Result<Self, TemplateError> {
        if quality > Self::MAX_QUALITY {
            return Err(TemplateError::Quality(quality));
        }
        self.quality = Some(quality);
        Ok(self)
    }

    /// The same template with the defects of the sample.
    #[must_use]
    pub fn with_quality_reasons(mut self, reasons: QualityReasons) -> Self {
        self.reasons = reasons;
        self
    }

    /// The same template with cores and deltas, the cores first.
    ///
    /// # Errors
    /// [`TemplateError`] when a position is out of range or there are too many.
    pub fn with_singular_points(mut self, mut points: Vec<SingularPoint>) -> Result<Self, TemplateError> {
        if points.len() > Self::MAX_SINGULAR_POINTS {
            return Err(TemplateError::TooManySingular { count: points.len() });
        }
        if let Some(index) = points.iter().position(|p| !Self::inside(p.x, p.y)) {
            return Err(TemplateError::SingularPosition { index });
        }
        points.sort_by_key(|p| p.kind);
        self.singular = points;
        Ok(self)
    }

    /// The same template with the class of its pattern.
    #[must_use]
    pub fn with_pattern(mut self, pattern: PatternClass) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// The same template with the method that found its minutiae.
    #[must_use]
    pub fn with_method(mut self, method: ExtractionMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// The same template with ridge flow.
    ///
    /// # Errors
    /// [`TemplateError::RidgeFlow`] when the lengths do not fit.
    pub fn with_ridge_flow(mut self, flow: RidgeFlow) -> Result<Self, TemplateError> {
        let cells = usize::from(flow.columns) * usize::from(flow.rows);
        if flow.cell == 0
            || flow.orientation.len() != cells
            || flow.coherence.len() != cells
            || flow.period.len() != cells
        {
            return Err(TemplateError::RidgeFlow { columns: flow.columns, rows: flow.rows });
        }
        self.ridge_flow = Some(flow);
        Ok(self)
    }

    /// Image width, pixels at 500 ppi.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Image height, pixels at 500 ppi.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The minutiae.
    #[must_use]
    pub fn minutiae(&self) -> &[Minutia] {
        &self.minutiae
    }

    /// Sample quality 0..=100, when known.
    #[must_use]
    pub fn quality(&self) -> Option<u8> {
        self.quality
    }

    /// Defects of the sample, if this crate extracted it; empty when there are none.
    #[must_use]
    pub fn quality_reasons(&self) -> QualityReasons {
        self.reasons
    }

    /// Cores, then deltas.
    #[must_use]
    pub fn singular_points(&self) -> &[SingularPoint] {
        &self.singular
    }

    /// Class of the ridge pattern, if enough of it is visible to determine it.
    #[must_use]
    pub fn pattern(&self) -> Option<PatternClass> {
        self.pattern
    }

    /// The method that found the minutiae, if this crate extracted them; other formats do not hold it.
    #[must_use]
    pub fn method(&self) -> Option<ExtractionMethod> {
        self.method
    }

    /// Ridge flow, when the template came from this crate's extraction.
    #[must_use]
    pub fn ridge_flow(&self) -> Option<&RidgeFlow> {
        self.ridge_flow.as_ref()
    }
}

impl fmt::Debug for FingerTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerTemplate")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("minutiae", &self.minutiae.len())
            .field("quality", &self.quality)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
