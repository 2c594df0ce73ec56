//! Loops over rows of pixels and of block maps, for the extraction.
//!
//! Slices of one call are cut to the shortest of them; callers pass equal lengths.

/// Adding this to a float of magnitude below 2^22 puts the value, rounded to the nearest integer (ties to even), into
/// the low bits.
const ROUND: f32 = 12_582_912.0;

/// Columns that a blur sums at once.
const SPAN: usize = 16;

/// Starts of spans that cover a line of at least [`SPAN`] values, where the last one may overlap the one before; none
/// for a shorter line.
#[inline(always)]
fn spans(width: usize) -> impl Iterator<Item = usize> {
    let last = (width >= SPAN && !width.is_multiple_of(SPAN)).then(|| width - SPAN);
    (0..width / SPAN).map(|i| i * SPAN).chain(last)
}

/// Sums of neighboring columns.
struct Span([f32; SPAN]);

impl Span {
    #[inline(always)]
    fn scaled(weight: f32, line: &[f32]) -> Self {
        let mut sums = [0f32; SPAN];
        for (s, v) in sums.iter_mut().zip(&line[..SPAN]) {
            *s = weight * v;
        }
        Self(sums)
    }

    #[inline(always)]
    fn add(&mut self, weight: f32, line: &[f32]) {
        for (s, v) in self.0.iter_mut().zip(&line[..SPAN]) {
            *s += weight * v;
        }
    }

    #[inline(always)]
    fn add_pair(&mut self, weight: f32, a: &[f32], b: &[f32]) {
        for ((s, a), b) in self.0.iter_mut().zip(&a[..SPAN]).zip(&b[..SPAN]) {
            *s += weight * (a + b);
        }
    }

    #[inline(always)]
    fn multiply(&mut self, factors: &[f32]) {
        for (s, f) in self.0.iter_mut().zip(&factors[..SPAN]) {
            *s *= f;
        }
    }

    #[inline(always)]
    fn store(&self, out: &mut [f32]) {
        out[..SPAN].copy_from_slice(&self.0);
    }
}

