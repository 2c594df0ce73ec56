//! Charts as SVG inside the page, whose style colors them.

use std::fmt::Write as _;

use selfsame::text::markup;

/// Size of a chart, its own units.
const SIZE: (f64, f64) = (480.0, 380.0);
/// Room for the labels: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (84.0, 14.0, 28.0, 50.0);

/// A scale from a value to a share of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub is_log: bool,
}

impl Scale {
    /// Where a value lies, 0..=1; values beyond an end lie at it.
    fn share(&self, value: f64) -> f64 {
        let of = |v: f64| if self.is_log { v.max(f64::MIN_POSITIVE).log10() } else { v };
        let width = of(self.high) - of(self.low);
        if width > 0.0 { ((of(value) - of(self.low)) / width).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Where to put labels: powers of ten, or round numbers.
    fn ticks(&self) -> Vec<f64> {
        if self.is_log {
            let (from, to) = (self.low.log10().round() as i32, self.high.log10().round() as i32);
            return (from..=to).map(|power| 10f64.powi(power)).collect();
        }
        let rough = ((self.high - self.low) / 5.0).max(1e-9);
        let unit = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough).unwrap_or(rough);
        let first = (self.low / step).ceil() as i64;
        // The number of steps is bounded whatever the scale is.
        (0..20).map(|k| (first + k) as f64 * step).take_while(|t| *t <= self.high + 1e-9 * step).collect()
    }
}

/// A chart under construction.
pub struct Chart {
    x: Scale,
    y: Scale,
    svg: String,
}

impl Chart {
    /// Axes with their names; the labels of values are made by `label`.
    pub fn new(what: &str, x: (Scale, &str, fn(f64) -> String), y: (Scale, &str, fn(f64) -> String)) -> Self {
        let (width, height) = SIZE;
        let mut chart = Self { x: x.0, y: y.0, svg: String::new() };
        let _ = writeln!(
            chart.svg,
            "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
            markup(what)
        );
        let (left, right, top, bottom) = (MARGIN.0, width - MARGIN.2, MARGIN.1, height - MARGIN.3);
        let ticks = x.0.ticks();
        // Where labels would touch, every other one is left out.
        let every = if ticks.len() > 5 && x.0.is_log { 2 } else { 1 };
        for (from_right, value) in ticks.into_iter().rev().enumerate() {
            let at = chart.at(value, y.0.low).0;
            let _ = writeln!(chart.svg, "<path class=\"grid\" d=\"M{at:.1} {top}V{bottom}\"/>");
            let label = if from_right % every == 0 { markup(&x.2(value)) } else { String::new() };
            let _ = writeln!(
                chart.svg,
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                bottom + 18.0
            );
        }
        for value in y.0.ticks() {
            let at = chart.at(x.0.low, value).1;
            let _ = writeln!(chart.svg, "<path class=\"grid\" d=\"M{left} {at:.1}H{right}\"/>");
            let label = markup(&y.2(value));
            let _ = writeln!(
                chart.svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                left - 6.0,
                at + 4.0
            );
        }
        let _ = writeln!(chart.svg, "<path class=\"axis\" d=\"M{left} {top}V{bottom}H{right}\"/>");
        let (middle, base) = ((left + right) / 2.0, height - 8.0);
        let _ = writeln!(chart.svg, "<text x=\"{middle}\" y=\"{base}\" text-anchor=\"middle\">{}</text>", markup(x.1));
        let middle = (top + bottom) / 2.0;
        let _ = writeln!(
            chart.svg,
            "<text transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            markup(y.1)
        );
        chart
    }

    /// The place of values.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (width, height) = (SIZE.0 - MARGIN.0 - MARGIN.2, SIZE.1 - MARGIN.1 - MARGIN.3);
        (MARGIN.0 + width * self.x.share(x), MARGIN.1 + height * (1.0 - self.y.share(y)))
    }

    fn points(&self, values: &[(f64, f64)]) -> String {
        let place = |&(x, y): &(f64, f64)| {
            let (x, y) = self.at(x, y);
            format!("{x:.1},{y:.1}")
        };
        values.iter().map(place).collect::<Vec<_>>().join(" ")
    }

