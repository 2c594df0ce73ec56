//! Fingerprints: minutiae, templates, extraction and comparison.

pub mod compare;
pub mod extract;
pub mod minutia;
pub mod position;
pub mod quality;
pub mod singular;
pub mod template;
