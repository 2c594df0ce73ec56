//! Inputs of a convolution, and the division of its sums into tiles.

/// Outputs that are summed side by side.
pub(crate) const BLOCK: usize = 16;
/// Bytes that one instruction multiplies and adds for each output.
pub(crate) const GROUP: usize = 4;
/// Largest activation.
pub(crate) const MAX_ACTIVATION: u8 = 127;
/// Most groups of a convolution: sums stay below 2^24, exact in a float.
pub(crate) const MAX_GROUPS: usize = (1 << 24) / (127 * 127 * GROUP);

/// Weights in the order in which they are used.
pub(crate) struct Weights {
    pub(super) groups: usize,
    pub(super) blocks: usize,
    /// Weights by block of outputs, then group, then output, then byte.
    ordered: Vec<i8>,
}

impl Weights {
    /// Orders weights given by output, then group, then byte. Outputs are padded with zeros to a whole number of
    /// blocks.
    ///
    /// # Panics
    /// When there are too many groups, weights do not fit or one is -128; the safety and exactness of the kernels rest on it.
    pub(crate) fn new(groups: usize, outputs: usize, weights: &[i8]) -> Self {
        assert!(groups > 0 && groups <= MAX_GROUPS, "too many groups");
        assert_eq!(weights.len(), groups * outputs * GROUP, "weights must fit");
        assert!(!weights.contains(&i8::MIN), "weights must be symmetric");
        let blocks = outputs.div_ceil(BLOCK);
        let mut ordered = vec![0; blocks * groups * BLOCK * GROUP];
        for (output, row) in weights.chunks_exact(groups * GROUP).enumerate() {
            for (group, four) in row.chunks_exact(GROUP).enumerate() {
                let at = ((output / BLOCK * groups + group) * BLOCK + output % BLOCK) * GROUP;
                ordered[at..at + GROUP].copy_from_slice(four);
            }
        }
        Self { groups, blocks, ordered }
    }

    /// Number of outputs, padded to whole blocks.
    pub(crate) fn outputs(&self) -> usize {
        self.blocks * BLOCK
    }

    /// Weights of `N` blocks from `first` on.
    pub(super) fn blocks<const N: usize>(&self, first: usize) -> [&[i8]; N] {
        let size = self.groups * BLOCK * GROUP;
        std::array::from_fn(|n| &self.ordered[(first + n) * size..][..size])
    }
}

/// Location of the groups of a row of positions.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    /// Activations, each at most [`MAX_ACTIVATION`].
    pub bytes: &'a [u8],
    /// Bytes from a position to the next.
    pub step: usize,
    /// First byte of each group of the first position.
    pub offsets: &'a [usize],
}

/// Calls `$tile` for blocks of outputs and positions that cover all: `$tile!(BLOCKS, POSITIONS, first block, first position)`.
/// The last positions of a row overlap those before, unless the row is shorter than one tile.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! cover {
    ($blocks:expr, $positions:expr, $tile:ident, $(($n:literal, $p:literal)),+) => {{
        let (blocks, positions): (usize, usize) = ($blocks, $positions);
        let mut block = 0;
        while block < blocks {
            $(
                if blocks - block >= $n {
                    if positions >= $p {
                        for at in (0..positions / $p).map(|i| i * $p) {
                            $tile!($n, $p, block, at);
                        }
                        if positions % $p != 0 {
                            $tile!($n, $p, block, positions - $p);
                        }
                    } else {
                        for at in 0..positions {
                            $tile!($n, 1, block, at);
                        }
                    }
                    block += $n;
                    continue;
                }
            )+
        }
    }};
}
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) use cover;
