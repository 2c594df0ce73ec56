//! Impressions of a finger: what a sensor makes of it on one touch, and what is true of the picture.

mod contact;
mod damage;
mod ink;
mod sensor;
mod settings;
mod truth;
mod warp;

pub use settings::{ImpressionSettings, Level, Sensor};
pub use truth::GroundTruth;

use std::fmt;

use super::master::MasterPrint;
use crate::image::{FingerImage, Ppi};
use crate::synth::random::{Purpose, Stream};

/// Smallest and largest side of a picture, pixels.
const SIDE: (u32, u32) = (FingerImage::MIN_SIDE, 2000);
/// How much of a cosine's shift by moisture decides between ending and bifurcation.
const KIND_BIAS: f32 = 0.4;

/// A synthetic impression with its ground truth.
#[derive(Clone)]
#[non_exhaustive]
pub struct SyntheticImpression {
    /// The picture at 500 ppi.
    pub image: FingerImage,
    /// What is true of it.
    pub truth: GroundTruth,
}

impl fmt::Debug for SyntheticImpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyntheticImpression").field("image", &self.image).field("truth", &self.truth).finish()
    }
}

/// Makes impression `k` of a master.
pub(super) fn make(master: &MasterPrint, k: u64, settings: &ImpressionSettings) -> SyntheticImpression {
    let mut settings = settings.clone();
    settings.width = settings.width.clamp(SIDE.0, SIDE.1);
    settings.height = settings.height.clamp(SIDE.0, SIDE.1);
    let mut random = Stream::new(master.seed, Purpose::Impression, master.finger, k);
    let warp = warp::Warp::draw(&mut random, master, &settings);
    let contact = contact::Contact::draw(&mut random, master, &warp, &settings);
    let ink = ink::Ink::draw(&mut random, master, &warp, &contact, &settings);
    let pixels = sensor::develop(&mut random, master, &contact, &ink.coverage, &settings);
    // Wet skin closes valleys and makes forks of ends, dry skin the other way round.
    let bias = -KIND_BIAS * ink.mean_moisture;
    let truth = GroundTruth::new(master, &warp, settings.width, settings.height, contact.mask(), bias);
    let image = match FingerImage::from_gray8(settings.width, settings.height, Ppi::P500, &pixels) {
        Ok(image) => image,
        Err(_) => unreachable!("sides are clamped to what an image allows"),
    };
    SyntheticImpression { image, truth }
}
