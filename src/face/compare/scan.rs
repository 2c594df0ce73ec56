//! Rows whose score may reach a bar, offered with bounds by their bytes or with their scores.

use super::form::Form;
use super::groups::{FaceScratch, Groups};
use super::params::WIDENED_ROWS;
use super::segment::FaceSegment;
use super::{Cosine, Face, FaceProbe};
use crate::modality::{Modality, Offers, Rows, set_bits};
use crate::simd::chunk::Chunk;
use crate::simd::dot::dot_rows;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{MAX_PROBES, ROWS, byte_sums, prefetch, reaching};

/// Reads the bytes of each row once for all probes.
pub(super) fn by_bytes<O: Offers<Cosine>>(
    groups: &Groups,
    probes: &[&FaceProbe],
    segment: &FaceSegment,
    rows: &Rows<'_>,
    offers: &mut [O],
) {
    let set = InstructionSet::best();
    let groups = groups.bytes();
    for number in rows.words() {
        let wanted = rows.word(number);
        let Some(panel) = segment.byte_panel(number).filter(|_| wanted != 0) else { continue };
        let next = segment.byte_panel(number + 1).map_or(&[][..], |p| p.lines);
        let mut ahead = next.chunks(next.len().div_ceil(groups.len().max(1)).max(1));
        let batches = groups.iter().zip(probes.chunks(MAX_PROBES)).zip(offers.chunks_mut(MAX_PROBES));
        for ((group, probes), offers) in batches {
            if groups.len() > 1 {
                prefetch(ahead.next().unwrap_or_default());
            }
            let mut sums = [[0; ROWS]; MAX_PROBES];
            byte_sums(set, group, panel.lines, &mut sums);
            for ((sums, probe), offers) in sums.iter().zip(probes).zip(offers) {
                let Some(bound) = probe.bound() else { continue };
                let mut mask = 0;
                reaching(set, sums, panel.scales, panel.errors, bound, offers.bar(), &mut mask);
                for bit in set_bits(mask & wanted) {
                    let middle = bound.middle(sums[bit], panel.scales[bit]);
                    let radius = bound.radius(panel.errors[bit]);
                    // A score ends at 1; that of products from -1 down is reached by every row.
                    let low = Face::value(Cosine::rounded(middle - radius));
                    offers.bounded(number * ROWS + bit, low, middle + radius);
                }
            }
        }
    }
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

/// Rows as floats, where they lie or widened.
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
