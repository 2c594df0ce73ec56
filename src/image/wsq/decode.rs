//! A WSQ file to pixels.

use super::coefficients::read_block;
use super::cursor::Cursor;
use super::error::WsqError;
use super::huffman::Decoder;
use super::params::{MAX_BLOCKS, MIN_SIDE};
use super::quantizer::{count, dequantize};
use super::segments::{BLOCK, END, FRAME, Frame, RESTART, START, Tables, block, frame};
use super::tree::Tree;
use super::wavelet::Plane;
use crate::image::Gray8;
use crate::limits::Limits;

/// A decoded WSQ image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WsqImage {
    /// The pixels.
    pub image: Gray8,
    /// The resolution that the file's comment gives, pixels per inch; many files give none or a wrong one.
    pub ppi: Option<u16>,
}

/// Decodes a WSQ image (filters of 9 and 7 taps, which all certified encoders except one write).
///
/// # Errors
/// [`WsqError`] when the bytes are larger than `limits`, damaged, cut short, or use other filters, or when a side is below 81 pixels,
/// where decoders disagree.
///
/// ```
/// use selfsame::Limits;
/// use selfsame::image::wsq;
/// let pixels: Vec<u8> = (0..96 * 88).map(|i| (i * 7 % 64) as u8).collect();
/// let bytes = wsq::encode(96, 88, &pixels, None, 2.25)?;
/// let decoded = wsq::decode(&bytes, &Limits::default())?;
/// assert_eq!((decoded.image.width(), decoded.image.height()), (96, 88));
/// # Ok::<(), wsq::WsqError>(())
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<WsqImage, WsqError> {
    limits.check_bytes(bytes.len())?;
    let mut input = Cursor::new(bytes);
    if input.u16("signature").ok() != Some(START) {
        return Err(WsqError::Signature);
    }
    let mut tables = Tables::default();
    let frame = loop {
        let (offset, marker) = (input.offset(), input.u16("marker")?);
        if marker == FRAME {
            break frame(&mut input.segment("frame header")?)?;
        }
        if !tables.read(marker, &mut input)? {
            return Err(unexpected(marker, offset, "a table, a comment or the frame header must be here"));
        }
    };
    limits.check_pixels(frame.width.into(), frame.height.into())?;
    if u32::from(frame.width.min(frame.height)) < MIN_SIDE {
        return Err(WsqError::TooSmall { width: frame.width.into(), height: frame.height.into() });
    }
    let tree = Tree::new(frame.width.into(), frame.height.into());
    let coefficients = blocks(&mut input, &mut tables, &tree)?;
    let quantization = tables.quantization.ok_or(WsqError::Missing { what: "quantization table" })?;
    let filters = tables.filters.ok_or(WsqError::Missing { what: "transform table" })?;

    let pixels = usize::from(frame.width).saturating_mul(frame.height.into());
    let mut plane = Plane::new(frame.width.into(), vec![0.0; pixels]);
    dequantize(&coefficients, &tree, &quantization, &mut plane)?;
    drop(coefficients);
    plane.reconstruct(&tree, filters);
    let pixels = plane.samples().iter().map(|&sample| level(sample, &frame)).collect();
    let (width, height) = (frame.width.into(), frame.height.into());
    let image =
        Gray8::new(width, height, pixels).ok_or(WsqError::Size { width, height, actual: plane.samples().len() })?;
    Ok(WsqImage { image, ppi: tables.ppi })
}

/// All blocks' coefficients, up to the end marker.
fn blocks(input: &mut Cursor<'_>, tables: &mut Tables, tree: &Tree) -> Result<Vec<i32>, WsqError> {
    let mut expected = None;
    let mut coefficients = Vec::new();
    let mut left = MAX_BLOCKS;
    loop {
        let (offset, marker) = (input.offset(), input.u16("marker")?);
        match marker {
            END => return Ok(coefficients),
            // Each block costs the setup of a table, however short the block is.
            BLOCK if left == 0 => return Err(unexpected(marker, offset, "at most 64 blocks are allowed")),
            BLOCK => {
                left = left.saturating_sub(1);
                let quantization =
                    tables.quantization.as_ref().ok_or(WsqError::Missing { what: "quantization table" })?;
                let expected = *expected.get_or_insert_with(|| count(tree, quantization));
                let (number, at) = block(&mut input.segment("block header")?)?;
                let value = u64::try_from(number).unwrap_or(u64::MAX);
                let (what, wanted) = ("Huffman table number", "the table must precede the block");
                let undefined = WsqError::Value { what, offset: at, value, expected: wanted };
                let table = tables.huffman.get(number).and_then(Option::as_ref).ok_or(undefined)?;
                let data = input.take(data_length(input.rest()), "block")?;
                read_block(data, offset, &Decoder::new(table), expected, &mut coefficients)?;
            }
            RESTART => return Err(WsqError::Unsupported { what: "a restart interval", offset }),
            _ if tables.read(marker, input)? => {}
            _ => return Err(unexpected(marker, offset, "a table, a comment, a block or the end must be here")),
        }
    }
}

/// Bytes up to the next marker.
fn data_length(bytes: &[u8]) -> usize {
    let marker = bytes.windows(2).position(|pair| matches!(pair, [0xFF, second] if *second != 0));
    marker.unwrap_or(bytes.len())
}

fn unexpected(marker: u16, offset: usize, expected: &'static str) -> WsqError {
    WsqError::Value { what: "marker", offset, value: marker.into(), expected }
}

/// A sample as a gray level.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn level(sample: f32, frame: &Frame) -> u8 {
    (sample * frame.scale + frame.shift + 0.5) as u8
}