    /// A curve in the color of a class.
    pub fn curve(&mut self, class: &str, values: &[(f64, f64)]) {
        let points = self.points(values);
        let _ = writeln!(self.svg, "<polyline class=\"line {class}\" points=\"{points}\"/>");
    }

    /// The area between a lower and an upper curve.
    pub fn band(&mut self, class: &str, low: &[(f64, f64)], high: &[(f64, f64)]) {
        let around: Vec<_> = low.iter().chain(high.iter().rev()).copied().collect();
        let points = self.points(&around);
        let _ = writeln!(self.svg, "<polygon class=\"band {class}\" points=\"{points}\"/>");
    }

    /// A filled shape.
    pub fn bars(&mut self, class: &str, outline: &[(f64, f64)]) {
        let points = self.points(outline);
        let _ = writeln!(self.svg, "<polygon class=\"bar {class}\" points=\"{points}\"/>");
    }

    /// A dashed line between two values.
    pub fn limit(&mut self, from: (f64, f64), to: (f64, f64)) {
        let points = self.points(&[from, to]);
        let _ = writeln!(self.svg, "<polyline class=\"limit\" points=\"{points}\"/>");
    }

    /// A marked value with a short name beside it: above to the right, or below to the left, where there is room.
    pub fn mark(&mut self, (x, y): (f64, f64), name: &str, below: bool) {
        let (x, y) = self.at(x, y);
        let _ = writeln!(self.svg, "<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>");
        self.name((x, y), name, below);
    }

    /// A name at the upper end of a dashed line.
    pub fn named_limit(&mut self, x: f64, name: &str, row: usize) {
        self.limit((x, self.y.low), (x, self.y.high));
        let (x, y) = self.at(x, self.y.high);
        self.name((x, y + 16.0 + 18.0 * row as f64), name, false);
    }

    fn name(&mut self, (x, y): (f64, f64), name: &str, below: bool) {
        let room = 9.0 * name.chars().count() as f64;
        // Below a falling curve there is room on the left.
        let is_left = x + room + 10.0 > SIZE.0 || (below && x - room - 10.0 > MARGIN.0);
        let (dx, anchor) = if is_left { (-8.0, "end") } else { (8.0, "start") };
        // Nothing stands on the axis.
        let dy = if below && y + 18.0 < SIZE.1 - MARGIN.3 { 17.0 } else { -7.0 };
        let (x, y) = (x + dx, (y + dy).max(MARGIN.1 + 12.0));
        let _ = writeln!(
            self.svg,
            "<text class=\"tag\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            markup(name)
        );
    }

    /// The chart as markup.
    pub fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// The label of a share on a logarithmic axis.
pub fn share(value: f64) -> String {
    let percent = 100.0 * value;
    let digits = (-percent.log10().floor()).max(0.0) as usize;
    match digits {
        _ if !(percent > 0.0 && percent.is_finite()) => "0 %".to_owned(),
        0..=2 => format!("{percent:.digits$} %"),
        _ => format!("{percent:.0e} %"),
    }
}

/// The power of ten below the rate of one comparison of `count`, not below 1e-6.
pub fn floor(count: usize) -> f64 {
    10f64.powf((1.0 / count.max(1) as f64).log10().floor()).clamp(1e-6, 0.01)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_place_and_label_values() {
        let log = Scale { low: 1e-4, high: 1.0, is_log: true };
        assert_eq!(
            log.ticks().iter().map(|t| share(*t)).collect::<Vec<_>>(),
            ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"]
        );
        assert!((log.share(1e-2) - 0.5).abs() < 1e-9 && log.share(0.0) == 0.0 && log.share(f64::INFINITY) == 1.0);
        assert_eq!((share(1e-6), share(0.0), share(f64::NAN)), ("1e-4 %".into(), "0 %".into(), "0 %".into()));
        let plain = Scale { low: -3.0, high: 92.0, is_log: false };
        assert_eq!(plain.ticks(), [0.0, 20.0, 40.0, 60.0, 80.0]);
        let nothing = Scale { low: 5.0, high: 5.0, is_log: false };
        assert!(nothing.ticks().len() <= 20 && nothing.share(5.0) == 0.0);
        assert_eq!((floor(280), floor(2880), floor(0), floor(usize::MAX)), (1e-3, 1e-4, 0.01, 1e-6));
    }
}
