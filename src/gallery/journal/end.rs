//! Positions at which blocks and frames begin and end.

/// Position of the first block.
pub(super) const FIRST_BLOCK: u64 = 64;
/// Length of a file of records without blocks, bytes.
pub(in crate::gallery) const NO_RECORDS: u64 = FIRST_BLOCK;
/// Position of the first head of a log, and the space reserved for each of the two heads.
pub(super) const HEADS: u64 = 4096;
pub(super) const HEAD_ROOM: u64 = 16_384;
/// Position of the first frame, after the heads.
pub(in crate::gallery) const FIRST_FRAME: u64 = HEADS + 2 * HEAD_ROOM;

/// The end of blocks or frames, and the code of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) struct End {
    pub(in crate::gallery) at: u64,
    pub(in crate::gallery) code: [u8; 32],
}

impl End {
    /// The end before the first block.
    pub(super) const NO_BLOCKS: Self = Self { at: FIRST_BLOCK, code: [0; 32] };
    /// The end before the first frame.
    pub(super) const NO_FRAMES: Self = Self { at: FIRST_FRAME, code: [0; 32] };
}
