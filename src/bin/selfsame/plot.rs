//! Curves as SVG.

use plotters::prelude::*;
use selfsame::eval::{DetPoint, Histogram, ScoreSet};

use crate::failure::Failure;
use crate::rate;

/// Size of a plot, pixels.
const SIZE: (u32, u32) = (720, 540);
/// Height of a line of text above a chart, pixels.
const LINE: u32 = 20;
/// Lowest rate that a logarithmic axis shows.
const LOWEST: f64 = 1e-6;
/// Most points of a curve.
const POINTS: usize = 2000;
/// Blue, orange, green, purple: distinguishable by color-blind eyes.
const COLORS: [RGBColor; 4] =
    [RGBColor(0, 90, 181), RGBColor(220, 100, 0), RGBColor(0, 130, 90), RGBColor(140, 60, 160)];

/// The corners of a DET curve, evenly thinned when there are very many.
pub fn thinned(set: &ScoreSet) -> Vec<DetPoint> {
    let corners = set.det_corners();
    let step = corners.len().div_ceil(POINTS).max(1);
    let last = corners.len().saturating_sub(1);
    corners.into_iter().enumerate().filter(|(i, _)| i % step == 0 || *i == last).map(|(_, p)| p).collect()
}

/// FNMR over FMR on logarithmic axes. Rates of 0 are drawn at the lower end of the axis.
pub fn det(title: &str, curves: &[(&str, &ScoreSet)]) -> Result<String, Failure> {
    let most = curves.iter().map(|(_, s)| s.impostor()).max().unwrap_or(1).max(1) as f64;
    let least = curves.iter().map(|(_, s)| s.genuine()).max().unwrap_or(1).max(1) as f64;
    let low = |count: f64| 10f64.powf((1.0 / count).log10().floor()).clamp(LOWEST, 0.01);
    let (low_x, low_y) = (low(most), low(least));
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let failed = |e: &dyn std::fmt::Display| Failure::plain(format!("cannot draw the curve: {e}"));
        root.fill(&WHITE).map_err(|e| failed(&e))?;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 20))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d((low_x..1f64).log_scale(), (low_y..1f64).log_scale())
            .map_err(|e| failed(&e))?;
        let label = |v: &f64| format!("{v:.0e}");
        chart
            .configure_mesh()
            .x_desc("false match rate")
            .y_desc("false non-match rate")
            .x_label_formatter(&label)
            .y_label_formatter(&label)
            .draw()
            .map_err(|e| failed(&e))?;
        let equal = LineSeries::new([(low_x.max(low_y), low_x.max(low_y)), (1.0, 1.0)], &BLACK.mix(0.25));
        chart.draw_series(equal).map_err(|e| failed(&e))?;
        for ((name, set), color) in curves.iter().zip(COLORS.iter().cycle()) {
            let mut line = Vec::new();
            let mut last = f64::NAN;
            let points = thinned(set);
            // Of the points without any error of one kind, only the best one carries information.
            let first = points.iter().rposition(|p| p.fnmr <= 0.0).unwrap_or(0);
            let end = points.iter().position(|p| p.fmr <= 0.0).map_or(points.len(), |i| i + 1);
            for p in points.get(first..end.max(first + 1)).unwrap_or_default() {
                let (x, y) = (p.fmr.max(low_x), p.fnmr.max(low_y));
                if !last.is_nan() {
                    // Rates change in steps.
                    line.push((x, last));
                }
                line.push((x, y));
                last = y;
            }
            let style = ShapeStyle { color: color.to_rgba(), filled: false, stroke_width: 2 };
            let legend = move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style);
            let name = format!("{name}: EER {}", rate::rate(set.eer(), set.genuine().min(set.impostor())));
            chart.draw_series(LineSeries::new(line, style)).map_err(|e| failed(&e))?.label(name).legend(legend);
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerLeft)
            .border_style(BLACK.mix(0.4))
            .background_style(WHITE)
            .draw()
            .map_err(|e| failed(&e))?;
        root.present().map_err(|e| failed(&e))?;
    }
    Ok(svg)
}

