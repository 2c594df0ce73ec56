//! What a ridge period says about the stated resolution.

use super::super::params::{CHECK_AGREEMENT, PERIOD_DOUBTFUL, PERIOD_IMPOSSIBLE, PERIOD_TYPICAL};
use crate::image::{FingerImage, Ppi};

/// The distance of the ridges of a print, and what it says about the resolution stated for the image.
///
/// Ridges of grown people are 0.3 to 0.6 mm apart, those of most people 0.37 to 0.54. So the distance cannot tell a resolution
/// exactly, but it shows one that is off by a factor of two: on 640 pictures of eight sensors none was doubted at its true resolution,
/// all were at half and at twice of it, and at two thirds or three halves of it about two in three.
///
/// ```
/// use selfsame::fingerprint::extract::ridge_period;
/// use selfsame::{FingerImage, Ppi};
/// // Ridges 9 pixels apart, and a resolution of 1000 ppi stated for them.
/// let pixels: Vec<u8> = (0..300 * 300).map(|i| if i % 300 % 9 < 4 { 20 } else { 230 }).collect();
/// let image = FingerImage::from_gray8(300, 300, Ppi::new(1000.0)?, &pixels)?;
/// let period = ridge_period(&image).expect("ridges");
/// assert!(period.is_impossible() && !period.if_stated(Ppi::P500).is_doubtful());
/// let (low, high) = period.likely_ppi();
/// assert!(low < 500.0 && 500.0 < high);
/// # Ok::<(), selfsame::image::ImageError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RidgePeriod {
    pixels: f32,
    agreement: f32,
    stated: f32,
}

impl RidgePeriod {
    /// A period in pixels of a [`FingerImage`].
    pub(super) fn new(pixels: f32, agreement: f32, stated: Ppi) -> Self {
        Self { pixels, agreement, stated: stated.get() }
    }

    /// Distance from ridge to ridge in pixels at 500 ppi, if the stated resolution is right.
    #[must_use]
    pub fn pixels(&self) -> f32 {
        self.pixels
    }

    /// Distance from ridge to ridge in pixels at the stated resolution.
    #[must_use]
    pub fn stated_pixels(&self) -> f32 {
        self.pixels * self.stated / Ppi::P500.get()
    }

    /// The resolution that was stated, pixels per inch.
    #[must_use]
    pub fn stated_ppi(&self) -> f32 {
        self.stated
    }

    /// Share of the ridge area that has nearly this period, 0 to 1; prints have 0.5 to 1.
    #[must_use]
    pub fn agreement(&self) -> f32 {
        self.agreement
    }

    /// Whether hardly any finger has such ridges at the stated resolution: closer than 5.8 or farther than 11.8 pixels at 500 ppi.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        !(PERIOD_DOUBTFUL.0..=PERIOD_DOUBTFUL.1).contains(&self.pixels)
    }

    /// Whether no finger has such ridges at the stated resolution: closer than 4.8 or farther than 13.5 pixels at 500 ppi, and most
    /// of the print agrees.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        self.agreement >= CHECK_AGREEMENT && !(PERIOD_IMPOSSIBLE.0..=PERIOD_IMPOSSIBLE.1).contains(&self.pixels)
    }

    /// The same ridges, had another resolution been stated.
    #[must_use]
    pub fn if_stated(self, ppi: Ppi) -> Self {
        Self { pixels: self.pixels * self.stated / ppi.get(), stated: ppi.get(), ..self }
    }

    /// The resolutions that this period fits, pixels per inch, lowest and highest, rounded to tens: those at which it is the period
    /// of most grown people.
    #[must_use]
    pub fn likely_ppi(&self) -> (f32, f32) {
        let at = |typical: f32| (self.stated * self.pixels / typical / 10.0).round() * 10.0;
        (at(PERIOD_TYPICAL.1), at(PERIOD_TYPICAL.0))
    }
}

const _: () = assert!(FingerImage::MIN_SIDE as usize >= super::window::SIDE);
