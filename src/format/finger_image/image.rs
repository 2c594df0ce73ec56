//! The images of a finger image record.

use super::super::error::FormatError;
use super::super::payload::{self, ImageCoding};
use super::model::{FingerImageRecord, View};
use crate::image::{CM_PER_INCH, FingerImage, Gray8, Ppi};
use crate::limits::Limits;

impl FingerImageRecord {
    /// Coding of image `index`; `None` when there is no such image or its coding is not supported.
    #[must_use]
    pub fn coding(&self, index: usize) -> Option<ImageCoding> {
        let own = self.views.get(index)?.representation.as_deref();
        Some(match (own.map_or(self.compression, |own| own.compression), own.is_some()) {
            (0, _) => ImageCoding::Raw,
            (2, _) => ImageCoding::Wsq,
            (3, _) => ImageCoding::Jpeg,
            (4, _) | (5, true) => ImageCoding::Jpeg2000,
            (5, false) | (6, true) => ImageCoding::Png,
            _ => return None,
        })
    }

    /// Resolution of image `index`.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] when there is no such image, [`FormatError::Image`] outside 100 to 4000 ppi,
    /// [`FormatError::Unsupported`] for pixels that are not square.
    pub fn ppi(&self, index: usize) -> Result<Ppi, FormatError> {
        let own = self.view(index)?.representation.as_deref();
        let (unit, resolution) =
            own.map_or((self.scale_unit, self.image_resolution), |own| (own.scale_unit, own.image_resolution));
        let (x, y) = (f32::from(resolution.0), f32::from(resolution.1));
        payload::square(x, y)?;
        let per_inch = if unit == 2 { CM_PER_INCH } else { 1.0 };
        Ok(Ppi::new(x * per_inch)?)
    }

    fn view(&self, index: usize) -> Result<&View, FormatError> {
        let (count, max) = (index.saturating_add(1), self.views.len());
        self.views.get(index).ok_or(FormatError::Capacity { format: "this record", what: "images", count, max })
    }

    /// Decodes image `index`, pixel for pixel.
    ///
    /// # Errors
    /// [`FormatError`] when there is no such image, or it is damaged, larger than `limits`, not of the declared size,
    /// or in an unsupported coding.
    pub fn image(&self, index: usize, limits: &Limits) -> Result<Gray8, FormatError> {
        let view = self.view(index)?;
        if view.representation.as_deref().map_or(self.depth, |own| own.depth) != 8 {
            return Err(FormatError::Unsupported { what: "an image with other than 8 bits per pixel", offset: 0 });
        }
        let unread = FormatError::Unsupported { what: "this compression of an image", offset: 0 };
        let coding = self.coding(index).ok_or(unread)?;
        payload::decode(coding, &view.data, (view.width.into(), view.height.into()), 0, limits)
    }

    /// Decodes image `index` and resamples it to 500 ppi.
    ///
    /// # Errors
    /// As [`FingerImageRecord::image`] and [`FingerImageRecord::ppi`].
    pub fn finger_image(&self, index: usize, limits: &Limits) -> Result<FingerImage, FormatError> {
        let (image, ppi) = (self.image(index, limits)?, self.ppi(index)?);
        Ok(FingerImage::from_gray8_within(image.width(), image.height(), ppi, image.pixels(), limits)?)
    }
}
