//! Minutiae comparison.

/// The fingerprint modality.
#[derive(Clone, Debug, Default)]
pub struct Finger {}
