//! Error against reject.

use selfsame::eval::reject::RejectCurve;

use super::axes::{Chart, Scale};
use super::page::Section;
use crate::rate;

/// Shares of the samples to drop.
pub const SHARES: [f64; 9] = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];

/// The section about a curve; `None` is a set without qualities.
pub fn section(curve: Option<&RejectCurve>) -> Section {
    let mut section = Section::new("Error against reject");
    let Some(curve) = curve else {
        section.note("Left out: the templates state no quality.");
        return section;
    };
    let points = || curve.points.iter().filter(|p| p.genuine > 0);
    let bound = |genuine: usize| (3.0 / genuine.max(1) as f64).min(1.0);
    let top = points().map(|p| if p.fnmr > 0.0 { p.fnmr } else { bound(p.genuine) }).fold(1e-4, f64::max);
    let high = points().map(|p| p.share).fold(0.05, f64::max);
    let mut chart = Chart::new(
        "FNMR over the share of samples dropped",
        (Scale { low: 0.0, high, is_log: false }, "samples dropped, worst quality first", whole),
        (Scale { low: 0.0, high: top * 1.1, is_log: false }, "FNMR of those left", fine),
    );
    chart.curve("c1", &points().map(|p| (p.share, p.fnmr)).collect::<Vec<_>>());
    for p in points() {
        if p.fnmr <= 0.0 {
            chart.limit((p.share, 0.0), (p.share, bound(p.genuine)));
        }
        chart.mark((p.share, p.fnmr), "", false);
    }
    let caption = format!(
        "Genuine pairs below {:.1} dB (FMR 0.1 % of the whole set) after dropping the samples of lowest quality. A dashed line reaches \
         from no error to 3/N.",
        curve.threshold
    );
    section.figure(&chart.finish(), &[], &caption);
    let row = |p: &selfsame::eval::reject::RejectPoint| {
        vec![whole(p.share), p.dropped.to_string(), p.genuine.to_string(), rate::rate(p.fnmr, p.genuine)]
    };
    section.table(&["dropped", "samples", "genuine pairs left", "FNMR"], &points().map(row).collect::<Vec<_>>());
    section
}

fn whole(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn fine(share: f64) -> String {
    let text = format!("{:.2}", 100.0 * share);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
