//! Widths of bins for a bit rate: the specification's rule that each sub-band's bins follow its variance.

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
    /// Width of its bins, in units that are the same for all.
    relative: f64,
    /// Its share of the image's samples.
    share: f64,
}

/// Widths of bins and of the bin around zero, zero for sub-bands that are not coded.
pub(super) fn bins(plane: &Plane, tree: &Tree, bpp: f64) -> [(f64, f64); TABLE_BANDS] {
    let candidates = candidates(&variances(plane, tree));
    let unit = unit(&candidates, bpp);
    let mut bins = [(0.0, 0.0); TABLE_BANDS];
    for ((bin, candidate), band) in bins.iter_mut().zip(&candidates).zip(&tree.bands) {
        if let (Some(candidate), Some(unit)) = (candidate, unit) {
            // Bins so narrow that their numbers leave 16 bits would cost more than they give.
            let furthest = plane.rows(band).flatten().fold(0.0f32, |most, sample| most.max(sample.abs()));
            let width = (candidate.relative / unit).max(f64::from(furthest) / MOST_BINS);
            *bin = (width, ZERO_BIN * width);
        }
    }
    bins
}

/// The factor between relative widths and widths, so that the sub-bands that get any bits get `bpp` together.
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

/// Variances of the sub-bands' middles, or of all their samples when there is little in the middle of the lowest.
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

/// Three quarters of a sub-band's columns and seven sixteenths of its rows, where a print is; all of it when that is little.
fn middle(band: &Rect) -> Rect {
    let inner = |range: &std::ops::Range<usize>, skip: (usize, usize), keep: (usize, usize)| {
        let part = |(times, of): (usize, usize)| range.len().saturating_mul(times).checked_div(of).unwrap_or(0);
        let start = range.start.saturating_add(part(skip));
        start..start.saturating_add(part(keep))
    };
    let middle = Rect { x: inner(&band.x, (1, 8), (3, 4)), y: inner(&band.y, (9, 32), (7, 16)), ..*band };
    if middle.area() < FEW_SAMPLES { band.clone() } else { middle }
}

/// The variance of a rectangle's samples; of a few, their mean square.
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
