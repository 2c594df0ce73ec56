//! The detection error trade-off with its band.

use selfsame::Fmr;
use selfsame::eval::bootstrap::Interval;
use selfsame::eval::{DetPoint, ScoreSet};

use super::axes::{Chart, Scale, floor, share};
use super::page::Section;
use crate::plot;

/// Values of a band.
const STEPS: usize = 64;

/// A curve of the chart.
pub struct Curve<'a> {
    /// Class of its color.
    pub class: &'a str,
    pub set: &'a ScoreSet,
    /// Intervals of the FNMR at false match rates.
    pub band: Vec<(f64, Interval)>,
}

/// The false match rates at which the band of a set is wanted: evenly on the logarithmic axis.
pub fn rates(set: &ScoreSet) -> Vec<Fmr> {
    let low = floor(set.impostor());
    let at = |k: usize| low.powf(1.0 - k as f64 / (STEPS - 1) as f64);
    (0..STEPS).filter_map(|k| Fmr::new(at(k)).ok()).collect()
}

/// The chart with its key, as a section of the page.
pub fn section(curves: &[Curve<'_>], key: &[(&str, String)], marks: &[(DetPoint, String, bool)]) -> Section {
    let mut section = Section::new("Detection error trade-off");
    section.figure(
        &chart(curves, marks),
        key,
        "Lower left is better; on the dashed line both rates are equal. A rate of 0 lies on the edge; the band always reaches up to 3/N.",
    );
    section
}

/// FNMR over FMR on logarithmic axes, with marks on the first curve. Rates of 0 lie at the end of an axis.
fn chart(curves: &[Curve<'_>], marks: &[(DetPoint, String, bool)]) -> String {
    let most = |count: fn(&ScoreSet) -> usize| curves.iter().map(|c| count(c.set)).max().unwrap_or(1);
    let low_x = floor(most(ScoreSet::impostor));
    let low_y = floor(most(ScoreSet::genuine));
    let scale = |low| Scale { low, high: 1.0, is_log: true };
    let mut chart = Chart::new(
        "Detection error trade-off",
        (scale(low_x), "false match rate (FMR)", share),
        (scale(low_y), "false non-match rate (FNMR)", share),
    );
    let equal = low_x.max(low_y);
    chart.limit((equal, equal), (1.0, 1.0));
    for curve in curves {
        let band = |end: fn(&Interval) -> f64| curve.band.iter().map(|(x, i)| (*x, end(i))).collect::<Vec<_>>();
        if !curve.band.is_empty() {
            // Even without an error no less than 3/N can be said.
            let bound = 3.0 / curve.set.genuine().max(1) as f64;
            let high: Vec<_> = band(|i| i.high).into_iter().map(|(x, y)| (x, y.max(bound))).collect();
            chart.band(curve.class, &band(|i| i.low), &high);
        }
    }
    // The first lies on top.
    for curve in curves.iter().rev() {
        chart.curve(curve.class, &steps(curve.set));
    }
    for (point, name, below) in marks {
        chart.mark((point.fmr, point.fnmr), name, *below);
    }
    chart.finish()
}

/// The corners of a curve: rates change in steps. Where one kind of error is gone, the curve runs along the edge.
fn steps(set: &ScoreSet) -> Vec<(f64, f64)> {
    let mut line = Vec::new();
    for p in plot::thinned(set) {
        if let Some((_, last)) = line.last().copied() {
            line.push((p.fmr, last));
        }
        line.push((p.fmr, p.fnmr));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_without_errors_has_a_band_up_to_three_in_all() {
        let set = ScoreSet::new(vec![50.0; 30], vec![1.0; 100]).unwrap();
        let none = Interval { low: 0.0, high: 0.0 };
        let band: Vec<_> = rates(&set).iter().map(|fmr| (fmr.get(), none)).collect();
        assert_eq!((band.len(), band[0].0), (STEPS, floor(100)));
        let with = chart(&[Curve { class: "c1", set: &set, band }], &[]);
        // 3/30 is one of two decades from the top of the chart.
        assert!(with.contains("class=\"band c1\"") && with.contains(",172.0"), "{with}");
        assert!(!chart(&[Curve { class: "c1", set: &set, band: Vec::new() }], &[]).contains("band"));
    }
}
