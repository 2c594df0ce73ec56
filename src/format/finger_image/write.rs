//! A finger image record to bytes, and images to a record.

use std::collections::BTreeSet;

use super::super::error::FormatError;
use super::super::payload::{self, ImageCoding, ImageEncoding};
use super::super::record::Capture;
use super::model::{
    Edition, FingerImageRecord, MAGIC, NOT_JUDGED, Representation, VERSION, VERSION_2011, VIEW_HEADER, View,
};
use super::representation;
use crate::bytes::Writer;
use crate::fingerprint::position::FingerPosition;
use crate::image::{Gray8, Ppi};

/// Acquisition level of a live scan of 500 ppi and 8 bits.
const LIVE_500: u16 = 31;
/// An unknown time: all bits set.
const NO_TIME: [u8; 9] = [0xFF; 9];

impl FingerImageRecord {
    /// Writes the record with all its fields unchanged.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] when a count or length exceeds its field, [`FormatError::Unsupported`] for an image
    /// without [`Representation`] in a record of 2011.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        if self.edition == Edition::Iso2011 {
            return self.encode_2011();
        }
        let mut body = Writer::default();
        if self.edition == Edition::Ansi2004 {
            body.u16s(&[self.product.0, self.product.1]);
        }
        body.u16s(&[self.device, self.acquisition_level]);
        body.bytes(&[self.fingers, self.scale_unit]);
        let (scan, image) = (self.scan_resolution, self.image_resolution);
        body.u16s(&[scan.0, scan.1, image.0, image.1]);
        body.bytes(&[self.depth, self.compression]);
        body.u16(self.reserved);
        for view in &self.views {
            body.u32(representation::long("bytes in an image", view.data.len(), VIEW_HEADER)?);
            body.bytes(&[view.position, view.count, view.number, view.quality, view.impression]);
            body.u16s(&[view.width, view.height]);
            body.u8(view.reserved);
            body.bytes(&view.data);
        }
        let body = body.finish();
        let start = [MAGIC, VERSION].concat();
        // Six bytes of length, which include themselves.
        let length = u64::try_from(start.len().saturating_add(6).saturating_add(body.len())).unwrap_or(u64::MAX);
        let [_, _, length @ ..] = length.to_be_bytes();
        Ok([start.as_slice(), length.as_slice(), body.as_slice()].concat())
    }

    fn encode_2011(&self) -> Result<Vec<u8>, FormatError> {
        let capacity = |what, count, max| FormatError::Capacity { format: "a finger image record", what, count, max };
        let count = self.views.len();
        let images = u16::try_from(count).map_err(|_| capacity("images", count, u16::MAX.into()))?;
        let own = |view: &View| view.representation.as_ref().is_some_and(|own| own.capture.certifications.is_some());
        let certified = self.views.iter().any(own);
        let mut body = Writer::default();
        body.u16(images);
        body.bytes(&[u8::from(certified), self.fingers]);
        representation::write(&mut body, &self.views, certified)?;
        let (start, body) = ([MAGIC, VERSION_2011].concat(), body.finish());
        let length = representation::long("bytes", body.len(), start.len().saturating_add(4))?;
        Ok([start.as_slice(), length.to_be_bytes().as_slice(), body.as_slice()].concat())
    }

    /// A record of plain live-scan images of different fingers, 8 bits per pixel, acquisition level 31.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] for no images or more than 255, or for a side above 65,535 pixels;
    /// [`FormatError::Image`] when an image cannot be encoded.
    pub fn from_images(
        edition: Edition,
        images: &[(&Gray8, FingerPosition)],
        ppi: Ppi,
        encoding: ImageEncoding,
    ) -> Result<Self, FormatError> {
        let capacity = |what, count, max| FormatError::Capacity { format: "a finger image record", what, count, max };
        let fingers = u8::try_from(images.len()).ok().filter(|&n| n > 0);
        let mut fingers = fingers.ok_or(capacity("images, and at least 1,", images.len(), u8::MAX.into()))?;
        let resolution = whole(ppi.get().round());
        let resolution = (resolution, resolution);
        let newer = edition == Edition::Iso2011;
        let compression = match encoding.coding() {
            ImageCoding::Raw => 0,
            ImageCoding::Wsq => 2,
            ImageCoding::Jpeg => 3,
            ImageCoding::Jpeg2000 => 4,
            ImageCoding::Png if newer => 6,
            ImageCoding::Png => 5,
        };
        if newer {
            // That field counts positions, not images.
            let positions: BTreeSet<u8> = images.iter().map(|(_, position)| position.code()).collect();
            fingers = u8::try_from(positions.len()).unwrap_or(u8::MAX);
        }
        let own = Representation {
            capture: Capture { time: NO_TIME, ..Capture::default() },
            qualities: Vec::new(),
            scale_unit: 1,
            scan_resolution: resolution,
            image_resolution: resolution,
            depth: 8,
            compression,
            extended: Vec::new(),
        };
        let mut views = Vec::with_capacity(images.len());
        for (image, position) in images {
            let side = |n: u32| {
                let count = usize::try_from(n).unwrap_or(usize::MAX);
                u16::try_from(n).map_err(|_| capacity("pixels in a side", count, u16::MAX.into()))
            };
            views.push(View {
                position: position.code(),
                count: 1,
                number: if newer { 0 } else { 1 },
                quality: NOT_JUDGED,
                impression: 0,
                width: side(image.width())?,
                height: side(image.height())?,
                reserved: 0,
                data: payload::encode(image, ppi, encoding)?,
                representation: newer.then(|| Box::new(own.clone())),
            });
        }
        Ok(Self {
            edition,
            product: (0, 0),
            device: 0,
            acquisition_level: if newer { 0 } else { LIVE_500 },
            fingers,
            scale_unit: 1,
            scan_resolution: resolution,
            image_resolution: resolution,
            depth: 8,
            compression,
            reserved: 0,
            views,
        })
    }
}

/// A resolution, at most 4000.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn whole(value: f32) -> u16 {
    value as u16
}