every_set! {
    /// Adds gray levels and their squares to the sums of each column.
    fn add_moments(pixels: &[u8], sums: &mut [u32], squares: &mut [u32]) {
        for ((&p, s), q) in pixels.iter().zip(sums).zip(squares) {
            let p = u32::from(p);
            *s += p;
            *q += p * p;
        }
    }

    /// Adds the squared deviations from 128 to the sums of each column.
    fn add_squares_u8(pixels: &[u8], sums: &mut [f32]) {
        for (&p, s) in pixels.iter().zip(sums) {
            let v = i32::from(p) - 128;
            *s += (v * v) as f32;
        }
    }

    /// Adds the squares to the sums of each column.
    fn add_squares_i16(pixels: &[i16], sums: &mut [f32]) {
        for (&p, s) in pixels.iter().zip(sums) {
            let v = f32::from(p);
            *s += v * v;
        }
    }

    /// Sums of every four neighbors, added to `out`.
    fn fold4(line: &[f32], out: &mut [f32]) {
        for (o, v) in out.iter_mut().zip(line.as_chunks::<4>().0) {
            *o += (v[0] + v[1]) + (v[2] + v[3]);
        }
    }

    /// Gray levels to deviations: `128 + (pixel - mean) * factor`, rounded and kept within `128 +- reach`; mean and
    /// factor are interpolated from the upper to the lower line by the share `t`.
    fn normalize(
        pixels: &[u8],
        mean: [&[f32]; 2],
        factor: [&[f32]; 2],
        t: f32,
        reach: f32,
        out: &mut [u8],
    ) {
        let lines = mean[0].iter().zip(mean[1]).zip(factor[0].iter().zip(factor[1]));
        for ((&p, o), ((m0, m1), (f0, f1))) in pixels.iter().zip(out).zip(lines) {
            let (m, f) = (m0 + t * (m1 - m0), f0 + t * (f1 - f0));
            let v = (f32::from(p) - m) * f;
            let v = if v > reach { reach } else { v };
            let v = if v < -reach { -reach } else { v };
            *o = (v + (ROUND + 128.0)).to_bits() as u8;
        }
    }

    /// Weighted sum of seven rows of deviations from 128, symmetric about the fourth.
    fn blur7_rows(rows: [&[u8]; 7], weights: [f32; 4], out: &mut [f32]) {
        let n = out.len();
        let [a, b, c, d, e, f, g] = rows.map(|r| &r[..n]);
        for (i, o) in out.iter_mut().enumerate() {
            let at = |row: &[u8]| i32::from(row[i]);
            *o = weights[0] * (at(d) - 128) as f32
                + weights[1] * (at(c) + at(e) - 256) as f32
                + weights[2] * (at(b) + at(f) - 256) as f32
                + weights[3] * (at(a) + at(g) - 256) as f32;
        }
    }

    /// Weighted sum of seven neighbors times a factor per position; `padded` has three extra values at either end.
    fn blur7_line(padded: &[f32], weights: [f32; 4], factor: &[f32], out: &mut [f32]) {
        let n = out.len();
        let [a, b, c, d, e, f, g] = std::array::from_fn(|i| &padded[i..][..n]);
        let factor = &factor[..n];
        for (i, o) in out.iter_mut().enumerate() {
            *o = factor[i]
                * (weights[0] * d[i]
                    + weights[1] * (c[i] + e[i])
                    + weights[2] * (b[i] + f[i])
                    + weights[3] * (a[i] + g[i]));
        }
    }

    /// Integers times a factor.
    fn scale_i16(pixels: &[i16], factor: f32, out: &mut [f32]) {
        for (&p, o) in pixels.iter().zip(out) {
            *o = f32::from(p) * factor;
        }
    }

    /// Sums of three rows for the Sobel operator: smoothed (1 2 1) and differentiated (-1 0 1) downwards.
    fn sobel_rows(above: &[f32], here: &[f32], below: &[f32], smooth: &mut [f32], slope: &mut [f32]) {
        let rows = above.iter().zip(here).zip(below);
        for (((&a, &h), &b), (s, d)) in rows.zip(smooth.iter_mut().zip(slope)) {
            *s = a + 2.0 * h + b;
            *d = b - a;
        }
    }

    /// Adds the gradient's products to the sums of each inner column: `y2 - x2`, `2 x y`, `x2 + y2`.
    fn add_products(smooth: &[f32], slope: &[f32], cosine: &mut [f32], sine: &mut [f32], energy: &mut [f32]) {
        let Some(n) = smooth.len().checked_sub(2) else { return };
        let (left, right) = (&smooth[..n], &smooth[smooth.len() - n..]);
        let (d0, d1, d2) = (&slope[..n], &slope[1..][..n], &slope[2..][..n]);
        let (cosine, sine, energy) = (&mut cosine[1..][..n], &mut sine[1..][..n], &mut energy[1..][..n]);
        for i in 0..n {
            let gx = (right[i] - left[i]) * 0.125;
            let gy = (d0[i] + 2.0 * d1[i] + d2[i]) * 0.125;
            let (x2, y2) = (gx * gx, gy * gy);
            cosine[i] += y2 - x2;
            sine[i] += 2.0 * gx * gy;
            energy[i] += x2 + y2;
        }
    }

    /// Gaussian blur of every line by symmetric weights, the center's first. `padded` has room for a line and
    /// `half.len() - 1` extra values at either end, which are the values outside. Each column has its own factor.
    fn blur_across(grid: &[f32], half: &[f32], factors: &[f32], padded: &mut [f32], out: &mut [f32]) {
        let (width, radius) = (factors.len(), half.len() - 1);
        for (from, to) in grid.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            padded[radius..][..width].copy_from_slice(from);
            for x in spans(width) {
                let mut sums = Span::scaled(half[0], &padded[radius + x..]);
                for (i, &w) in half.iter().enumerate().skip(1) {
                    sums.add_pair(w, &padded[radius + x - i..], &padded[radius + x + i..]);
                }
                sums.multiply(&factors[x..]);
                sums.store(&mut to[x..]);
            }
            for x in if width < SPAN { 0..width } else { 0..0 } {
                let mut sum = half[0] * padded[radius + x];
                for (i, &w) in half.iter().enumerate().skip(1) {
                    sum += w * (padded[radius + x - i] + padded[radius + x + i]);
                }
                to[x] = sum * factors[x];
            }
        }
    }

    /// The same downwards: each line has its own factor, and there are no values outside.
    fn blur_down(grid: &[f32], half: &[f32], factors: &[f32], out: &mut [f32]) {
        let height = factors.len();
        let width = grid.len() / height.max(1);
        for (y, &factor) in factors.iter().enumerate() {
            let (up, down) = (y, height - 1 - y);
            let both = up.min(down).min(half.len() - 1);
            let one = up.max(down).min(half.len() - 1);
            // At edges where lines exist on one side only.
            let single = |i: usize| if up > down { y - i } else { y + i } * width;
            let to = &mut out[y * width..][..width];
            for x in spans(width) {
                let from = &grid[x..];
                let mut sums = Span::scaled(factor * half[0], &from[y * width..]);
                for i in 1..=both {
                    sums.add_pair(factor * half[i], &from[(y - i) * width..], &from[(y + i) * width..]);
                }
                for i in both + 1..=one {
                    sums.add(factor * half[i], &from[single(i)..]);
                }
                sums.store(&mut to[x..]);
            }
            for x in if width < SPAN { 0..width } else { 0..0 } {
                let mut sum = factor * half[0] * grid[y * width + x];
                for i in 1..=both {
                    sum += factor * half[i] * (grid[(y - i) * width + x] + grid[(y + i) * width + x]);
                }
                for i in both + 1..=one {
                    sum += factor * half[i] * grid[single(i) + x];
                }
                to[x] = sum;
            }
        }
    }

    /// Divides vectors and their length by the energy; the length, at most 1, takes the energy's place.
    fn by_energy(cosine: &mut [f32], sine: &mut [f32], energy: &mut [f32]) {
        for ((c, s), e) in cosine.iter_mut().zip(sine).zip(energy) {
            let scale = if *e > 1e-9 { 1.0 / *e } else { 0.0 };
            *c *= scale;
            *s *= scale;
            let length = (*c * *c + *s * *s).sqrt();
            *e = if length < 1.0 { length } else { 1.0 };
        }
    }

    /// Adds vectors, weighted by their lengths and by the share left over by finer ones; subtracts their share from the
    /// rest.
    fn add_coarser(vectors: [&[f32]; 3], rest: &mut [f32], cosine: &mut [f32], sine: &mut [f32]) {
        let [c, s, length] = vectors;
        let terms = c.iter().zip(s).zip(length);
        for (((sum_c, sum_s), rest), ((c, s), k)) in cosine.iter_mut().zip(sine).zip(rest).zip(terms) {
            let weight = *rest * k;
            *sum_c += weight * c;
            *sum_s += weight * s;
            *rest *= 1.0 - k;
        }
    }

    /// Scales vectors to length 1; those of almost no length point along x.
    fn make_unit(cosine: &mut [f32], sine: &mut [f32]) {
        for (c, s) in cosine.iter_mut().zip(sine) {
            let length = (*c * *c + *s * *s).sqrt();
            let is_vector = length > 1e-12;
            let (x, y) = (*c / length, *s / length);
            *c = if is_vector { x } else { 1.0 };
            *s = if is_vector { y } else { 0.0 };
        }
    }

    /// Counts, for each vector of the upper half plane, the directions `(cosine, sine)` at or before it.
    fn count_passed(x: &[f32], y: &[f32], directions: &[(f32, f32)], out: &mut [u16]) {
        for ((&x, &y), o) in x.iter().zip(y).zip(out) {
            let turn = if y < 0.0 { -1.0 } else { 1.0 };
            let (x, y) = (x * turn, y * turn);
            let mut count = if turn < 0.0 { directions.len() as u16 } else { 0 };
            for &(c, s) in directions {
                count += u16::from(c * y - s * x >= 0.0);
            }
            *o = count;
        }
    }

    /// Sum of rows of 48 values, each times its own weight.
    fn combine48(weights: &[f32], rows: &[[f32; 48]], out: &mut [f32; 48]) {
        let mut sums = [0f32; 48];
        for (&w, row) in weights.iter().zip(rows) {
            for (s, &r) in sums.iter_mut().zip(row) {
                *s += w * r;
            }
        }
        *out = sums;
    }

    /// Sets one bit per value if it is greater than zero. `words` has one word per 64 values.
    fn positive_bits(values: &[i16], words: &mut [u64]) {
        for (chunk, word) in values.chunks(64).zip(words) {
            let mut bits = 0u64;
            if let Ok(full) = <&[i16; 64]>::try_from(chunk) {
                for (i, &v) in full.iter().enumerate() {
                    bits |= u64::from(v > 0) << i;
                }
            } else {
                for (i, &v) in chunk.iter().enumerate() {
                    bits |= u64::from(v > 0) << i;
                }
            }
            *word = bits;
        }
    }
}

