//! Pictures and their files.

use std::io::Cursor;

use image::{ImageEncoder, ImageFormat, RgbImage};
use thiserror::Error;

use crate::image::FingerImage;

/// The reason why a picture cannot be encoded.
#[derive(Debug, Error)]
#[error("cannot encode the picture: {reason}")]
pub struct DrawError {
    pub(super) reason: String,
}

/// An RGB picture, row-major, 8 bits per channel.
#[derive(Clone, PartialEq)]
pub struct Picture(pub(super) RgbImage);

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
    /// [`DrawError`] when the encoder rejects it.
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
/// [`DrawError`] when the encoder rejects it.
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
