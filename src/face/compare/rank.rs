//! Rows ranked by a narrow form, for shortlists.

use super::FaceProbe;
use super::groups::Groups;
use super::segment::FaceSegment;
use crate::modality::{Ranks, Rows, set_bits};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{Bound, MAX_PROBES, ROWS, bit_sums, byte_sums, prefetch, reaching, within};

/// By the bits of rows and the probe in steps of a few bits.
pub(super) fn by_bits<R: Ranks>(groups: &Groups, segment: &FaceSegment, rows: &Rows<'_>, ranks: &mut [R]) {
    let set = InstructionSet::best();
    for panel in rows.words() {
        let wanted = rows.word(panel);
        let Some(lines) = segment.bit_panel(panel).filter(|_| wanted != 0) else { continue };
        for (group, ranks) in groups.bits().iter().zip(ranks.chunks_mut(MAX_PROBES)) {
            let mut sums = [[0; ROWS]; MAX_PROBES];
            bit_sums(set, group, lines, &mut sums);
            for (sums, ranks) in sums.iter().zip(ranks) {
                // The smallest sums are the best. They are far below 2^24, so that floats hold them.
                let limit = if ranks.bar() == f32::NEG_INFINITY { i32::MAX } else { -ranks.bar() as i32 };
                let mut mask = 0;
                within(set, sums, limit, &mut mask);
                for bit in set_bits(mask & wanted) {
                    ranks.rank(panel * ROWS + bit, -sums[bit] as f32);
                }
            }
        }
    }
}

/// By the cosine that bytes give, whatever they miss.
pub(super) fn by_bytes<R: Ranks>(
    groups: &Groups,
    probes: &[&FaceProbe],
    segment: &FaceSegment,
    rows: &Rows<'_>,
    ranks: &mut [R],
) {
    let set = InstructionSet::best();
    let groups = groups.bytes();
    for number in rows.words() {
        let wanted = rows.word(number);
        let Some(panel) = segment.byte_panel(number).filter(|_| wanted != 0) else { continue };
        let next = segment.byte_panel(number + 1).map_or(&[][..], |p| p.lines);
        let mut ahead = next.chunks(next.len().div_ceil(groups.len().max(1)).max(1));
        let batches = groups.iter().zip(probes.chunks(MAX_PROBES)).zip(ranks.chunks_mut(MAX_PROBES));
        for ((group, probes), ranks) in batches {
            if groups.len() > 1 {
                prefetch(ahead.next().unwrap_or_default());
            }
            let mut sums = [[0; ROWS]; MAX_PROBES];
            byte_sums(set, group, panel.lines, &mut sums);
            for ((sums, probe), ranks) in sums.iter().zip(probes).zip(ranks) {
                let Some(bound) = probe.bound() else { continue };
                let bound = Bound { norm: 0.0, rest: 0.0, ..bound };
                let mut mask = 0;
                reaching(set, sums, panel.scales, panel.errors, bound, ranks.bar(), &mut mask);
                for bit in set_bits(mask & wanted) {
                    ranks.rank(number * ROWS + bit, bound.middle(sums[bit], panel.scales[bit]));
                }
            }
        }
    }
}
