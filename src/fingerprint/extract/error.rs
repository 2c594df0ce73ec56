//! Why an image yields no template, and why a builder yields no extractor.

use thiserror::Error;

use crate::fingerprint::template::TemplateError;

/// Why an image yields no template.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// No area with ridges was found: the image is blank, black or noise.
    #[error("no fingerprint in the image")]
    NoFingerprint,
    /// The area with ridges is too small.
    #[error("only {area} square pixels at 500 ppi show ridges, at least {needed} are needed")]
    TooSmall {
        /// Area with ridges, square pixels at 500 ppi.
        area: usize,
        /// Least area, square pixels at 500 ppi.
        needed: usize,
    },
    /// Too few minutiae to compare.
    #[error("only {found} minutiae were found, at least {needed} are needed")]
    TooFewMinutiae {
        /// Number found.
        found: usize,
        /// Least number.
        needed: usize,
    },
    /// What was found does not make a template; does not happen with images within the default limits.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Why a builder yields no extractor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExtractorBuilderError {
    /// Number of minutiae outside 4..=255.
    #[error("at most {given} minutiae were asked for, 4 to 255 can be")]
    MaxMinutiae {
        /// What was given.
        given: usize,
    },
    /// Quality above 100.
    #[error("a least quality of {given} was asked for, 0 to 100 can be")]
    MinQuality {
        /// What was given.
        given: u8,
    },
}