/// Seconds of a search over the number of people on logarithmic axes, under lines that say what was measured where.
pub fn growth(lines: &[String], curves: &[(String, Vec<(f64, f64)>)]) -> Result<String, Failure> {
    let points = || curves.iter().flat_map(|(_, points)| points);
    let around = |of: fn(&(f64, f64)) -> f64| {
        let (low, high) = points().map(of).fold((f64::MAX, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        // Whole decades, one at least, and one of nothing.
        let (low, high) = (low.clamp(1e-9, 1e9).log10().floor(), high.clamp(1e-9, 1e9).log10().ceil());
        10f64.powf(low)..10f64.powf(high.max(low + 1.0))
    };
    let mut svg = String::new();
    {
        let failed = |e: &dyn std::fmt::Display| Failure::plain(format!("cannot draw the growth: {e}"));
        let root = SVGBackend::with_string(&mut svg, (SIZE.0, SIZE.1 + LINE * lines.len() as u32)).into_drawing_area();
        root.fill(&WHITE).map_err(|e| failed(&e))?;
        let (above, below) = root.split_vertically(LINE * lines.len() as u32);
        for (n, line) in (0..).zip(lines) {
            let style = ("sans-serif", 14).into_text_style(&above);
            above.draw_text(line, &style, (14, 6 + LINE as i32 * n)).map_err(|e| failed(&e))?;
        }
        let mut chart = ChartBuilder::on(&below)
            .caption("time of a search by the number of people", ("sans-serif", 20))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(around(|p| p.0).log_scale(), around(|p| p.1).log_scale())
            .map_err(|e| failed(&e))?;
        let label = |v: &f64| format!("{v:.0e}");
        chart
            .configure_mesh()
            .x_desc("people")
            .y_desc("seconds")
            .x_label_formatter(&label)
            .y_label_formatter(&label)
            .draw()
            .map_err(|e| failed(&e))?;
        for (n, ((name, points), color)) in curves.iter().zip(COLORS.iter().cycle()).enumerate() {
            // Colors come again with thinner lines.
            let stroke_width = if n < COLORS.len() { 3 } else { 1 };
            let style = ShapeStyle { color: color.to_rgba(), filled: true, stroke_width };
            let legend = move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style);
            let line = LineSeries::new(points.iter().copied(), style).point_size(3);
            chart.draw_series(line).map_err(|e| failed(&e))?.label(name).legend(legend);
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .border_style(BLACK.mix(0.4))
            .background_style(WHITE)
            .draw()
            .map_err(|e| failed(&e))?;
        root.present().map_err(|e| failed(&e))?;
    }
    Ok(svg)
}

/// Shares of genuine and impostor scores per bin.
pub fn histogram(title: &str, axis: &str, histogram: &Histogram) -> Result<String, Failure> {
    let h = histogram;
    let bins = h.genuine.len().max(1);
    let high = h.low + h.width * bins as f64;
    let top = h.genuine.iter().chain(&h.impostor).copied().fold(0.0, f64::max).max(1e-3) * 1.05;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let failed = |e: &dyn std::fmt::Display| Failure::plain(format!("cannot draw the histogram: {e}"));
        root.fill(&WHITE).map_err(|e| failed(&e))?;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 20))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(h.low..high, 0.0..top)
            .map_err(|e| failed(&e))?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .x_desc(axis)
            .y_desc("share of comparisons per bin")
            .draw()
            .map_err(|e| failed(&e))?;
        for (name, shares, color) in [("impostor", &h.impostor, COLORS[1]), ("genuine", &h.genuine, COLORS[0])] {
            let bars = shares.iter().enumerate().filter(|(_, s)| **s > 0.0).map(|(i, s)| {
                let x = h.low + h.width * i as f64;
                Rectangle::new([(x, 0.0), (x + h.width, *s)], color.mix(0.55).filled())
            });
            let legend = move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.mix(0.55).filled());
            chart.draw_series(bars).map_err(|e| failed(&e))?.label(name).legend(legend);
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .border_style(BLACK.mix(0.4))
            .background_style(WHITE)
            .draw()
            .map_err(|e| failed(&e))?;
        root.present().map_err(|e| failed(&e))?;
    }
    Ok(svg)
}
