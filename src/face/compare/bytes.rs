//! The bytes of rows, read once for all probes.

use super::probe::FaceProbe;
use super::segment::FaceSegment;
use crate::modality::{Rows, set_bits};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{Bound, ByteProbes, MAX_PROBES, ROWS, byte_sums, prefetch, reaching};

/// Bounds of a row's cosine from bytes.
pub(super) struct Said {
    pub(super) row: usize,
    /// The cosine of the bytes.
    pub(super) middle: f32,
    /// Largest distance of the true cosine from it, by the given bound.
    pub(super) radius: f32,
}

/// Passes to each probe's sink the rows that may reach its bar; `bound` adjusts the probe's bound.
#[inline(always)]
pub(super) fn by_bytes<S>(
    (groups, probes): (&[ByteProbes], &[&FaceProbe]),
    segment: &FaceSegment,
    rows: &Rows<'_>,
    sinks: &mut [S],
    bound: impl Fn(Bound) -> Bound,
    bar: impl Fn(&S) -> f32,
    each: impl Fn(&mut S, Said),
) {
    let set = InstructionSet::best();
    for number in rows.words() {
        let wanted = rows.word(number);
        let Some(panel) = segment.byte_panel(number).filter(|_| wanted != 0) else { continue };
        let next = segment.byte_panel(number + 1).map_or(&[][..], |p| p.lines);
        let mut ahead = next.chunks(next.len().div_ceil(groups.len().max(1)).max(1));
        let batches = groups.iter().zip(probes.chunks(MAX_PROBES)).zip(sinks.chunks_mut(MAX_PROBES));
        for ((group, probes), sinks) in batches {
            if groups.len() > 1 {
                prefetch(ahead.next().unwrap_or_default());
            }
            let mut sums = [[0; ROWS]; MAX_PROBES];
            byte_sums(set, group, panel.lines, &mut sums);
            for ((sums, probe), sink) in sums.iter().zip(probes).zip(sinks) {
                let bound = bound(probe.bytes().bound);
                let mut mask = 0;
                reaching(set, sums, panel.scales, panel.errors, bound, bar(sink), &mut mask);
                for bit in set_bits(mask & wanted) {
                    let middle = bound.middle(sums[bit], panel.scales[bit]);
                    let radius = bound.radius(panel.errors[bit]);
                    each(sink, Said { row: number * ROWS + bit, middle, radius });
                }
            }
        }
    }
}
