//! Resampling to 500 ppi: area average when shrinking, Catmull-Rom when enlarging, separable and deterministic.

use super::params::{TARGET_PPI, TOLERANCE};

/// Factor from pixels at `ppi` to pixels at 500 ppi; 1 within the tolerance.
pub(crate) fn scale_to_500(ppi: f32) -> f32 {
    if (ppi / TARGET_PPI - 1.0).abs() <= TOLERANCE { 1.0 } else { TARGET_PPI / ppi }
}

/// Width and height at 500 ppi of an image taken at `ppi`.
pub(super) fn target_size(width: usize, height: usize, ppi: f32) -> (usize, usize) {
    let scale = f64::from(scale_to_500(ppi));
    let scaled = |n: usize| (n as f64 * scale).round() as usize;
    (scaled(width), scaled(height))
}

/// For each output sample, the first input sample and the weights of the samples from that one on.
struct Taps {
    first: Vec<usize>,
    weights: Vec<f32>,
    width: usize,
}

/// Resamples row-major gray pixels to `new_width` by `new_height`.
pub(super) fn resample(pixels: &[u8], width: usize, height: usize, new_width: usize, new_height: usize) -> Vec<u8> {
    let columns = taps(width, new_width);
    let rows = taps(height, new_height);
    let mut narrow = vec![0f32; new_width * height];
    for (source, target) in pixels.chunks_exact(width).zip(narrow.chunks_exact_mut(new_width)) {
        for (x, out) in target.iter_mut().enumerate() {
            let weights = &columns.weights[x * columns.width..][..columns.width];
            let first = columns.first[x];
            *out = weights.iter().zip(&source[first..]).map(|(&w, &p)| w * f32::from(p)).sum();
        }
    }
    let mut result = vec![0u8; new_width * new_height];
    let mut sum = vec![0f32; new_width];
    for (y, target) in result.chunks_exact_mut(new_width).enumerate() {
        sum.fill(0.0);
        let weights = &rows.weights[y * rows.width..][..rows.width];
        for (k, &w) in weights.iter().enumerate().filter(|(_, w)| **w != 0.0) {
            let source = &narrow[(rows.first[y] + k) * new_width..][..new_width];
            for (s, &v) in sum.iter_mut().zip(source) {
                *s += w * v;
            }
        }
        for (out, &s) in target.iter_mut().zip(&sum) {
            *out = (s + 0.5).clamp(0.0, 255.0) as u8;
        }
    }
    result
}

/// Weights of one axis from `from` to `to` samples.
fn taps(from: usize, to: usize) -> Taps {
    let ratio = from as f64 / to as f64;
    let support = if ratio >= 1.0 { ratio / 2.0 + 0.5 } else { 2.0 };
    let width = ((2.0 * support).ceil() as usize + 1).min(from);
    let mut first = Vec::with_capacity(to);
    let mut weights = vec![0f32; to * width];
    for i in 0..to {
        let center = (i as f64 + 0.5) * ratio - 0.5;
        let start = ((center - support).ceil().max(0.0) as usize).min(from - width);
        let row = &mut weights[i * width..][..width];
        let mut total = 0.0;
        for (k, w) in row.iter_mut().enumerate() {
            let position = (start + k) as f64;
            let v = if ratio >= 1.0 { overlap(position, center, ratio) } else { catmull_rom(position - center) };
            *w = v as f32;
            total += v;
        }
        if total != 0.0 {
            for w in row.iter_mut() {
                *w = (f64::from(*w) / total) as f32;
            }
        }
        first.push(start);
    }
    Taps { first, weights, width }
}

/// Length of the part of the input pixel at `position` that an output pixel of `ratio` input pixels around `center`
/// covers.
fn overlap(position: f64, center: f64, ratio: f64) -> f64 {
    let low = (position - 0.5).max(center - ratio / 2.0);
    let high = (position + 0.5).min(center + ratio / 2.0);
    (high - low).max(0.0)
}

fn catmull_rom(distance: f64) -> f64 {
    let d = distance.abs();
    if d < 1.0 {
        1.0 + d * d * (1.5 * d - 2.5)
    } else if d < 2.0 {
        2.0 - d * (4.0 - d * (2.5 - 0.5 * d))
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_stays_flat() {
        for (from, to) in [((100, 80), (50, 40)), ((100, 80), (88, 70)), ((50, 40), (101, 77)), ((33, 33), (32, 32))] {
            let out = resample(&vec![137u8; from.0 * from.1], from.0, from.1, to.0, to.1);
            assert!(out.iter().all(|&p| p == 137), "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn a_wave_keeps_its_period_in_millimeters() {
        // 12 px at 569 ppi are 10.54 px at 500 ppi.
        let (width, height) = (569, 64);
        let wave = |x: f64, period: f64| 127.5 + 100.0 * (std::f64::consts::TAU * x / period).cos();
        let pixels: Vec<u8> = (0..width * height).map(|i| wave((i % width) as f64, 12.0) as u8).collect();
        let (w, h) = target_size(width, height, 569.0);
        let out = resample(&pixels, width, height, w, h);
        assert_eq!(w, 500);
        for x in 20..w - 20 {
            let source_x = (x as f64 + 0.5) * 569.0 / 500.0 - 0.5;
            let expected = wave(source_x, 12.0);
            assert!((f64::from(out[(h / 2) * w + x]) - expected).abs() < 9.0, "column {x}");
        }
    }

    #[test]
    fn close_resolutions_are_left_alone() {
        assert_eq!(target_size(388, 374, 500.0), (388, 374));
        assert_eq!(target_size(388, 374, 502.0), (388, 374));
        assert_eq!(target_size(388, 374, 1000.0), (194, 187));
    }
}
