//! Type-4: a finger image with a binary header.

use std::fmt;

use super::super::error::{FormatError, Reader};
use crate::bytes::Writer;

/// Bytes before the image: length, IDC, impression, six positions, resolution, width, height, compression.
const HEADER: usize = 18;

/// A Type-4 record, a finger image of 500 ppi.
#[derive(Clone, PartialEq, Eq)]
pub struct FixedImage {
    /// Number that links it to other records.
    pub idc: u8,
    /// Impression type: 0 live plain, 1 live rolled, 2 and 3 not live.
    pub impression: u8,
    /// Possible finger positions, the most likely first; unused places hold 255.
    pub positions: [u8; 6],
    /// Whether the resolution is the scanner's (1, given by the Type-1 record) or 500 ppi (0).
    pub resolution: u8,
    /// Width, pixels.
    pub width: u16,
    /// Height, pixels.
    pub height: u16,
    /// Coding of the image: 0 raw, 1 WSQ, 2 JPEG, 4 and 5 JPEG 2000, 6 PNG.
    pub compression: u8,
    /// The coded image.
    pub data: Vec<u8>,
}

impl fmt::Debug for FixedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedImage")
            .field("idc", &self.idc)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

impl FixedImage {
    pub(super) const KIND: u8 = 4;

    /// Reads the record after its length.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(bytes);
        let idc = r.u8("IDC")?;
        let impression = r.u8("impression type")?;
        let positions = r.array("finger positions")?;
        let resolution = r.u8("resolution")?;
        let (width, height) = (r.u16("image width")?, r.u16("image height")?);
        let compression = r.u8("compression")?;
        let data = r.take(r.left(), "image")?.to_vec();
        Ok(Self { idc, impression, positions, resolution, width, height, compression, data })
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, FormatError> {
        let mut out = Writer::with_capacity(self.data.len().saturating_add(HEADER));
        out.bytes(&[self.idc, self.impression]);
        out.bytes(&self.positions);
        out.u8(self.resolution);
        out.u16s(&[self.width, self.height]);
        out.u8(self.compression);
        out.bytes(&self.data);
        with_length(&out.finish())
    }
}

/// A binary record: a length that counts itself, then the rest.
pub(super) fn with_length(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let count = bytes.len();
    let max = usize::try_from(u32::MAX).unwrap_or(usize::MAX).saturating_sub(4);
    let too_large = FormatError::Capacity { format: "a binary record", what: "bytes", count, max };
    let length = u32::try_from(count.saturating_add(4)).map_err(|_| too_large)?;
    Ok([&length.to_be_bytes(), bytes].concat())
}
