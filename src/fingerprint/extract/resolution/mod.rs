//! Whether a stated resolution can be right: the distance of the ridges, measured without trusting it.
//!
//! | file | what it does |
//! |---|---|
//! | `pyramid` | the picture at halves of its size, and windows spread over each |
//! | `window` | power spectrum of a window, and the wave that dominates it |
//! | `waves` | the distance that most of the area agrees on |
//! | `period` | what it says about the resolution |

mod period;
mod pyramid;
mod waves;
mod window;

pub use period::RidgePeriod;

use crate::image::FingerImage;

/// Measures the distance of the ridges from 2 to 50 pixels, whatever the stated resolution; `None` when no distance dominates the
/// picture.
///
/// Windows of 16 by 16 pixels are spread over the picture and over copies of a half, a quarter and an eighth of its size. Each
/// whose power lies mostly in one wave votes for that wave's length, and the length on which most of the area agrees is taken. The
/// time is at most that of some 400 windows, about a millisecond, and the memory that of a third of the picture.
///
/// ```
/// use selfsame::fingerprint::extract::ridge_period;
/// use selfsame::{FingerImage, Ppi};
/// // Ridges 4.5 pixels apart.
/// let pixels: Vec<u8> = (0..200 * 200).map(|i| (128.0 + 90.0 * ((i % 200) as f32 * 1.396).sin()) as u8).collect();
/// let image = FingerImage::from_gray8(200, 200, Ppi::P500, &pixels)?;
/// let period = ridge_period(&image).expect("ridges");
/// assert!((period.pixels() - 4.5).abs() < 0.3);
/// assert!(period.is_doubtful());
/// # Ok::<(), selfsame::image::ImageError>(())
/// ```
#[must_use]
pub fn ridge_period(image: &FingerImage) -> Option<RidgePeriod> {
    let votes = pyramid::votes(image.pixels(), image.width() as usize, image.height() as usize);
    let (pixels, agreement) = waves::agreed(&votes)?;
    Some(RidgePeriod::new(pixels, agreement, image.stated_ppi()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ppi;

    /// Circular ridges `period` pixels apart.
    fn rings(side: u32, period: f32, ppi: Ppi) -> FingerImage {
        let pixel = |i: u32| {
            let (x, y) = ((i % side) as f32 - side as f32 / 3.0, (i / side) as f32 - side as f32 / 2.0);
            (128.0 + 80.0 * (x.hypot(y) * std::f32::consts::TAU / period).sin()) as u8
        };
        FingerImage::from_gray8(side, side, ppi, &(0..side * side).map(pixel).collect::<Vec<_>>()).expect("an image")
    }

    #[test]
    fn every_period_is_measured() {
        for tenths in (24..=450).step_by(7) {
            let period = tenths as f32 / 10.0;
            let measured = ridge_period(&rings(320, period, Ppi::P500)).expect("ridges").pixels();
            assert!((measured / period).ln().abs() < 0.08, "{measured} for {period}");
        }
    }

    #[test]
    fn the_period_is_that_at_the_stated_resolution() {
        // Ridges 4.5 pixels apart at 250 ppi are 9 apart at 500.
        let right = ridge_period(&rings(200, 4.5, Ppi::new(250.0).expect("valid"))).expect("ridges");
        assert!(!right.is_doubtful() && !right.is_impossible(), "{right:?}");
        let wrong = ridge_period(&rings(200, 9.0, Ppi::new(250.0).expect("valid"))).expect("ridges");
        assert!(wrong.is_impossible(), "{wrong:?}");
        let (low, high) = wrong.likely_ppi();
        assert!(low < 500.0 && 500.0 < high, "{low} to {high}");
    }

    #[test]
    fn pictures_without_ridges_have_no_period() {
        let noise = |i: u32| {
            let i = (i ^ i >> 15).wrapping_mul(0x2C1B_3C6D);
            ((i ^ i >> 12).wrapping_mul(0x297A_2D39) >> 24) as u8
        };
        for pixels in [vec![255; 40_000], vec![0; 40_000], (0..40_000).map(noise).collect()] {
            let image = FingerImage::from_gray8(200, 200, Ppi::P500, &pixels).expect("an image");
            let period = ridge_period(&image);
            assert!(period.is_none_or(|p| !p.is_impossible()), "{period:?}");
        }
    }

    #[test]
    fn the_same_on_every_instruction_set() {
        for period in [3.0, 8.7, 21.0] {
            let image = rings(150, period, Ppi::P500);
            crate::simd::instruction_set::on_every_set(|set| {
                let votes = pyramid::votes_on(set, image.pixels(), 150, 150);
                votes.iter().map(|v| [v.period, v.share, v.amplitude].map(f32::to_bits)).collect::<Vec<_>>()
            });
        }
    }

    #[test]
    fn any_size_is_looked_at() {
        for (width, height) in [(64, 64), (67, 93), (40, 2000), (1500, 48)] {
            let pixels: Vec<u8> = (0..width * height).map(|i| if i % width % 9 < 4 { 20 } else { 230 }).collect();
            let image = FingerImage::from_gray8(width, height, Ppi::P500, &pixels).expect("an image");
            let measured = ridge_period(&image).expect("ridges").pixels();
            assert!((measured - 9.0).abs() < 0.8, "{measured} in {width} x {height}");
        }
        // Too few windows for a word.
        let image = FingerImage::from_gray8(32, 32, Ppi::P500, &[128; 1024]).expect("an image");
        assert_eq!(ridge_period(&image), None);
    }
}
