//! Pictures for people: minutiae over the print, and every stage of an extraction.
//!
//! A picture shows biometric content. It is made for looking at an extraction, not for keeping.

mod marks;
pub mod params;
mod stages;
mod svg;

use std::io::Cursor;

use image::{ImageEncoder, ImageFormat, RgbImage};
use thiserror::Error;

use crate::fingerprint::minutia::Minutia;
use crate::image::FingerImage;

pub use stages::StagePictures;
pub use svg::{overlay_svg, template_svg};

/// Why a picture cannot be made.
#[derive(Debug, Error)]
#[error("cannot encode the picture: {reason}")]
pub struct DrawError {
    reason: String,
}

/// An RGB picture, row-major, 8 bits per channel.
#[derive(Clone, PartialEq)]
pub struct Picture(RgbImage);

impl Picture {
    /// Width, pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Height, pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// Red, green and blue of each pixel.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        self.0.as_raw()
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`DrawError`] when the encoder refuses it.
    pub fn to_png(&self) -> Result<Vec<u8>, DrawError> {
        let mut out = Cursor::new(Vec::new());
        self.0.write_to(&mut out, ImageFormat::Png).map_err(|e| DrawError { reason: e.to_string() })?;
        Ok(out.into_inner())
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("width", &self.width()).field("height", &self.height()).finish_non_exhaustive()
    }
}

/// The print itself as an 8-bit gray PNG file.
///
/// # Errors
/// [`DrawError`] when the encoder refuses it.
///
/// ```
/// use selfsame::draw::print_png;
/// use selfsame::{FingerImage, Limits, Ppi};
/// let image = FingerImage::from_gray8(40, 50, Ppi::P500, &[99; 2000])?;
/// let png = print_png(&image)?;
/// # #[cfg(feature = "decode")]
/// assert_eq!(FingerImage::decode(&png, Ppi::P500, &Limits::default())?, image);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn print_png(image: &FingerImage) -> Result<Vec<u8>, DrawError> {
    let mut out = Vec::new();
    image::codecs::png::PngEncoder::new(&mut out)
        .write_image(image.pixels(), image.width(), image.height(), image::ExtendedColorType::L8)
        .map_err(|e| DrawError { reason: e.to_string() })?;
    Ok(out)
}

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
