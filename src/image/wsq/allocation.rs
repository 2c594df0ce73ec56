//! Bin widths for a bit rate, by the specification's rule: each sub-band's bin width follows from its variance.

use super::params::{
    BANDS, EMPTY_BIN, FEW_SAMPLES, FLAT, LAST_WEIGHTS, LOADING, MIN_VARIANCE, MOST_BINS, SHARES, TABLE_BANDS, ZERO_BIN,
};
use super::tree::{Rect, Tree};
use super::wavelet::Plane;

/// A sub-band with enough variance to be coded.
#[derive(Clone, Copy)]
struct Candidate {
    /// Standard deviation.
    deviation: f64,
    /// Width of its bins, in a unit common to all sub-bands.
    relative: f64,
    /// Its share of the image's samples.
    share: f64,
}

/// Widths of the bins and of the bin around zero; zero for sub-bands that are not coded.
pub(super) fn bins(plane: &Plane, tree: &Tree, bpp: f64) -> [(f64, f64); TABLE_BANDS] {
    let candidates = candidates(&variances(plane, tree));
    let unit = unit(&candidates, bpp);
    let mut bins = [(0.0, 0.0); TABLE_BANDS];
    for ((bin, candidate), band) in bins.iter_mut().zip(&candidates).zip(&tree.bands) {
        if let (Some(candidate), Some(unit)) = (candidate, unit) {
            // Bins so narrow that their numbers exceed 16 bits would cost more than they gain.
            let furthest = plane.rows(band).flatten().fold(0.0f32, |most, sample| most.max(sample.abs()));
            let width = (candidate.relative / unit).max(f64::from(furthest) / MOST_BINS);
            *bin = (width, ZERO_BIN * width);
        }
    }
    bins
}

/// The factor from relative widths to widths with which all coded sub-bands together take `bpp`.
fn unit(candidates: &[Option<Candidate>; BANDS], bpp: f64) -> Option<f64> {
    let mut kept: Vec<Candidate> = candidates.iter().flatten().copied().collect();
    loop {
        let share: f64 = kept.iter().map(|c| c.share).sum();
        if share <= 0.0 {
            return None;
        }
        let log: f64 = kept.iter().map(|c| c.share * (c.deviation / c.relative).ln()).sum();
        let unit = (bpp / share - 1.0).exp2() / LOADING / (log / share).exp();
        let before = kept.len();
        // A sub-band that fits into its bin around zero needs no bits.
        kept.retain(|c| c.relative / unit < EMPTY_BIN * c.deviation);
        if kept.len() == before {
            return Some(unit);
        }
    }
}

fn candidates(variances: &[f64; BANDS]) -> [Option<Candidate>; BANDS] {
    let mut candidates = [None; BANDS];
    let shares = SHARES.iter().flat_map(|(bands, parts)| bands.clone().map(move |_| 1.0 / parts));
    let ones = BANDS.saturating_sub(LAST_WEIGHTS.len());
    let weights = std::iter::repeat_n(1.0, ones).chain(LAST_WEIGHTS);
    let lowest = SHARES.first().map_or(0, |(bands, _)| bands.end);
    for (band, (((slot, &variance), share), weight)) in
        candidates.iter_mut().zip(variances).zip(shares).zip(weights).enumerate()
    {
        if variance >= MIN_VARIANCE {
            let relative = if band < lowest { 1.0 } else { 10.0 / (weight * variance.ln()) };
            *slot = Some(Candidate { deviation: variance.sqrt(), relative, share });
        }
    }
    candidates
}

/// Variances of the sub-bands' middles, or of all their samples when the middles of the lowest sub-bands vary little.
fn variances(plane: &Plane, tree: &Tree) -> [f64; BANDS] {
    let over = |part: fn(&Rect) -> Rect| {
        let mut variances = [0.0; BANDS];
        variances.iter_mut().zip(&tree.bands).for_each(|(v, band)| *v = variance(plane, &part(band)));
        variances
    };
    let middles = over(middle);
    let lowest = SHARES.first().map_or(0, |(bands, _)| bands.len());
    if middles.iter().take(lowest).sum::<f64>() < FLAT { over(Rect::clone) } else { middles }
}

/// The middle three quarters of a sub-band's columns and seven sixteenths of its rows, where a print lies; the whole
/// sub-band when that is few samples.
fn middle(band: &Rect) -> Rect {
    let inner = |range: &std::ops::Range<usize>, skip: (usize, usize), keep: (usize, usize)| {
        let part = |(times, of): (usize, usize)| range.len().saturating_mul(times).checked_div(of).unwrap_or(0);
        let start = range.start.saturating_add(part(skip));
        start..start.saturating_add(part(keep))
    };
    let middle = Rect { x: inner(&band.x, (1, 8), (3, 4)), y: inner(&band.y, (9, 32), (7, 16)), ..*band };
    if middle.area() < FEW_SAMPLES { band.clone() } else { middle }
}

