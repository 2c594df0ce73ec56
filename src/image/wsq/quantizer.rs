//! Samples of sub-bands to numbers of bins, and back.

use super::error::WsqError;
use super::params::MAX_WRITTEN;
use super::segments::Quantization;
use super::tree::{Rect, Tree};
use super::wavelet::Plane;

/// The coded sub-bands with the widths of their bins.
fn coded<'a>(tree: &'a Tree, table: &'a Quantization) -> impl Iterator<Item = (&'a Rect, (f32, f32))> {
    tree.bands.iter().zip(table.bins).filter(|(_, (width, _))| *width != 0.0)
}

/// Number of coefficients of an image with this table.
pub(super) fn count(tree: &Tree, table: &Quantization) -> usize {
    coded(tree, table).fold(0, |sum, (band, _)| sum.saturating_add(band.area()))
}

/// Puts coefficients into their sub-bands; the others are zero.
pub(super) fn dequantize(
    coefficients: &[i32],
    tree: &Tree,
    table: &Quantization,
    plane: &mut Plane,
) -> Result<(), WsqError> {
    let expected = count(tree, table);
    if coefficients.len() != expected {
        return Err(WsqError::Coefficients { expected, found: coefficients.len() });
    }
    let mut next = coefficients.iter();
    for (band, (width, zero)) in coded(tree, table) {
        let offset = zero / 2.0 - table.center * width;
        for row in plane.rows_mut(band) {
            for (sample, &value) in row.iter_mut().zip(next.by_ref()) {
                *sample = match value {
                    0 => 0.0,
                    1.. => single(value) * width + offset,
                    _ => single(value) * width - offset,
                };
            }
        }
    }
    Ok(())
}

/// The coefficients of the sub-bands `bands`, in order.
pub(super) fn quantize(plane: &Plane, tree: &Tree, table: &Quantization, bands: std::ops::Range<usize>) -> Vec<i32> {
    let mut out = Vec::new();
    let coded = tree.bands.iter().zip(table.bins).skip(bands.start).take(bands.len());
    for (band, (width, zero)) in coded.filter(|(_, (width, _))| *width != 0.0) {
        let (half, inverse) = (zero / 2.0, 1.0 / width);
        for row in plane.rows(band) {
            out.extend(row.iter().map(|&sample| {
                let beyond = sample.abs() - half;
                let bin = if beyond > 0.0 { (beyond * inverse + 1.0).min(MAX_WRITTEN) } else { 0.0 };
                whole(bin.copysign(sample))
            }));
        }
    }
    out
}

/// Truncates to an integer.
#[allow(clippy::as_conversions, reason = "the conversion truncates, and that is wanted")]
fn whole(value: f32) -> i32 {
    value as i32
}

/// A coefficient, which has at most 17 bits.
#[allow(clippy::as_conversions, reason = "exact up to 24 bits")]
fn single(value: i32) -> f32 {
    value as f32
}
