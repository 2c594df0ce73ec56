//! Images of Type-4, 13 and 14 records.

use super::super::error::FormatError;
use super::super::payload::{self, ImageCoding};
use super::file::{An2kFile, Record};
use super::fixed::FixedImage;
use super::tagged::{DATA, TaggedRecord};
use crate::fingerprint::position::FingerPosition;
use crate::image::{CM_PER_INCH, FingerImage, Gray8, Ppi};
use crate::limits::Limits;

/// Field of the Type-1 record with the scanner's resolution, pixels per mm.
const SCANNER: u16 = 11;
/// Field of a Type-13 or 14 record with the finger's position.
const POSITION: u16 = 13;

impl An2kFile {
    /// Decodes the image of record `index` (Type-4, 13 or 14; the Type-1 record is 0), pixel for pixel.
    ///
    /// # Errors
    /// [`FormatError`] when the record holds no image, or when the image is damaged, larger than `limits`, not of the
    /// declared size, not of 8 bits, or in an unsupported coding.
    pub fn image(&self, index: usize, limits: &Limits) -> Result<Gray8, FormatError> {
        match self.records.get(index) {
            Some(Record::Fixed(record)) => {
                let coding = binary_coding(record.compression)?;
                payload::decode(coding, &record.data, (record.width.into(), record.height.into()), 0, limits)
            }
            Some(Record::Tagged(record)) if matches!(record.kind, 13 | 14) => tagged_image(record, limits),
            _ => Err(unsupported("an image in a record other than Type-4, 13 and 14")),
        }
    }

    /// Resolution of the image of record `index`.
    ///
    /// # Errors
    /// [`FormatError`] when the record holds no image, when its resolution is missing or outside 100 to 4000 ppi, or
    /// when its pixels are not square.
    pub fn ppi(&self, index: usize) -> Result<Ppi, FormatError> {
        match self.records.get(index) {
            Some(Record::Fixed(FixedImage { resolution: 0, .. })) => Ok(Ppi::P500),
            Some(Record::Fixed(_)) => {
                let text = self.first().and_then(|r| r.field(SCANNER)).and_then(|f| f.text());
                let per_mm = text.and_then(|t| t.trim().parse::<f32>().ok()).ok_or(FormatError::PpiMissing)?;
                Ok(Ppi::new(per_mm * (10.0 * CM_PER_INCH))?)
            }
            Some(Record::Tagged(record)) if matches!(record.kind, 13 | 14) => tagged_ppi(record),
            _ => Err(unsupported("an image in a record other than Type-4, 13 and 14")),
        }
    }

    /// The finger that the image of record `index` shows; `None` when the record holds no image, or does not name a
    /// single finger.
    #[must_use]
    pub fn position(&self, index: usize) -> Option<FingerPosition> {
        let code = match self.records.get(index)? {
            Record::Fixed(record) => record.positions.first().copied()?,
            Record::Tagged(record) if matches!(record.kind, 13 | 14) => {
                u8::try_from(record.field(POSITION)?.whole()?).ok()?
            }
            _ => return None,
        };
        FingerPosition::from_code(code)
    }

    /// Decodes the image of record `index` and resamples it to 500 ppi.
    ///
    /// # Errors
    /// As [`An2kFile::image`] and [`An2kFile::ppi`].
    pub fn finger_image(&self, index: usize, limits: &Limits) -> Result<FingerImage, FormatError> {
        let (image, ppi) = (self.image(index, limits)?, self.ppi(index)?);
        Ok(FingerImage::from_gray8_within(image.width(), image.height(), ppi, image.pixels(), limits)?)
    }
}

fn unsupported(what: &'static str) -> FormatError {
    FormatError::Unsupported { what, offset: 0 }
}

fn tagged_image(record: &TaggedRecord, limits: &Limits) -> Result<Gray8, FormatError> {
    let missing = |reason| FormatError::Header { offset: 0, reason };
    let number = |field| record.field(field).and_then(|f| f.whole());
    let width = number(6).ok_or(missing("an image record gives no width"))?;
    let height = number(7).ok_or(missing("an image record gives no height"))?;
    if number(12) != Some(8) {
        return Err(unsupported("an image with other than 8 bits per pixel"));
    }
    let coding = record.field(11).and_then(|f| f.text()).ok_or(missing("an image record gives no compression"))?;
    let coding = match coding.trim() {
        "NONE" => ImageCoding::Raw,
        "WSQ20" | "WSQ" => ImageCoding::Wsq,
        "JPEGB" => ImageCoding::Jpeg,
        "JP2" | "JP2L" => ImageCoding::Jpeg2000,
        "PNG" => ImageCoding::Png,
        _ => return Err(unsupported("this compression of an image")),
    };
    let data = record.field(DATA).ok_or(missing("an image record holds no image"))?;
    payload::decode(coding, data.value(), (width, height), 0, limits)
}

fn tagged_ppi(record: &TaggedRecord) -> Result<Ppi, FormatError> {
    let number = |field| record.field(field).and_then(|f| f.text()?.trim().parse::<f32>().ok());
    let (x, y) = (number(9).ok_or(FormatError::PpiMissing)?, number(10).ok_or(FormatError::PpiMissing)?);
    payload::square(x, y)?;
    match record.field(8).and_then(|f| f.whole()) {
        Some(1) => Ok(Ppi::new(x)?),
        Some(2) => Ok(Ppi::new(x * CM_PER_INCH)?),
        _ => Err(FormatError::PpiMissing),
    }
}

/// The coding for the number in a binary record.
fn binary_coding(compression: u8) -> Result<ImageCoding, FormatError> {
    Ok(match compression {
        0 => ImageCoding::Raw,
        1 => ImageCoding::Wsq,
        2 => ImageCoding::Jpeg,
        4 | 5 => ImageCoding::Jpeg2000,
        6 => ImageCoding::Png,
        _ => return Err(unsupported("this compression of an image")),
    })
}
