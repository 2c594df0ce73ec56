//! Inputs of a filter: pixels in groups, and kernels in the same layout.

/// Side of a cell, pixels.
pub(crate) const CELL: usize = 4;
/// Largest half size of a kernel, and margin of a tile around its cells, pixels.
pub(crate) const MARGIN: usize = 16;
/// Cells across a tile.
pub(crate) const TILE_COLUMNS: usize = 16;
/// Cells down a tile.
pub(crate) const TILE_ROWS: usize = 8;
/// Lines of pixels of a tile, margins included.
pub(crate) const LINES: usize = TILE_ROWS * CELL + 2 * MARGIN;
/// Groups of four pixels across a tile, margins included.
pub(super) const GROUPS: usize = TILE_COLUMNS + 2 * MARGIN / CELL;
/// Pixels of a line that [`Tile::fill`] reads; those beyond the margins are not used.
pub(crate) const LINE: usize = 4 * GROUPS + 12;
/// Marks a cell without a kernel.
pub(crate) const NONE: u16 = u16::MAX;

/// Responses of the cells of a tile, row by row, with the pixels of each cell row by row.
pub(crate) type Responses = [[i16; CELL * CELL]; TILE_COLUMNS * TILE_ROWS];

/// Lines of pixels of a tile.
pub(crate) type Lines = [[u8; LINE]; LINES];

/// Lines from a group to the next: not a power of two, which would put all groups into the same few sets of the cache.
pub(super) const STRIDE: usize = LINES + 4;

/// The pixels of 16 x 8 cells and their surroundings, 26 kB.
#[repr(C, align(64))]
pub(crate) struct Tile {
    pub(super) groups: [[[u8; 16]; STRIDE]; GROUPS],
}

/// A kernel of `2 radius + 1` by `2 radius + 1` taps.
pub(crate) struct Kernel {
    radius: usize,
    /// Groups of four taps across, the first one aligned with the cell's.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    pub(super) groups: usize,
    /// Taps by group, then line, then place in the group.
    pub(super) taps: Vec<i8>,
    /// Response per sum of products.
    pub(super) scale: f32,
}

impl Kernel {
    /// Makes a kernel from taps, row by row.
    ///
    /// # Panics
    /// When the radius exceeds [`MARGIN`], the number of taps does not fit or one is outside `-64..=64`; the safety of
    /// the kernels rests on it.
    pub(crate) fn new(radius: usize, taps: &[i8], scale: f32) -> Self {
        assert!(radius <= MARGIN, "kernel too large");
        let size = 2 * radius + 1;
        assert_eq!(taps.len(), size * size, "kernel must be square");
        assert!(taps.iter().all(|t| (-64..=64).contains(t)), "taps must be small");
        let before = radius.div_ceil(4) * 4;
        let groups = (before + radius + 1).div_ceil(4);
        let mut ordered = vec![0; groups * size * 4];
        for (y, row) in taps.chunks_exact(size).enumerate() {
            for (x, &tap) in row.iter().enumerate() {
                let column = x + before - radius;
                ordered[(column / 4 * size + y) * 4 + column % 4] = tap;
            }
        }
        Self {
            radius,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            groups,
            taps: ordered,
            scale,
        }
    }

    /// First group and line of a tile that the kernel reads for a cell.
    pub(super) fn origin(&self, column: usize, row: usize) -> (usize, usize) {
        (column + MARGIN / 4 - self.radius.div_ceil(4), row * CELL + MARGIN - self.radius)
    }

    pub(super) fn lines(&self) -> usize {
        2 * self.radius + 1
    }
}

impl Tile {
    /// A tile of one gray level.
    pub(crate) fn new() -> Self {
        Self { groups: [[[128; 16]; STRIDE]; GROUPS] }
    }
}

/// Cells with a kernel: place in the tile, column, row, kernel.
pub(super) fn work<'a>(
    kernels: &'a [&'a Kernel],
    chosen: &'a [u16],
) -> impl Iterator<Item = (usize, usize, usize, &'a Kernel)> {
    chosen
        .iter()
        .enumerate()
        .filter(|(_, c)| **c != NONE)
        .map(|(i, &c)| (i, i % TILE_COLUMNS, i / TILE_COLUMNS, kernels[usize::from(c)]))
}
