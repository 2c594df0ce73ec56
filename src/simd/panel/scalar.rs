//! The reference forms in plain Rust.

use super::{BitProbes, ByteProbes, Line, MAX_PROBES, OFFSET, ROWS};

/// See [`super::byte_sums`].
pub(super) fn byte_sums(probes: &ByteProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    let lanes = probes.lanes();
    for (p, sums) in sums.iter_mut().enumerate().take(lanes) {
        sums.fill(0);
        for (lines, quads) in panel.as_chunks::<2>().0.iter().zip(probes.quads.chunks_exact(lanes)) {
            for (sum, bytes) in sums.iter_mut().zip(lines.iter().flat_map(|l| &l.0)) {
                for (&byte, &probe) in bytes.iter().zip(&quads[p]) {
                    *sum += (i32::from(byte) - i32::from(OFFSET)) * i32::from(probe);
                }
            }
        }
    }
}

/// See [`super::bit_sums`].
pub(super) fn bit_sums(probes: &BitProbes, panel: &[Line], sums: &mut [[u16; ROWS]; MAX_PROBES]) {
    let lanes = probes.lanes();
    for (p, sums) in sums.iter_mut().enumerate().take(lanes) {
        sums.fill(0);
        let columns = panel.iter().flat_map(|line| line.0.as_flattened().chunks_exact(ROWS));
        for (column, tables) in columns.zip(probes.tables.chunks_exact(lanes)) {
            let [low, high] = &tables[p];
            for (sum, &byte) in sums.iter_mut().zip(column) {
                *sum += u16::from(low[usize::from(byte & 15)]) + u16::from(high[usize::from(byte >> 4)]);
            }
        }
    }
}
