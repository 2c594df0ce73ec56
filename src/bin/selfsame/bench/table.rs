//! The table of a benchmark, as text and as JSON, and the growth of its searches.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::clock::Timing;
use crate::outcome::number;

/// A line.
pub struct Row {
    name: String,
    value: String,
    least: String,
    note: String,
    json: Value,
}

impl Row {
    pub fn time(name: impl Into<String>, timing: Timing) -> Self {
        let Timing { least, median, late, runs } = timing;
        let name = name.into();
        let json = json!({
            "name": name, "unit": "seconds", "median": median, "least": least, "p99": late, "runs": runs,
        });
        Self { name, value: duration(median), least: format!("least {}", duration(least)), note: String::new(), json }
    }

    pub fn rate(name: impl Into<String>, value: f64, unit: &str) -> Self {
        let name = name.into();
        let json = json!({ "name": name, "unit": unit, "value": number(value as f32) });
        let value = if value < 100.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") };
        Self { name, value, least: String::new(), note: String::new(), json }
    }

    pub fn count(name: impl Into<String>, value: usize, unit: &str) -> Self {
        let name = name.into();
        let json = json!({ "name": name, "unit": unit, "value": value });
        Self { name, value: format!("{value} {unit}"), least: String::new(), note: String::new(), json }
    }

    /// What could not be measured, and why.
    pub fn missing(text: impl Into<String>) -> Self {
        let name = text.into();
        Self {
            json: json!({ "left_out": name }),
            name,
            value: String::new(),
            least: String::new(),
            note: String::new(),
        }
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// Seconds in a unit that shows three digits.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", 1e3 * s),
        s => format!("{:.2} us", 1e6 * s),
    }
}

/// Sizes and seconds of one kind of search.
pub type Curve = (String, Vec<(f64, f64)>);

#[derive(Default)]
pub struct Table {
    parts: Vec<(String, Vec<Row>)>,
    curves: Vec<Curve>,
}

impl Table {
    pub fn title(&mut self, title: impl Into<String>) {
        self.parts.push((title.into(), Vec::new()));
    }

    pub fn add(&mut self, row: Row) {
        if let Some((_, rows)) = self.parts.last_mut() {
            rows.push(row);
        }
    }

    /// A point of the curve of this name.
    pub fn point(&mut self, name: &str, size: f64, seconds: f64) {
        match self.curves.iter_mut().find(|(known, _)| known == name) {
            Some((_, points)) => points.push((size, seconds)),
            None => self.curves.push((name.to_owned(), vec![(size, seconds)])),
        }
    }

    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for (title, rows) in &self.parts {
            let _ = writeln!(text, "\n{title}");
            for Row { name, value, least, note, .. } in rows {
                let line = format!("  {name:<48} {value:>14}   {least:<18} {note}");
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        let grown: Vec<String> =
            self.growth().map(|(name, exponent)| format!("  {name:<44} N^{exponent:.2}\n")).collect();
        if !grown.is_empty() {
            let _ = write!(text, "\ngrowth of the time with the number of people\n{}", grown.concat());
        }
        text
    }

    /// The exponents of curves of two sizes and more.
    fn growth(&self) -> impl Iterator<Item = (&str, f64)> {
        self.curves
            .iter()
            .filter(|(_, points)| points.len() > 1)
            .map(|(name, points)| (name.as_str(), exponent(points)))
    }

    pub fn json(&self) -> Value {
        let parts = self.parts.iter().map(|(title, rows)| {
            json!({ "title": title, "rows": rows.iter().map(|row| row.json.clone()).collect::<Vec<_>>() })
        });
        let growth = self.growth().map(|(name, exponent)| json!({ "name": name, "exponent": exponent }));
        json!({ "parts": parts.collect::<Vec<_>>(), "growth": growth.collect::<Vec<_>>() })
    }
}

/// The slope of a straight line through the logarithms, by least squares.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(size, seconds)| (size.ln(), seconds.ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let (over, under) =
        logs.iter().fold((0.0, 0.0), |(over, under), p| (over + (p.0 - x) * (p.1 - y), under + (p.0 - x) * (p.0 - x)));
    over / under
}
