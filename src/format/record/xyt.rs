//! NBIS minutiae as text, one line `x y theta quality` each, in two conventions.
//!
//! NIST: y from the bottom, theta in whole degrees, opposite to this crate's direction. M1: y from the top, theta in units of 2
//! degrees, this crate's direction. The file states neither the convention nor the image's size.

use super::model::{Record, RecordKind, RecordMinutia, View};
use super::number::{half_degrees, round_u16, whole_degrees};
use crate::fingerprint::template::FingerTemplate;
use crate::format::error::FormatError;
use crate::geometry::Angle;
use crate::limits::Limits;

/// Usual length of a line, bytes.
const LINE: usize = 16;
/// Longest first line that detection looks at, bytes.
const LONGEST_LINE: usize = 32;

/// Whether the first line holds three or four whole numbers.
pub(super) fn detect(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(LONGEST_LINE)).unwrap_or_default();
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    std::str::from_utf8(line).is_ok_and(|line| fields(line, 1).is_ok())
}

fn fields(line: &str, number: usize) -> Result<(u16, u16, u16, u8), FormatError> {
    let bad = |reason| FormatError::Line { line: number, reason };
    let mut words = line.split_ascii_whitespace();
    let mut next = |reason| words.next().and_then(|w| w.parse::<u16>().ok()).ok_or(bad(reason));
    let (x, y) = (next("x is not a whole number")?, next("y is not a whole number")?);
    let theta = next("theta is not a whole number")?;
    let quality = match words.next() {
        None => 0,
        Some(word) => {
            word.parse().ok().filter(|q| *q <= FingerTemplate::MAX_QUALITY).ok_or(bad("the quality is not 0 to 100"))?
        }
    };
    if words.next().is_some() {
        return Err(bad("too many fields"));
    }
    if x > FingerTemplate::MAX_COORDINATE || y > FingerTemplate::MAX_COORDINATE {
        return Err(bad("a position is out of range"));
    }
    Ok((x, y, theta, quality))
}

pub(super) fn decode(bytes: &[u8], m1: bool, limits: &Limits) -> Result<Record, FormatError> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|b| **b == b'\n').count().saturating_add(1);
        FormatError::Line { line, reason: "not text" }
    })?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(i, l)| (i.saturating_add(1), l)) {
        if line.trim().is_empty() {
            continue;
        }
        let row = fields(line, number)?;
        if row.2 >= if m1 { 180 } else { 360 } {
            return Err(FormatError::Line { line: number, reason: "theta is out of range" });
        }
        rows.push(row);
        limits.check_minutiae(rows.len())?;
    }
    // The height is unknown, so the smallest one that holds all minutiae is taken.
    let side = |of: fn(&(u16, u16, u16, u8)) -> u16| rows.iter().map(of).max().unwrap_or(0);
    let (x_most, y_most) = (side(|r| r.0), side(|r| r.1));
    let height = if m1 { y_most.saturating_add(1) } else { y_most.max(1) };
    let minutia = |&(x, y, theta, quality): &(u16, u16, u16, u8)| RecordMinutia {
        x: x.into(),
        y: if m1 { f32::from(y) } else { f32::from(height.saturating_sub(y)) },
        direction: Angle::from_degrees(if m1 { 2.0 * f32::from(theta) + 1.0 } else { f32::from(theta) + 180.0 }),
        kind: RecordKind::Other,
        quality,
        reserved: 0,
    };
    let minutiae = rows.iter().map(minutia).collect();
    let width = u32::from(x_most).saturating_add(1);
    let view = View { width, height: height.into(), minutiae, ..View::default() };
    Ok(Record { views: vec![view], ..Record::default() })
}

pub(super) fn encode(record: &Record, m1: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(view_len(record).saturating_mul(LINE));
    let none = View::default();
    let view = record.views.first().unwrap_or(&none);
    // Readers reject larger numbers, so the lowest rows of a taller image are left out; its size is lost anyway.
    let height = u16::try_from(view.height).unwrap_or(u16::MAX).min(FingerTemplate::MAX_COORDINATE);
    let lowest = view.minutiae.iter().fold(height, |most, m| most.max(round_u16(m.y)));
    for m in &view.minutiae {
        let (x, y) = (round_u16(m.x), round_u16(m.y));
        let (y, theta) = match m1 {
            true => (y, half_degrees(m.direction)),
            false => (lowest.saturating_sub(y), whole_degrees(m.direction.turned(std::f32::consts::PI))),
        };
        for (number, end) in
            [(x, b' '), (y, b' '), (theta, b' '), (u16::from(m.quality.min(FingerTemplate::MAX_QUALITY)), b'\n')]
        {
            decimal(&mut out, number);
            out.push(end);
        }
    }
    out
}

fn view_len(record: &Record) -> usize {
    record.views.first().map_or(0, |view| view.minutiae.len())
}

/// Appends a number in decimal digits.
fn decimal(out: &mut Vec<u8>, number: u16) {
    let mut digits = [0; 5];
    let (mut left, mut count) = (number, 0usize);
    for digit in digits.iter_mut().rev() {
        *digit = b'0'.saturating_add(u8::try_from(left.rem_euclid(10)).unwrap_or(0));
        left = left.div_euclid(10);
        count = count.saturating_add(1);
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.split_at(digits.len().saturating_sub(count)).1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        for number in 0..=u16::MAX {
            let mut out = Vec::new();
            decimal(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
