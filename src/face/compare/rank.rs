//! Rows ranked by a narrow form, for shortlists.

use super::bytes;
use super::probe::FaceProbe;
use super::segment::FaceSegment;
use crate::modality::{Ranks, Rows, set_bits};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{BitProbes, Bound, ByteProbes, MAX_PROBES, ROWS, bit_sums, prefetch, within};

/// Ranks by the bits of rows and the probe in steps of a few bits.
pub(super) fn by_bits<R: Ranks>(groups: &[BitProbes], segment: &FaceSegment, rows: &Rows<'_>, ranks: &mut [R]) {
    let set = InstructionSet::best();
    for panel in rows.words() {
        let wanted = rows.word(panel);
        let Some(lines) = segment.bit_panel(panel).filter(|_| wanted != 0) else { continue };
        // Partitions are short, so the machine's own prefetching comes late.
        prefetch(segment.bit_panel(panel + 1).unwrap_or_default());
        for (group, ranks) in groups.iter().zip(ranks.chunks_mut(MAX_PROBES)) {
            let mut sums = [[0; ROWS]; MAX_PROBES];
            bit_sums(set, group, lines, &mut sums);
            for (sums, ranks) in sums.iter().zip(ranks) {
                // The smallest sums are the best.
                let limit = (-ranks.bar()).clamp(0.0, f32::from(u16::MAX)) as u16;
                for bit in set_bits(within(set, sums, limit) & wanted) {
                    ranks.rank(panel * ROWS + bit, -f32::from(sums[bit]));
                }
            }
        }
    }
}

/// Ranks by the cosine of the bytes, without their error bounds.
pub(super) fn by_bytes<R: Ranks>(
    queries: (&[ByteProbes], &[&FaceProbe]),
    segment: &FaceSegment,
    rows: &Rows<'_>,
    ranks: &mut [R],
) {
    let exact = |bound| Bound { norm: 0.0, rest: 0.0, ..bound };
    bytes::by_bytes(queries, segment, rows, ranks, exact, R::bar, |ranks, said| ranks.rank(said.row, said.middle));
}
