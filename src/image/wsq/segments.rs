//! The segments of a WSQ file, each announced by a marker.

use super::cursor::Cursor;
use super::error::WsqError;
use super::huffman::CodeLengths;
use super::params::{HUFFMAN_TABLES, TABLE_BANDS};
use super::wavelet::Filters;

/// Markers, two bytes.
pub(super) const START: u16 = 0xFFA0;
pub(super) const END: u16 = 0xFFA1;
pub(super) const FRAME: u16 = 0xFFA2;
pub(super) const BLOCK: u16 = 0xFFA3;
pub(super) const TRANSFORM: u16 = 0xFFA4;
pub(super) const QUANTIZATION: u16 = 0xFFA5;
pub(super) const HUFFMAN: u16 = 0xFFA6;
pub(super) const RESTART: u16 = 0xFFA7;
pub(super) const COMMENT: u16 = 0xFFA8;

/// First line of a comment that describes the image, as NIST's software writes it.
pub(super) const NISTCOM: &[u8] = b"NIST_COM";
/// The comment's line with the resolution, pixels per inch.
pub(super) const PPI: &str = "PPI ";

/// The frame header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub width: u16,
    pub height: u16,
    /// Value added to a sample after scaling.
    pub shift: f32,
    /// Factor of a sample.
    pub scale: f32,
}

/// The quantization table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantization {
    /// Position of coefficients within a bin, 0 to 1.
    pub center: f32,
    /// Width of the bins of each sub-band, 0 for one that is not coded, and of its bin around zero.
    pub bins: [(f32, f32); TABLE_BANDS],
}

/// Tables read so far.
#[derive(Default)]
pub(super) struct Tables {
    pub filters: Option<Filters>,
    pub quantization: Option<Quantization>,
    pub huffman: [Option<CodeLengths>; HUFFMAN_TABLES],
    /// Resolution from a comment, pixels per inch.
    pub ppi: Option<u16>,
}

impl Tables {
    /// Reads the segment after `marker` if it holds tables or a comment; `false` leaves the cursor where it is.
    pub fn read(&mut self, marker: u16, input: &mut Cursor<'_>) -> Result<bool, WsqError> {
        match marker {
            TRANSFORM => self.filters = Some(filters(&mut input.segment("transform table")?)?),
            QUANTIZATION => self.quantization = Some(quantization(&mut input.segment("quantization table")?)?),
            HUFFMAN => self.huffman(&mut input.segment("Huffman table")?)?,
            COMMENT => self.ppi = resolution(input.segment("comment")?.rest()).or(self.ppi),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn huffman(&mut self, body: &mut Cursor<'_>) -> Result<(), WsqError> {
        while body.left() > 0 {
            let (what, offset) = ("Huffman table number", body.offset());
            let number = body.u8(what)?;
            let value = number.into();
            let slot = self.huffman.get_mut(usize::from(number));
            let slot = slot.ok_or(WsqError::Value { what, offset, value, expected: "0 to 7 are allowed" })?;
            *slot = Some(CodeLengths::read(body)?);
        }
        Ok(())
    }
}

/// The frame header's body.
pub(super) fn frame(body: &mut Cursor<'_>) -> Result<Frame, WsqError> {
    let what = "frame header";
    body.take(2, what)?; // Gray levels of black and white: no decoder uses them.
    let height = side(body, "height")?;
    let width = side(body, "width")?;
    let shift = body.decimal(what)?;
    let scale = body.decimal(what)?;
    body.take(3, what)?; // Encoder and software.
    Ok(Frame { width, height, shift, scale })
}

fn side(body: &mut Cursor<'_>, what: &'static str) -> Result<u16, WsqError> {
    let offset = body.offset();
    match body.u16(what)? {
        0 => Err(WsqError::Value { what, offset, value: 0, expected: "at least 1 is needed" }),
        side => Ok(side),
    }
}

/// The number of the Huffman table in a block's header, and its offset.
pub(super) fn block(body: &mut Cursor<'_>) -> Result<(usize, usize), WsqError> {
    let offset = body.offset();
    Ok((body.u8("block header")?.into(), offset))
}

fn filters(body: &mut Cursor<'_>) -> Result<Filters, WsqError> {
    let what = "transform table";
    let offset = body.offset();
    let lengths = (body.u8(what)?, body.u8(what)?);
    if lengths != (9, 7) {
        return Err(WsqError::Unsupported { what: "a transform with taps other than 9 and 7", offset });
    }
    let mut filters = Filters { low: [0.0; 5], high: [0.0; 4] };
    for tap in filters.low.iter_mut().chain(&mut filters.high) {
        *tap = body.signed_decimal(what)?;
    }
    Ok(filters)
}

fn quantization(body: &mut Cursor<'_>) -> Result<Quantization, WsqError> {
    let what = "quantization table";
    let center = body.decimal(what)?;
    let mut bins = [(0.0, 0.0); TABLE_BANDS];
    for bin in &mut bins {
        *bin = (body.decimal(what)?, body.decimal(what)?);
    }
    Ok(Quantization { center, bins })
}

/// The resolution that a comment gives: a line of the letters PPI, in any case, and a number, apart by blanks, a colon or an
/// equals sign. NIST's software writes `PPI 500` behind a first line `NIST_COM`, others without it.
fn resolution(comment: &[u8]) -> Option<u16> {
    let of_line = |line: &[u8]| {
        let line = std::str::from_utf8(line).ok()?.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        let (name, number) = line.split_at_checked(PPI.trim_end().len())?;
        let number =
            number.strip_prefix([' ', '\t', ':', '=']).filter(|_| name.eq_ignore_ascii_case(PPI.trim_end()))?;
        number.trim_matches([' ', '\t', ':', '=']).parse().ok().filter(|&ppi| ppi > 0)
    };
    comment.split(|&b| b == b'\n' || b == b'\r').find_map(of_line)
}
