//! Pixels to a WSQ file.

use super::allocation::bins;
use super::bits::BitWriter;
use super::code_lengths::{code_lengths, codes};
use super::coefficients::for_each_symbol;
use super::error::WsqError;
use super::huffman::SYMBOLS;
use super::params::{BLOCKS, HALF_RANGE, MAX_BPP, MIN_BPP, MIN_SIDE};
use super::quantizer::quantize;
use super::segments::{END, START};
use super::tree::Tree;
use super::wavelet::{Filters, Plane};
use super::write::{Decimal, Writer, decimal, read_back};
use crate::image::Ppi;

/// Encodes row-major 8-bit gray pixels at about `bpp` bits per pixel, 0.1 to 5.
///
/// Archives use 0.75, which makes prints about 15 times smaller, and 2.25 (about 5 times). The rate is a target for the
/// specification's rule: smooth images become smaller than that, noisy and small ones larger. `ppi` goes into a
/// comment, rounded.
///
/// # Errors
/// [`WsqError::Size`] when there are not `width * height` pixels or a side is 0 or above 65,535; [`WsqError::BitRate`]; [`WsqError::TooSmall`] when a side is below 81 pixels.
///
/// ```
/// use selfsame::Ppi;
/// use selfsame::image::wsq;
/// let pixels = vec![200; 300 * 400];
/// let bytes = wsq::encode(300, 400, &pixels, Some(Ppi::P500), 0.75)?;
/// assert!(bytes.len() < 1000);
/// assert!(wsq::encode(300, 400, &pixels, None, 0.0).is_err());
/// # Ok::<(), wsq::WsqError>(())
/// ```
pub fn encode(width: u32, height: u32, pixels: &[u8], ppi: Option<Ppi>, bpp: f32) -> Result<Vec<u8>, WsqError> {
    let size = WsqError::Size { width, height, actual: pixels.len() };
    let area = u64::from(width).saturating_mul(height.into());
    let (Ok(w), Ok(h)) = (u16::try_from(width), u16::try_from(height)) else { return Err(size) };
    if area == 0 || usize::try_from(area) != Ok(pixels.len()) {
        return Err(size);
    }
    if !(MIN_BPP..=MAX_BPP).contains(&bpp) {
        return Err(WsqError::BitRate { bpp });
    }
    if width.min(height) < MIN_SIDE {
        return Err(WsqError::TooSmall { width, height });
    }

    let (shift, scale) = shift_and_scale(pixels);
    let mut out = Writer { bytes: Vec::new() };
    out.marker(START);
    if let Some(ppi) = ppi {
        out.comment(w, h, whole(ppi.get().round()), bpp);
    }
    out.filters();
    let tree = Tree::new(w.into(), h.into());
    let (offset, factor) = (read_back(shift), 1.0 / read_back(scale));
    let samples = pixels.iter().map(|&p| (f32::from(p) - offset) * factor).collect();
    let mut plane = Plane::new(w.into(), samples);
    plane.decompose(&tree, Filters::standard());
    let table = out.quantization(&bins(&plane, &tree, bpp.into()));
    out.frame(w, h, shift, scale);

    // The first block has its own Huffman table; the other two share one.
    let [first, second, third] = BLOCKS.map(|bands| quantize(&plane, &tree, &table, bands));
    blocks(&mut out, 0, &[first]);
    blocks(&mut out, 1, &[second, third]);
    out.marker(END);
    Ok(out.bytes)
}

/// Writes a Huffman table and the blocks that use it.
fn blocks(out: &mut Writer, number: u8, blocks: &[Vec<i32>]) {
    let mut frequencies = [0u32; SYMBOLS];
    for block in blocks {
        for_each_symbol(block, |symbol, _, _| {
            frequencies.get_mut(usize::from(symbol)).into_iter().for_each(|n| *n = n.saturating_add(1));
        });
    }
    let table = code_lengths(&frequencies);
    out.huffman(number, &table);
    let codes = codes(&table);
    for block in blocks {
        let mut bits = BitWriter::default();
        for_each_symbol(block, |symbol, extra, n| {
            let (code, length) = codes.get(usize::from(symbol)).copied().unwrap_or_default();
            bits.put(code, length);
            bits.put(extra, n);
        });
        out.block(number, &bits.finish());
    }
}

/// The mean, which is subtracted from each pixel, and the divisor that scales the largest deviation to 128.
fn shift_and_scale(pixels: &[u8]) -> (Decimal, Decimal) {
    let (mut n, mut sum, mut low, mut high) = (0.0f64, 0.0f64, u8::MAX, 0u8);
    for row in pixels.chunks(1 << 16) {
        // At most 2^24: exact.
        sum += f64::from(row.iter().map(|&p| u32::from(p)).sum::<u32>());
        n += f64::from(u32::try_from(row.len()).unwrap_or(0));
        low = row.iter().fold(low, |a, &b| a.min(b));
        high = row.iter().fold(high, |a, &b| a.max(b));
    }
    let mean = if n > 0.0 { sum / n } else { 0.0 };
    let furthest = (mean - f64::from(low)).max(f64::from(high) - mean);
    // A flat image has nothing to scale.
    let scale = if furthest < f64::EPSILON { 1.0 } else { furthest / f64::from(HALF_RANGE) };
    (decimal(mean), decimal(scale))
}

/// A whole number of at most 4000.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn whole(value: f32) -> u16 {
    value as u16
}
