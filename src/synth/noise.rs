//! Smooth random surfaces.

use super::random::Stream;

/// Random values on a coarse lattice, interpolated smoothly over the unit square.
pub(crate) struct Lattice {
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Lattice {
    /// Normal values (deviation about one half) on `columns` by `rows` nodes, both at least 2.
    pub(crate) fn draw(random: &mut Stream, columns: usize, rows: usize) -> Self {
        let (columns, rows) = (columns.max(2), rows.max(2));
        let values = (0..columns * rows).map(|_| 0.5 * random.normal()).collect();
        Self { columns, rows, values }
    }

    /// Value at `(u, v)`, both in `[0, 1]` (clamped).
    pub(crate) fn at(&self, u: f32, v: f32) -> f32 {
        let (x, fx) = node(u, self.columns);
        let (y, fy) = node(v, self.rows);
        let at = |i: usize, j: usize| self.values[j * self.columns + i];
        let upper = at(x, y) + fx * (at(x + 1, y) - at(x, y));
        let lower = at(x, y + 1) + fx * (at(x + 1, y + 1) - at(x, y + 1));
        upper + fy * (lower - upper)
    }
}

/// Node before `u` and the eased distance from it.
fn node(u: f32, count: usize) -> (usize, f32) {
    let place = u.clamp(0.0, 1.0) * (count - 1) as f32;
    let index = (place as usize).min(count - 2);
    let t = place - index as f32;
    (index, t * t * (3.0 - 2.0 * t))
}

/// A smooth random surface of `width` by `height` pixels with about unit variance whose features are `cell` pixels wide.
pub(crate) fn surface(random: &mut Stream, width: usize, height: usize, cell: f32) -> Vec<f32> {
    /// Restores about unit variance after bilinear interpolation of normal values.
    const SCALE: f32 = 1.5;
    let columns = (width as f32 / cell) as usize + 2;
    let mut line = |out: &mut Vec<f32>| {
        out.clear();
        out.extend((0..columns).map(|_| SCALE * random.rough_normal()));
    };
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    line(&mut upper);
    line(&mut lower);
    let offsets: Vec<(usize, f32)> = (0..width)
        .map(|x| {
            let place = x as f32 / cell;
            (place as usize, place - (place as usize) as f32)
        })
        .collect();
    let mut row = 0;
    let mut result = Vec::with_capacity(width * height);
    let mut mixed = vec![0f32; columns];
    for y in 0..height {
        let place = y as f32 / cell;
        while (place as usize) > row {
            std::mem::swap(&mut upper, &mut lower);
            line(&mut lower);
            row += 1;
        }
        let t = place - row as f32;
        for ((m, &a), &b) in mixed.iter_mut().zip(&upper).zip(&lower) {
            *m = a + t * (b - a);
        }
        result.extend(offsets.iter().map(|&(i, f)| mixed[i] + f * (mixed[i + 1] - mixed[i])));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::random::Purpose;

    #[test]
    fn surface_has_unit_variance_and_is_smooth() {
        let mut random = Stream::new(1, Purpose::Impression, 0, 0);
        let s = surface(&mut random, 200, 160, 4.0);
        let n = s.len() as f32;
        let mean = s.iter().sum::<f32>() / n;
        let variance = s.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n;
        assert!((0.6..1.5).contains(&variance), "{variance}");
        let step = s.chunks_exact(200).flat_map(|r| r.windows(2)).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step < 3.0, "{step}");
    }
}
