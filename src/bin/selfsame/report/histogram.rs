//! Scores of both kinds on a logarithmic axis, where the few that matter can be seen.

use selfsame::eval::Histogram;

use super::axes::{Chart, Scale, floor, share};
use super::page::Section;

/// The chart with its key, as a section of the page.
pub fn section(histogram: &Histogram, counts: (usize, usize), axis: &str, thresholds: &[(f64, String)]) -> Section {
    let key = [("c1", "genuine pairs".to_owned()), ("c2", "impostor pairs".to_owned())];
    let mut section = Section::new("Scores");
    section.figure(
        &chart(histogram, counts, axis, thresholds),
        &key,
        "Shares of each kind per bin, on a logarithmic axis: a single pair can be seen.",
    );
    section
}

/// Shares per bin, with thresholds as dashed lines. `counts` are the numbers of genuine and of impostor comparisons.
fn chart(histogram: &Histogram, counts: (usize, usize), axis: &str, thresholds: &[(f64, String)]) -> String {
    let h = histogram;
    let high = h.low + h.width * h.genuine.len().max(1) as f64;
    let low_y = floor(counts.0.max(counts.1));
    let mut chart = Chart::new(
        "Histogram of scores",
        (Scale { low: h.low, high, is_log: false }, axis, label),
        (Scale { low: low_y, high: 1.0, is_log: true }, "share of comparisons per bin", share),
    );
    for (class, shares) in [("c2", &h.impostor), ("c1", &h.genuine)] {
        // Runs of bins that are not empty.
        let mut outline: Vec<(f64, f64)> = Vec::new();
        for (i, value) in shares.iter().copied().chain([0.0]).enumerate() {
            let (left, right) = (h.low + h.width * i as f64, h.low + h.width * (i + 1) as f64);
            if value > 0.0 {
                if outline.is_empty() {
                    outline.push((left, low_y));
                }
                outline.extend([(left, value), (right, value)]);
            } else if let Some(&(end, _)) = outline.last() {
                outline.push((end, low_y));
                chart.bars(class, &std::mem::take(&mut outline));
            }
        }
    }
    for (row, (threshold, name)) in thresholds.iter().enumerate() {
        chart.named_limit(*threshold, name, row);
    }
    chart.finish()
}

fn label(value: f64) -> String {
    // Cosines have fractions, decibels have none.
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_of_bins_is_drawn_down_to_the_axis() {
        let h =
            Histogram { low: 0.0, width: 1.0, genuine: vec![0.0, 0.0, 0.5, 0.5], impostor: vec![0.9, 0.0, 0.1, 0.0] };
        let svg = chart(&h, (100, 100), "score", &[(2.0, "limit <".to_owned())]);
        assert_eq!((svg.matches("bar c1").count(), svg.matches("bar c2").count()), (1, 2));
        assert!(svg.contains("limit &lt;") && svg.contains("class=\"limit\""));
        assert_eq!((label(20.0), label(-0.2), label(0.0)), ("20".into(), "-0.2".into(), "0".into()));
    }
}
