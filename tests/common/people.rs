//! People who are enrolled in galleries by tests, and the keys that open them.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::sync::Arc;

use selfsame::gallery::Samples;
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::synth::TemplateGenerator;
use selfsame::{FingerPosition, FingerTemplate, SubjectId};

pub fn key(n: u8) -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[n; 32])))
}

pub fn id(n: impl std::fmt::Display) -> SubjectId {
    SubjectId::new(format!("person-{n}")).unwrap()
}

/// An impression of somebody's finger, 0 for the reference.
pub fn template(n: u64, impression: u64) -> FingerTemplate {
    let generator = TemplateGenerator::new(7);
    if impression == 0 { generator.reference(n) } else { generator.probe(n, impression) }
}

pub fn finger(n: usize, impression: u64) -> Samples {
    Samples::new().finger(FingerPosition::RightIndex, template(n as u64, impression))
}

/// A few minutiae, which are enough for a disk.
pub fn few_minutiae(n: u64) -> FingerTemplate {
    let full = template(n, 0);
    FingerTemplate::new(full.width(), full.height(), full.minutiae()[..8].to_vec()).unwrap()
}

pub fn small_finger(n: u64) -> Samples {
    Samples::new().finger(FingerPosition::RightIndex, few_minutiae(n))
}
