//! Sweat pores: places on the ridges' tops, the same in every impression of a finger.

use crate::synth::random::Stream;

/// Cosine of the phase above which a place counts as the top of a ridge.
const TOP: f32 = 0.93;

/// Draws pores about one and a half ridge periods apart on the tops of `ridges`.
pub(super) fn draw(random: &mut Stream, ridges: &[f32], size: (u32, u32), period: f32) -> Vec<(f32, f32)> {
    let (width, height) = (size.0 as usize, size.1 as usize);
    let cell = (1.25 * period).max(4.0);
    let (columns, rows) = ((width as f32 / cell) as usize, (height as f32 / cell) as usize);
    let mut pores = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            for _ in 0..3 {
                let x = (column as f32 + random.uniform()) * cell;
                let y = (row as f32 + random.uniform()) * cell;
                let value = ridges.get(y as usize * width + x as usize).copied().unwrap_or(0.0);
                if value > TOP {
                    pores.push((x, y));
                    break;
                }
            }
        }
    }
    pores
}