/// Runs every kernel on one input and returns the bits of everything it wrote.
#[cfg(any(test, fuzzing))]
pub(super) fn every_kernel(
    set: crate::simd::instruction_set::InstructionSet,
    bytes: &[u8],
    words: &[i16],
    a: &[f32],
    b: &[f32],
) -> Vec<Vec<u32>> {
    let n = bytes.len();
    let floats = || a.iter().rev().copied().collect::<Vec<f32>>();
    use crate::simd::instruction_set::bits;
    let mut results = Vec::new();
    let (mut sums, mut squares) = (vec![3u32; n], vec![5u32; n]);
    add_moments(set, bytes, &mut sums, &mut squares);
    results.extend([sums, squares]);
    let mut out = floats();
    add_squares_u8(set, bytes, &mut out);
    add_squares_i16(set, words, &mut out);
    results.push(bits(&out));
    let mut folded = vec![1f32; n / 4];
    fold4(set, a, &mut folded);
    results.push(bits(&folded));
    let mut pixels = vec![0u8; n];
    normalize(set, bytes, [a, b], [b, a], 0.375, 125.0, &mut pixels);
    results.push(pixels.iter().map(|&p| u32::from(p)).collect());
    blur7_rows(set, [bytes, &pixels, bytes, &pixels, &pixels, bytes, bytes], [0.4, 0.2, 0.08, 0.02], &mut out);
    results.push(bits(&out));
    let mut padded = vec![0.5f32; 3];
    padded.extend(a);
    padded.extend([0.25; 3]);
    blur7_line(set, &padded, [0.4, 0.2, 0.08, 0.02], b, &mut out);
    results.push(bits(&out));
    let factors: Vec<f32> = a.iter().zip(b).map(|(a, b)| a + b).collect();
    let mut both = [a, b, &factors].concat();
    let mut blurred = vec![0f32; 3 * n];
    blur_across(set, &both, &[0.3, 0.2, 0.1, 0.05], &factors, &mut padded, &mut blurred);
    blur_down(set, &blurred, &[0.3, 0.2, 0.1, 0.05], &[0.7, 1.0, 1.3], &mut both);
    results.push(bits(&both));
    let mut field = [floats(), b.to_vec(), a.to_vec()];
    let [c, s, e] = &mut field;
    by_energy(set, c, s, e);
    let (mut rest, mut sums) = (vec![0.75f32; n], [floats(), floats()]);
    let [x, y] = &mut sums;
    add_coarser(set, [c, s, e], &mut rest, x, y);
    make_unit(set, x, y);
    results.extend([bits(c), bits(s), bits(e), bits(&rest), bits(x), bits(y)]);
    scale_i16(set, words, 1.0 / 2048.0, &mut out);
    results.push(bits(&out));
    let (mut smooth, mut slope) = (floats(), floats());
    sobel_rows(set, a, b, &out, &mut smooth, &mut slope);
    results.extend([bits(&smooth), bits(&slope)]);
    let mut products = [floats(), floats(), floats()];
    let [cosine, sine, energy] = &mut products;
    add_products(set, &smooth, &slope, cosine, sine, energy);
    results.extend(products.iter().map(|p| bits(p)));
    let mut counts = vec![0u16; n];
    count_passed(set, a, b, &[(0.9, 0.1), (0.1, 0.9), (-0.9, 0.1)], &mut counts);
    results.push(counts.iter().map(|&c| u32::from(c)).collect());
    let rows: Vec<[f32; 48]> = b.iter().map(|&v| std::array::from_fn(|i| v * i as f32 - 1.3)).collect();
    let mut combined = [0f32; 48];
    combine48(set, a, &rows, &mut combined);
    results.push(bits(&combined));
    let mut found = vec![0u64; n.div_ceil(64)];
    positive_bits(set, words, &mut found);
    results.push(found.iter().flat_map(|w| [*w as u32, (w >> 32) as u32]).collect());
    results
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simd::instruction_set::{InstructionSet, on_every_set};

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_bits_of_the_scalar_form(
            input in prop::collection::vec((any::<u8>(), any::<i16>(), -9f32..9.0, -200f32..300.0), 1..200),
        ) {
            let bytes: Vec<u8> = input.iter().map(|v| v.0).collect();
            let words: Vec<i16> = input.iter().map(|v| v.1).collect();
            let a: Vec<f32> = input.iter().map(|v| v.2).collect();
            let b: Vec<f32> = input.iter().map(|v| v.3).collect();
            on_every_set(|set| every_kernel(set, &bytes, &words, &a, &b));
        }
    }

    #[test]
    fn normalized_bytes_are_rounded_and_cut_off() {
        let pixels = [0u8, 100, 101, 110, 255];
        let (mean, factor) = ([100f32; 5], [2.5f32; 5]);
        let mut out = [0u8; 5];
        normalize(InstructionSet::best(), &pixels, [&mean; 2], [&factor; 2], 0.5, 125.0, &mut out);
        assert_eq!(out, [3, 128, 130, 153, 253]);
    }

    #[test]
    fn bits_of_a_last_word_stay_clear() {
        let mut words = [u64::MAX; 2];
        positive_bits(InstructionSet::best(), &[1; 65], &mut words);
        assert_eq!(words, [u64::MAX, 1]);
    }
}
