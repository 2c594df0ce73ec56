//! Impressions of a finger: a sensor's picture of one touch, and the ground truth of the picture.

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
/// Share of a cosine's shift by moisture that decides between ending and bifurcation.
const KIND_BIAS: f32 = 0.4;

/// A synthetic impression with its ground truth.
#[derive(Clone)]
#[non_exhaustive]
pub struct SyntheticImpression {
    /// The picture at 500 ppi.
    pub image: FingerImage,
    /// The ground truth.
    pub truth: GroundTruth,
}

impl fmt::Debug for SyntheticImpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyntheticImpression").field("image", &self.image).field("truth", &self.truth).finish()
    }
}

impl MasterPrint {
    /// Impression `k` of this finger; it depends only on the finger, `k` and the settings.
    ///
    /// A [`Level`] converts to its settings for [`Sensor::Optical`]. Cost: about 10 ms on one core.
    #[must_use]
    pub fn impression(&self, k: u64, settings: impl Into<ImpressionSettings>) -> SyntheticImpression {
        let mut settings = settings.into();
        settings.width = settings.width.clamp(SIDE.0, SIDE.1);
        settings.height = settings.height.clamp(SIDE.0, SIDE.1);
        let mut random = Stream::new(self.seed, Purpose::Impression, self.finger, k);
        let warp = warp::Warp::draw(&mut random, self, &settings);
        let contact = contact::Contact::draw(&mut random, self, &warp, &settings);
        let ink = ink::Ink::draw(&mut random, self, &warp, &contact, &settings);
        let pixels = sensor::develop(&mut random, self, &contact, &ink.coverage, &settings);
        // Wet skin closes valleys and turns ends into forks; dry skin does the opposite.
        let bias = -KIND_BIAS * ink.mean_moisture;
        let truth = GroundTruth::new(self, &warp, settings.width, settings.height, contact.mask(), bias);
        let image = match FingerImage::from_gray8(settings.width, settings.height, Ppi::P500, &pixels) {
            Ok(image) => image,
            Err(_) => unreachable!("sides are clamped to what an image allows"),
        };
        SyntheticImpression { image, truth }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synth::print::PrintGenerator;

    fn small() -> MasterPrint {
        PrintGenerator::new(2).with_size(150, 180).finger(1)
    }

    #[test]
    fn an_impression_is_a_function_of_its_number() {
        let master = small();
        let settings = ImpressionSettings { width: 120, height: 140, ..Level::Medium.into() };
        let first = master.impression(0, &settings);
        assert!(first.image == master.impression(0, &settings).image);
        assert!(first.image != master.impression(1, &settings).image);
        assert_eq!(first.truth.mask().len(), 120 * 140);
    }

    #[test]
    fn harder_levels_show_less() {
        let master = PrintGenerator::new(2).finger(1);
        let shown = |level: Level| {
            (0..4).map(|k| master.impression(k, level).truth.mask().iter().filter(|m| **m).count()).sum::<usize>()
        };
        assert!(shown(Level::Clean) > shown(Level::Medium));
        assert!(shown(Level::Medium) > shown(Level::Broken));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_settings_give_a_picture(
            numbers in prop::array::uniform16(prop::num::f32::ANY),
            blur in any::<u32>(),
            side in any::<u32>(),
            sensor in 0..3usize,
        ) {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = numbers;
            let settings = ImpressionSettings {
                sensor: Sensor::ALL[sensor],
                width: side % 100,
                height: 90,
                rotation: a,
                displacement: b,
                distortion: c,
                contact: (d, e),
                moisture: f,
                unevenness: g,
                roughness: h,
                speckle: i,
                cracks: j,
                pores: k,
                grain: l,
                blur,
                background: m,
                latent: n,
                dropout: o,
                contrast: p,
            };
            let made = SMALL.with(|master| master.impression(u64::from(side), &settings));
            prop_assert_eq!(made.image.width(), (side % 100).max(32));
            prop_assert!(made.truth.to_template().is_ok());
        }
    }

    thread_local! {
        static SMALL: MasterPrint = small();
    }
}
