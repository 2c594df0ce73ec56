//! Where blocks and frames begin and end.

/// Where the first block is.
pub(super) const FIRST_BLOCK: u64 = 64;
/// Length of a file of records without any, bytes.
pub(in crate::gallery) const NO_RECORDS: u64 = FIRST_BLOCK;
/// Where the first head of a log is, and the room of each of the two.
pub(super) const HEADS: u64 = 4096;
pub(super) const HEAD_ROOM: u64 = 16_384;
/// Where frames begin, behind the heads.
pub(in crate::gallery) const FIRST_FRAME: u64 = HEADS + 2 * HEAD_ROOM;

/// Where blocks or frames end, and the code of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) struct End {
    pub(in crate::gallery) at: u64,
    pub(in crate::gallery) code: [u8; 32],
}

impl End {
    /// Before the first block.
    pub(super) const NO_BLOCKS: Self = Self { at: FIRST_BLOCK, code: [0; 32] };
    /// Before the first frame.
    pub(super) const NO_FRAMES: Self = Self { at: FIRST_FRAME, code: [0; 32] };
}
