//! Minutiae over their print.

use super::marks;
use super::picture::Picture;
use crate::fingerprint::minutia::Minutia;
use crate::image::FingerImage;

/// Draws minutiae over the print, enlarged: endings as red circles, bifurcations as blue squares, others as green circles,
/// each with a line in its direction.
///
/// ```
/// use selfsame::draw::overlay;
/// use selfsame::{FingerImage, Ppi};
/// let image = FingerImage::from_gray8(100, 80, Ppi::P500, &[200; 8000])?;
/// let picture = overlay(&image, &[]);
/// assert_eq!((picture.width(), picture.height()), (200, 160));
/// assert!(picture.to_png()?.starts_with(b"\x89PNG"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn overlay(image: &FingerImage, minutiae: &[Minutia]) -> Picture {
    let scale = marks::scale_for(image.width(), image.height());
    let mut picture = marks::enlarged(image.width(), image.height(), scale, |x, y| {
        let at = y as usize * image.width() as usize + x as usize;
        image.pixels().get(at).copied().unwrap_or(255)
    });
    marks::minutiae(&mut picture, minutiae, scale);
    Picture(picture)
}