/// The variance of a rectangle's samples; the mean square of few samples.
fn variance(plane: &Plane, rect: &Rect) -> f64 {
    let (mut n, mut sum, mut squares) = (0.0f64, 0.0f64, 0.0f64);
    for &sample in plane.rows(rect).flatten() {
        let sample = f64::from(sample);
        n += 1.0;
        sum += sample;
        squares += sample * sample;
    }
    if rect.area() < FEW_SAMPLES { squares / n.max(1.0) } else { (squares - sum * sum / n) / (n - 1.0) }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn rect(x: Range<usize>, y: Range<usize>) -> Rect {
        Rect { x, y, flip_x: false, flip_y: false }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn few_samples_have_a_mean_square_and_more_a_variance() {
        // 0, 1, 2, ... in rows of eight; n numbers in a row vary by n (n + 1) / 12.
        let plane = Plane::new(8, (0..32u8).map(f32::from).collect());
        assert!(near(variance(&plane, &rect(0..8, 0..4)), 32.0 * 33.0 / 12.0));
        assert!(near(variance(&plane, &rect(0..8, 0..2)), 16.0 * 17.0 / 12.0));
        let fifteen = [0u32, 1, 2, 3, 4, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20];
        let squares: u32 = fifteen.iter().map(|v| v * v).sum();
        assert!(near(variance(&plane, &rect(0..5, 0..3)), f64::from(squares) / 15.0));
        assert_eq!(variance(&plane, &rect(3..3, 0..4)), 0.0);
    }

    #[test]
    fn the_middle_is_where_a_print_is() {
        let inner = middle(&rect(0..32, 0..64));
        assert_eq!((inner.x, inner.y), (4..28, 18..46));
        let inner = middle(&rect(100..132, 200..264));
        assert_eq!((inner.x, inner.y), (104..128, 218..246));
        // Six columns by three rows would be 18 samples; five by three are too few, and all are taken.
        let inner = middle(&rect(0..8, 0..8));
        assert_eq!((inner.x, inner.y), (1..7, 2..5));
        let inner = middle(&rect(0..7, 0..8));
        assert_eq!((inner.x, inner.y), (0..7, 0..8));
    }

    #[test]
    fn sub_bands_without_variance_are_left_out_and_the_last_are_weighted() {
        let mut variances = [100.0; BANDS];
        (variances[7], variances[8]) = (1.0, 1.01);
        let found = candidates(&variances);
        assert!(found[7].is_none() && found[8].is_some());
        let of = |band: usize| found[band].map(|c| (c.deviation, c.relative, c.share)).unwrap();
        let ln = 100f64.ln();
        for (band, relative, share) in [
            (0, 1.0, 1024.0),
            (3, 1.0, 1024.0),
            (4, 10.0 / ln, 256.0),
            (50, 10.0 / ln, 256.0),
            (51, 10.0 / ln, 16.0),
            (52, 10.0 / (1.32 * ln), 16.0),
            (59, 10.0 / (1.08 * ln), 16.0),
        ] {
            let found = of(band);
            assert!(near(found.0, 10.0) && near(found.1, relative) && near(found.2, 1.0 / share), "{band}: {found:?}");
        }
    }

    #[test]
    fn bins_give_the_rate_that_is_asked_for() {
        let only = |list: &[(f64, f64, f64)]| {
            let mut candidates = [None; BANDS];
            for (slot, &(deviation, relative, share)) in candidates.iter_mut().zip(list) {
                *slot = Some(Candidate { deviation, relative, share });
            }
            candidates
        };
        // With one sub-band that is the whole image, one more bit halves the bins.
        let one = |bpp: f64| unit(&only(&[(40.0, 1.0, 1.0)]), bpp).unwrap();
        assert!(near(one(1.0), 1.0 / 2.5 / 40.0) && near(one(3.0), 4.0 / 2.5 / 40.0));
        // A sub-band of a quarter of the image gets four times the bits.
        assert!(near(unit(&only(&[(40.0, 1.0, 0.25)]), 0.75).unwrap(), 4.0 / 2.5 / 40.0));
        // Two equal sub-bands act as one; the mean of their logarithms counts.
        let two = unit(&only(&[(10.0, 1.0, 0.5), (40.0, 2.0, 0.5)]), 1.0).unwrap();
        assert!(near(two, 1.0 / 2.5 / (10.0f64 * 20.0).sqrt()));
        // A sub-band that fits into its bin around zero gets no bits; the others share them.
        let small = (40.0, 1.0, 0.5);
        assert!(near(unit(&only(&[small, (0.001, 1.0, 0.5)]), 1.0).unwrap(), unit(&only(&[small]), 1.0).unwrap()));
        assert_eq!(unit(&[None; BANDS], 1.0), None);
    }

    #[test]
    fn a_flat_middle_is_not_all_there_is() {
        let tree = Tree::new(256, 256);
        let lowest = &tree.bands[0];
        // Only the edges of the lowest sub-bands are bright.
        let mut plane = Plane::new(256, vec![0.0; 256 * 256]);
        for (y, row) in plane.rows_mut(lowest).enumerate() {
            if y == 0 {
                row.fill(500.0);
            }
        }
        assert!(variances(&plane, &tree)[0] > 1000.0);
        // With enough variance in the middle, the edges do not count.
        let mut plane = Plane::new(256, vec![0.0; 256 * 256]);
        let middle = middle(lowest);
        for (y, row) in plane.rows_mut(&middle).enumerate() {
            row.iter_mut().enumerate().for_each(|(x, v)| *v = if (x + y) % 2 == 0 { 200.0 } else { -200.0 });
        }
        let inside = variances(&plane, &tree)[0];
        assert!(inside >= FLAT && near(inside, variance(&plane, &middle)));
    }
}
