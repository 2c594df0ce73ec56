//! Segments of a WSQ file, written.

use super::cursor::scaled;
use super::huffman::CodeLengths;
use super::params::{BIN_CENTER, ENCODER, HIGH, LOW, TABLE_BANDS};
use super::segments::{BLOCK, COMMENT, FRAME, Frame, HUFFMAN, NISTCOM, PPI, QUANTIZATION, Quantization, TRANSFORM};

/// A written number: exponent and 16 bits.
pub(super) type Decimal = (u8, u16);

/// The closest number of 16 bits and a power of ten; larger numbers become 65,535.
pub(super) fn decimal(value: f64) -> Decimal {
    let (exponent, digits) = digits(value, u16::MAX.into());
    (exponent, u16::try_from(digits).unwrap_or(u16::MAX))
}

/// The value that a decoder reads from a number.
pub(super) fn read_back((exponent, value): Decimal) -> f32 {
    scaled(value.into(), exponent)
}

/// Exponent and digits of a number that is not negative, as many as fit below `most`.
fn digits(value: f64, most: u32) -> (u8, u32) {
    let most = f64::from(most);
    let fits = |exponent: u8| value * 10f64.powi(exponent.into()) + 0.5 < most;
    if value <= 0.0 {
        return (0, 0);
    }
    // Numbers too small for this many digits do not occur in images.
    let exponent = (0u8..=30).take_while(|&e| fits(e)).last().unwrap_or(0);
    (exponent, whole((value * 10f64.powi(exponent.into())).round().min(most)))
}

#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn whole(value: f64) -> u32 {
    value as u32
}

/// A file under construction.
pub(super) struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn marker(&mut self, marker: u16) {
        self.bytes.extend(marker.to_be_bytes());
    }

    /// A segment; bodies are far shorter than the largest length.
    fn segment(&mut self, marker: u16, body: &[u8]) {
        self.marker(marker);
        let length = u16::try_from(body.len().saturating_add(2)).unwrap_or(u16::MAX);
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(body);
    }

    /// A comment that describes the image as NIST's software does.
    pub fn comment(&mut self, width: u16, height: u16, ppi: u16, bpp: f32) {
        let mut body = NISTCOM.to_vec();
        let lines = format!(
            " 9\nPIX_WIDTH {width}\nPIX_HEIGHT {height}\nPIX_DEPTH 8\n{PPI}{ppi}\nLOSSY 1\nCOLORSPACE GRAY\n\
             COMPRESSION WSQ\nWSQ_BITRATE {bpp:.6}\n"
        );
        body.extend(lines.as_bytes());
        self.segment(COMMENT, &body);
    }

    pub fn filters(&mut self) {
        let mut body = vec![9, 7];
        for tap in LOW.iter().chain(&HIGH) {
            let (exponent, value) = digits(tap.abs(), u32::MAX);
            body.extend([u8::from(*tap < 0.0), exponent]);
            body.extend(value.to_be_bytes());
        }
        self.segment(TRANSFORM, &body);
    }

    /// The quantization table, and its value for a decoder.
    pub fn quantization(&mut self, bins: &[(f64, f64); TABLE_BANDS]) -> Quantization {
        let mut read = Quantization { center: read_back(BIN_CENTER), bins: [(0.0, 0.0); TABLE_BANDS] };
        let mut body = Vec::new();
        let mut put = |number: Decimal| {
            body.push(number.0);
            body.extend(number.1.to_be_bytes());
        };
        put(BIN_CENTER);
        for (bin, &(width, zero)) in read.bins.iter_mut().zip(bins) {
            let (width, zero) = (decimal(width), decimal(zero));
            put(width);
            put(zero);
            *bin = (read_back(width), read_back(zero));
        }
        self.segment(QUANTIZATION, &body);
        read
    }

    /// The frame header, and its value for a decoder.
    pub fn frame(&mut self, width: u16, height: u16, shift: Decimal, scale: Decimal) -> Frame {
        let mut body = vec![0, 255];
        body.extend([height, width].map(u16::to_be_bytes).as_flattened());
        for (exponent, value) in [shift, scale] {
            body.push(exponent);
            body.extend(value.to_be_bytes());
        }
        body.extend(ENCODER);
        self.segment(FRAME, &body);
        Frame { width, height, shift: read_back(shift), scale: read_back(scale) }
    }

    pub fn huffman(&mut self, number: u8, table: &CodeLengths) {
        let mut body = vec![number];
        body.extend(table.counts);
        body.extend(&table.symbols);
        self.segment(HUFFMAN, &body);
    }

    /// A block of coded bits that refers to a Huffman table.
    pub fn block(&mut self, number: u8, bits: &[u8]) {
        self.segment(BLOCK, &[number]);
        self.bytes.extend(bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits_or_more() {
        for value in [1e-9, 0.44, 0.999_999, 1.0, 6.5534, 6.5535, 127.3, 65_534.4] {
            let read = f64::from(read_back(decimal(value)));
            assert!((read - value).abs() <= value * 1e-4, "{value} became {read}");
        }
        assert_eq!((decimal(0.0), decimal(-1.0), decimal(1e9)), ((0, 0), (0, 0), (0, 65_535)));
        assert_eq!(digits(0.852_698_679_009_403_4, u32::MAX), (9, 852_698_679));
    }
}
