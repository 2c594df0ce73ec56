//! Rows of bytes side by side.

/// Rows of a panel.
pub const ROWS: usize = 32;
/// Bytes of a row that lie side by side.
pub const STEP: usize = 4;
/// Offset of a stored byte from its number, which makes it unsigned: instructions that multiply bytes take one unsigned
/// and one signed factor.
pub const OFFSET: u8 = 128;
/// Most probes that are compared with a panel together.
pub const MAX_PROBES: usize = 8;
/// Most steps of a row: sums of `255 * 127 * STEP` each stay below 2^31.
pub const MAX_STEPS: usize = 4096;

/// One step of half of the rows of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line(pub [[u8; STEP]; ROWS / 2]);

impl Line {
    /// All zero.
    pub const ZERO: Self = Self([[0; STEP]; ROWS / 2]);
}

/// Lines of a panel of rows of `bytes` bytes.
pub const fn lines_for(bytes: usize) -> usize {
    2 * bytes.div_ceil(STEP)
}

/// Writes a row into a panel. Bytes beyond the row's end are not changed.
///
/// # Panics
/// When there is no such row or the panel has fewer steps than the row.
pub fn put_row(panel: &mut [Line], row: usize, bytes: &[u8]) {
    assert!(row < ROWS && panel.len() >= lines_for(bytes.len()), "the row must fit");
    let (half, place) = (row / (ROWS / 2), row % (ROWS / 2));
    let (steps, rest) = bytes.as_chunks::<STEP>();
    for (lines, step) in panel.as_chunks_mut::<2>().0.iter_mut().zip(steps) {
        lines[half].0[place] = *step;
    }
    if !rest.is_empty() {
        panel[2 * steps.len() + half].0[place][..rest.len()].copy_from_slice(rest);
    }
}

/// Reads a row of a panel.
///
/// # Panics
/// As [`put_row`].
pub fn get_row(panel: &[Line], row: usize, bytes: &mut [u8]) {
    assert!(row < ROWS && panel.len() >= lines_for(bytes.len()), "the row must fit");
    let (half, place) = (row / (ROWS / 2), row % (ROWS / 2));
    for (lines, step) in panel.as_chunks::<2>().0.iter().zip(bytes.chunks_mut(STEP)) {
        step.copy_from_slice(&lines[half].0[place][..step.len()]);
    }
}

/// Writes a row of bits into a panel whose bytes lie column by column: byte `j` of row `r` at `32 j + r`.
///
/// # Panics
/// When there is no such row or the panel has fewer columns than the row.
pub fn put_bits(panel: &mut [Line], row: usize, bytes: &[u8]) {
    assert!(row < ROWS && panel.len() >= lines_for(bytes.len()), "the row must fit");
    for (line, pair) in panel.iter_mut().zip(bytes.chunks(2)) {
        for (column, byte) in pair.iter().enumerate() {
            line.0.as_flattened_mut()[column * ROWS + row] = *byte;
        }
    }
}

/// Reads a row of a panel of bits.
///
/// # Panics
/// As [`put_bits`].
pub fn get_bits(panel: &[Line], row: usize, bytes: &mut [u8]) {
    assert!(row < ROWS && panel.len() >= lines_for(bytes.len()), "the row must fit");
    for (line, pair) in panel.iter().zip(bytes.chunks_mut(2)) {
        for (column, byte) in pair.iter_mut().enumerate() {
            *byte = line.0.as_flattened()[column * ROWS + row];
        }
    }
}

/// Prefetches cache lines that will be read soon.
#[inline(always)]
pub fn prefetch<T>(lines: &[T]) {
    const { assert!(size_of::<T>() == size_of::<Line>()) };
    #[cfg(target_arch = "x86_64")]
    for line in lines {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: a hint, on a line that is there; every x86-64 has the instruction.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(line).cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = lines;
}
