//! Errors of extraction and of the extractor's builder.

use thiserror::Error;

use super::resolution::RidgePeriod;
use crate::fingerprint::template::TemplateError;

/// The reason why an image yields no template.
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
    /// The image shows more than one print: a slap, a card or a page.
    #[error(
        "the image shows {prints} or more prints: cut it into one image for each finger; `ExtractorBuilder::unchecked` takes it as one"
    )]
    SeveralPrints {
        /// Number of separate prints, at least 2.
        prints: usize,
    },
    /// Ridges are closer together or farther apart than those of any finger at the stated resolution.
    #[error(
        "ridges are {:.1} pixels apart: this looks like {} to {} ppi, not {}, at which no finger has such ridges; state the right \
         resolution; `ExtractorBuilder::unchecked` believes any",
        .0.stated_pixels(), .0.likely_ppi().0, .0.likely_ppi().1, .0.stated_ppi()
    )]
    Resolution(RidgePeriod),
    /// The findings are not a valid template; this does not happen with images within the default limits.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// The reason why a builder yields no extractor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExtractorBuilderError {
    /// Number of minutiae outside 4..=255.
    #[error("the largest number of minutiae is {given}, it must be 4 to 255")]
    MaxMinutiae {
        /// The given value.
        given: usize,
    },
    /// Quality above 100.
    #[error("the least quality is {given}, it must be 0 to 100")]
    MinQuality {
        /// The given value.
        given: u8,
    },
}
