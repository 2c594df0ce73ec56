//! Rows whose score may reach a bar, offered with their scores or with bounds from their bytes.

use super::bytes;
use super::cosine::Cosine;
use super::form::Form;
use super::groups::FaceScratch;
use super::params::WIDENED_ROWS;
use super::probe::FaceProbe;
use super::segment::FaceSegment;
use crate::modality::{Offers, Rows, set_bits};
use crate::simd::chunk::Chunk;
use crate::simd::dot::dot_rows;
use crate::simd::panel::{ByteProbes, ROWS};

/// Scans by the bytes of rows and the bounds of their errors.
pub(super) fn by_bytes<O: Offers<Cosine>>(
    queries: (&[ByteProbes], &[&FaceProbe]),
    segment: &FaceSegment,
    rows: &Rows<'_>,
    offers: &mut [O],
) {
    bytes::by_bytes(
        queries,
        segment,
        rows,
        offers,
        |bound| bound,
        O::bar,
        |offers, said| {
            // A score is at most 1, and every row reaches the score of products of -1 or less.
            let low = Cosine::rounded(said.middle - said.radius).as_bar();
            offers.bounded(said.row, low, said.middle + said.radius);
        },
    );
}

/// Compares all rows as floats, each read once for all probes.
pub(super) fn by_floats<O: Offers<Cosine>>(
    probes: &[&FaceProbe],
    segment: &FaceSegment,
    rows: &Rows<'_>,
    scratch: &mut FaceScratch,
    offers: &mut [O],
) {
    let width = segment.layout().width();
    let vectors: Vec<&[Chunk]> = probes.iter().map(|p| p.embedding().chunks()).collect();
    let FaceScratch { widened, products, .. } = scratch;
    for panel in rows.words() {
        let mask = rows.word(panel);
        if mask == 0 {
            continue;
        }
        let first = panel * ROWS;
        // A panel may end before its last row.
        let count = (rows.range().end - first).min(ROWS);
        let floats = rows_as_floats(segment, first, count, widened);
        products.clear();
        products.resize(probes.len() * count, 0.0);
        dot_rows(&vectors, floats, width, products);
        for (offers, products) in offers.iter_mut().zip(products.chunks_exact(count)) {
            let bar = offers.bar();
            let high = products.iter().enumerate().filter(|(_, p)| **p >= bar).fold(0, |m, (bit, _)| m | 1u32 << bit);
            for bit in set_bits(high & mask) {
                let product = products.get(bit).copied().unwrap_or(0.0);
                offers.exact(first + bit, Cosine::rounded(product));
            }
        }
    }
}

/// Rows as floats, in place or widened.
fn rows_as_floats<'a>(
    segment: &'a FaceSegment,
    first: usize,
    count: usize,
    widened: &'a mut Vec<Chunk>,
) -> &'a [Chunk] {
    let layout = segment.layout();
    if layout.forms.rows == Form::F32 {
        return segment.floats(first, count).unwrap_or_default();
    }
    let width = layout.width();
    widened.resize(WIDENED_ROWS * width, Chunk::ZERO);
    for (row, out) in (first..first + count).zip(widened.chunks_exact_mut(width)) {
        segment.load(row, out);
    }
    widened.get(..count * width).unwrap_or_default()
}
