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
pub(super) const POSITION: u16 = 13;

impl An2kFile {
    /// Decodes the image of record `index` (Type-4, 13 or 14; the Type-1 record is 0), pixel for pixel. A coded image has
    /// the size and coding that its own bytes state; [`An2kFile::notes`] says where the record states others.
    ///
    /// # Errors
    /// [`FormatError`] when the record holds no image, or when the image is damaged, larger than `limits`, not of 8 bits,
    /// in an unsupported coding, or without a coding and not of the stated size.
    pub fn image(&self, index: usize, limits: &Limits) -> Result<Gray8, FormatError> {
        let stored = self.records.get(index).and_then(Stored::of);
        let stored = stored.ok_or(unsupported("an image in a record other than Type-4, 13 and 14"))?;
        if stored.depth != Some(8) {
            return Err(unsupported("an image with other than 8 bits per pixel"));
        }
        let missing = |reason| FormatError::Header { offset: 0, reason };
        let coding = match stored.coding() {
            Some(coding) => coding,
            None if stored.names_coding => return Err(unsupported("this compression of an image")),
            None => return Err(missing("an image record gives no compression")),
        };
        if stored.data.is_empty() {
            return Err(missing("an image record holds no image"));
        }
        let size = match (stored.width, stored.height) {
            (Some(width), Some(height)) => (width, height),
            _ if coding != ImageCoding::Raw => (0, 0),
            (None, _) => return Err(missing("an image record gives no width")),
            (_, None) => return Err(missing("an image record gives no height")),
        };
        payload::decode_any_size(coding, stored.data, size, 0, limits)
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

/// What a record states of its image, and the image.
pub(super) struct Stored<'a> {
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    depth: Option<u32>,
    /// The stated coding; `None` when it is unknown or not stated.
    pub(super) stated: Option<ImageCoding>,
    names_coding: bool,
    pub(super) data: &'a [u8],
}

impl<'a> Stored<'a> {
    /// The image of a record of Type-4, 13 or 14.
    pub(super) fn of(record: &'a Record) -> Option<Self> {
        match record {
            Record::Fixed(record) => Some(Self {
                width: Some(record.width.into()),
                height: Some(record.height.into()),
                depth: Some(8),
                stated: binary_coding(record.compression),
                names_coding: true,
                data: &record.data,
            }),
            Record::Tagged(record) if matches!(record.kind, 13 | 14) => {
                let number = |field| record.field(field).and_then(|f| f.whole());
                let coding = record.field(11).and_then(|f| f.text());
                Some(Self {
                    width: number(6),
                    height: number(7),
                    depth: number(12),
                    stated: coding.and_then(|text| text_coding(text.trim())),
                    names_coding: coding.is_some(),
                    data: record.field(DATA).map(|field| field.value()).unwrap_or_default(),
                })
            }
            _ => None,
        }
    }

    /// The coding to read the image with: what its bytes show, unless they are as many as stated pixels without a coding.
    pub(super) fn coding(&self) -> Option<ImageCoding> {
        let pixels = || u64::from(self.width?).checked_mul(self.height?.into());
        let raw = self.stated == Some(ImageCoding::Raw);
        if raw && pixels() == u64::try_from(self.data.len()).ok() {
            return self.stated;
        }
        ImageCoding::of(self.data).or(self.stated)
    }

    /// The stated width and height.
    pub(super) fn stated_size(&self) -> Option<(u32, u32)> {
        Some((self.width?, self.height?))
    }

    /// The width and height that the image states itself.
    pub(super) fn own_size(&self) -> Option<(u32, u32)> {
        self.coding()?.size(self.data)
    }
}

/// The coding for the text in a record of fields.
fn text_coding(text: &str) -> Option<ImageCoding> {
    Some(match text {
        "NONE" => ImageCoding::Raw,
        "WSQ20" | "WSQ" => ImageCoding::Wsq,
        "JPEGB" => ImageCoding::Jpeg,
        "JP2" | "JP2L" => ImageCoding::Jpeg2000,
        "PNG" => ImageCoding::Png,
        _ => return None,
    })
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
fn binary_coding(compression: u8) -> Option<ImageCoding> {
    Some(match compression {
        0 => ImageCoding::Raw,
        1 => ImageCoding::Wsq,
        2 => ImageCoding::Jpeg,
        4 | 5 => ImageCoding::Jpeg2000,
        6 => ImageCoding::Png,
        _ => return None,
    })
}
