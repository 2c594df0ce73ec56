//! The reference form in plain Rust.

use super::tile::{CELL, Kernel, Lines, Responses, Tile, work};

/// See [`super::filter`].
pub(super) fn filter(tile: &Tile, kernels: &[&Kernel], chosen: &[u16], out: &mut Responses) {
    for (at, column, row, kernel) in work(kernels, chosen) {
        let (group, line) = kernel.origin(column, row);
        for (pixel, response) in out[at].iter_mut().enumerate() {
            let (i, j) = (pixel % CELL, pixel / CELL);
            let mut sum = 0i32;
            for (place, &tap) in kernel.taps.iter().enumerate() {
                let (g, y, c) = (place / 4 / kernel.lines(), place / 4 % kernel.lines(), place % 4);
                sum += i32::from(tile.groups[group + g][line + y + j][4 * i + c]) * i32::from(tap);
            }
            // A cast of a float saturates and rounds towards zero.
            *response = (sum as f32 * kernel.scale) as i16;
        }
    }
}

/// See [`Tile::fill`].
pub(super) fn fill(tile: &mut Tile, lines: &Lines) {
    for (line, pixels) in lines.iter().enumerate() {
        for (g, group) in tile.groups.iter_mut().enumerate() {
            for (i, four) in group[line].chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&pixels[4 * g + i..][..4]);
            }
        }
    }
}
