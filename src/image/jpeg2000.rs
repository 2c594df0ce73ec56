//! JPEG 2000 images to 8-bit gray, through `hayro-jpeg2000`.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

use super::error::ImageError;
use super::gray::Gray8;
use crate::bytes::FileKind;
use crate::limits::Limits;

/// First bytes of a code stream: its start, and the marker of the segment with the sizes.
const CODE_STREAM: &[u8] = &[0xFF, 0x4F, 0xFF, 0x51];
/// Bytes from the start of a code stream to the number of components.
const COMPONENTS: usize = 40;
/// Components that an image may have: colors and transparency.
const MAX_COMPONENTS: u16 = 4;
/// Bytes from the start of a code stream to width and height, to the size of a tile, and to the origin of the first
/// tile (four bytes each, on the reference grid).
const SIZES: [usize; 3] = [8, 24, 32];
/// Tiles that an image may have (ISO/IEC 15444-1: their numbers have 16 bits). The decoder allocates memory for all
/// declared tiles.
const MAX_TILES: u64 = 65_535;
/// Weights of red, green and blue (Rec. 709), as for the other formats, in 10,000ths.
const LUMA: [u32; 3] = [2126, 7152, 722];

/// Whether the bytes begin like JPEG 2000.
pub(super) fn is_jpeg2000(bytes: &[u8]) -> bool {
    FileKind::of(bytes) == Some(FileKind::Jpeg2000)
}

/// Decodes to luma.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Gray8, ImageError> {
    let damaged = |reason: String| ImageError::Damaged { format: "JPEG 2000", reason };
    if components(bytes).is_none_or(|count| count > MAX_COMPONENTS) {
        return Err(damaged("no code stream of 1 to 4 components".into()));
    }
    if tiles(bytes).is_none_or(|count| count > MAX_TILES) {
        return Err(damaged("more tiles than can be numbered".into()));
    }
    let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
    let image = Image::new(bytes, &settings).map_err(|e| damaged(e.to_string()))?;
    let (width, height) = (image.width(), image.height());
    limits.check_pixels(width, height)?;
    let colors: usize = match image.color_space() {
        ColorSpace::Gray | ColorSpace::Icc { num_channels: 1, .. } => 1,
        ColorSpace::RGB | ColorSpace::Icc { num_channels: 3, .. } => 3,
        _ => return Err(damaged("neither gray nor colors of red, green and blue".into())),
    };
    let step = if image.has_alpha() { colors.wrapping_add(1) } else { colors };
    let mut context = DecoderContext::default();
    let data = image.decode(&mut context).map_err(|e| damaged(e.to_string()))?.data_u8();
    let pixels = data.chunks_exact(step).map(luma).collect();
    Gray8::new(width, height, pixels).ok_or_else(|| damaged("the number of samples is wrong for the image".into()))
}

/// All places that look like the start of a code stream: the file may hold a decoy before the real one.
fn streams(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts = bytes.windows(CODE_STREAM.len()).enumerate().filter(|(_, window)| *window == CODE_STREAM);
    starts.filter_map(|(start, _)| bytes.get(start..))
}

/// The largest number of components that any stream declares.
fn components(bytes: &[u8]) -> Option<u16> {
    let count = |stream: &[u8]| Some(u16::from_be_bytes(*stream.get(COMPONENTS..)?.first_chunk::<2>()?));
    streams(bytes).filter_map(count).max().filter(|&count| count > 0)
}

/// The largest number of tiles that any stream declares.
fn tiles(bytes: &[u8]) -> Option<u64> {
    let along = |stream: &[u8], axis: usize| {
        let field = |at: usize| {
            let bytes = stream.get(at.checked_add(axis)?..)?.first_chunk::<4>()?;
            Some(u64::from(u32::from_be_bytes(*bytes)))
        };
        let [size, tile, first] = SIZES.map(field);
        let (size, tile, first) = (size?, tile?, first?);
        // The decoder rejects tiles of size zero.
        Some(size.saturating_sub(first).checked_add(tile)?.saturating_sub(1).checked_div(tile).unwrap_or(0))
    };
    streams(bytes).filter_map(|stream| along(stream, 0)?.checked_mul(along(stream, 4)?)).max()
}

/// The luma of a pixel: the first sample for gray, the weighted sum for colors.
fn luma(pixel: &[u8]) -> u8 {
    match pixel {
        [red, green, blue, ..] => {
            let sum: u32 = [red, green, blue].iter().zip(LUMA).map(|(c, w)| u32::from(**c).saturating_mul(w)).sum();
            u8::try_from(sum / 10_000).unwrap_or(u8::MAX)
        }
        [gray, ..] => *gray,
        [] => 0,
    }
}
