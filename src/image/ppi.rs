//! The resolution of samples.

use super::error::ImageError;

/// Resolution of a sample in pixels per inch, 100 to 4000.
///
/// It is never guessed: scanners differ (500, 508, 512, 569, 1000), and an error of 5 % costs matches.
///
/// ```
/// use selfsame::Ppi;
/// assert!(Ppi::new(500.0).is_ok());
/// assert!(Ppi::new(0.0).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ppi(f32);

impl Ppi {
    /// 500 ppi, the resolution used inside this crate.
    pub const P500: Self = Self(500.0);

    /// A resolution in pixels per inch.
    ///
    /// # Errors
    /// [`ImageError::Resolution`] outside 100..=4000 or NaN.
    pub fn new(ppi: f32) -> Result<Self, ImageError> {
        if (100.0..=4000.0).contains(&ppi) { Ok(Self(ppi)) } else { Err(ImageError::Resolution { ppi }) }
    }

    /// Pixels per inch.
    #[must_use]
    pub const fn get(self) -> f32 {
        self.0
    }
}
