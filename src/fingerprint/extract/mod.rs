//! Minutiae extraction.

use thiserror::Error;

use crate::fingerprint::template::FingerTemplate;
use crate::image::FingerImage;

/// Why an image yields no template.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// No area with ridges was found.
    #[error("no fingerprint in the image")]
    NoFingerprint,
}

/// The extractor.
#[derive(Clone, Debug, Default)]
pub struct Extractor {}

impl Extractor {
    /// With default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Extracts a template.
    ///
    /// # Errors
    /// [`ExtractError`].
    pub fn extract(&self, image: &FingerImage) -> Result<FingerTemplate, ExtractError> {
        let _ = image;
        Err(ExtractError::NoFingerprint)
    }
}
