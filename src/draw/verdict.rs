//! The score of a comparison in words, and its evidence as a table.

use super::params::{FAINT, GREEN, ROW, TABLE, TEXT, VERMILION};
use super::scene::{Color, Ink, Place, Scene};
use crate::fingerprint::compare::explanation::{Aspect, Basis, Explanation};
use crate::score::{Score, Threshold};

/// Contributions up to this say little, natural logarithms of odds.
const LITTLE: f32 = 2.0;
/// Contributions beyond this say much.
const MUCH: f32 = 6.0;
/// Where numbers end, pixels from the picture's left edge.
const COLUMNS: [f32; 3] = [TABLE - 190.0, TABLE - 110.0, TABLE - 28.0];

/// The score, the decision, and what was found.
pub(super) fn lines(e: &Explanation, threshold: Threshold) -> Vec<String> {
    let decision = if e.score.meets(threshold) { "match" } else { "no match" };
    let rate = match e.score.backed_fmr() {
        Some(fmr) if fmr > 0.4 => "so alike are most prints of different fingers".to_owned(),
        Some(fmr) => format!("so alike is one pair of different fingers in {:.0}", 1.0 / fmr),
        None => "so alike is less than one pair of different fingers in 100000".to_owned(),
    };
    let (score, bar) = (e.score.decibels(), threshold.score().decibels());
    let mut lines = vec![format!("{decision}: {score:.1} dB, threshold {bar:.1} dB"), rate];
    if let Some(alignment) = &e.alignment {
        let (p, r) = e.overlap.minutiae;
        let pairs = e.pairs.len();
        lines.push(format!("{pairs} pairs of {p} and {r} minutiae where both prints show the finger"));
        lines.push(format!(
            "right print turned {}, moved {} and {} pixels (500 ppi), scaled by {:.3}",
            sided(alignment.rotation.to_degrees(), "degrees counter-clockwise", "degrees clockwise"),
            sided(alignment.shift.0, "right", "left"),
            sided(alignment.shift.1, "down", "up"),
            alignment.scale
        ));
    }
    lines.push(format!("decided by {}", e.basis.text()));
    lines
}

/// Draws the table of the evidence, its upper left corner at a place; returns where it ends.
pub(super) fn table(scene: &mut Scene<'_>, e: &Explanation, (left, top): Place) -> f32 {
    let mut y = top;
    if let Some(similarity) = e.similarity {
        for (end, words) in COLUMNS.into_iter().zip(["here", "strangers", "adds"]) {
            scene.number((end, y), words, FAINT);
        }
        scene.text((left, y), "evidence, against what prints of different fingers show on average", FAINT);
        for aspect in Aspect::ALL {
            let mut features = e.evidence.iter().filter(|f| f.aspect == aspect).peekable();
            if features.peek().is_none() {
                continue;
            }
            let sum = e.of_aspect(aspect);
            y += ROW + 5.0;
            scene.line([(left, y - ROW + 3.0), (TABLE - left, y - ROW + 3.0)], Ink::new([215; 3], 1.0));
            scene.heading((left, y), capitalized(aspect.text()), TEXT);
            scene.text((left + 330.0, y), says(sum), color(sum));
            scene.number((COLUMNS[2], y), signed(sum), color(sum));
            for feature in features {
                y += ROW - 2.0;
                scene.text((left + 12.0, y), feature.meaning, FAINT);
                scene.number((COLUMNS[0], y), rounded(feature.value), FAINT);
                scene.number((COLUMNS[1], y), rounded(feature.strangers), FAINT);
                scene.number((COLUMNS[2], y), signed(feature.contribution), FAINT);
            }
        }
        y += ROW + 8.0;
        scene.line([(left, y - ROW + 2.0), (TABLE - left, y - ROW + 2.0)], Ink::new(FAINT, 1.0));
        let (start, added) = (signed(e.strangers), signed(similarity - e.strangers));
        scene.heading(
            (left, y),
            format!("Strangers {start}, evidence {added}: similarity {}", signed(similarity)),
            TEXT,
        );
        y += ROW;
        scene.text((left, y), ending(e.basis, e.score), TEXT);
        y += ROW;
        scene.text(
            (left, y),
            "Numbers that add are natural logarithms of odds. Features overlap: read the sums in bold first.",
            FAINT,
        );
    }
    y + ROW
}

/// How the score follows from the similarity.
fn ending(basis: Basis, score: Score) -> String {
    let score = score.decibels();
    match basis {
        Basis::EndedEarly => format!("The comparison ended before this evidence was weighed, with {score:.1} dB."),
        Basis::Evidence => format!("The calibration of the comparison turns this similarity into {score:.1} dB."),
        _ => format!("The calibration would give more; the score is {score:.1} dB because of {}.", basis.text()),
    }
}

fn says(sum: f32) -> &'static str {
    match sum {
        s if s > MUCH => "speaks strongly for one finger",
        s if s > LITTLE => "speaks for one finger",
        s if s < -MUCH => "speaks strongly for two fingers",
        s if s < -LITTLE => "speaks for two fingers",
        _ => "says little",
    }
}

fn color(sum: f32) -> Color {
    match sum {
        s if s > LITTLE => GREEN,
        s if s < -LITTLE => VERMILION,
        _ => FAINT,
    }
}

/// A size and the side that its sign means.
fn sided(value: f32, positive: &str, negative: &str) -> String {
    format!("{:.0} {}", value.abs(), if value < 0.0 { negative } else { positive })
}

fn signed(value: f32) -> String {
    format!("{value:+.1}")
}

/// As many digits as tell something.
fn rounded(value: f32) -> String {
    if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_sign_and_size() {
        assert_eq!([9.0, 3.0, 0.2, -3.0, -9.0, f32::NAN].map(says).map(|s| s.len()), [30, 21, 11, 22, 31, 11]);
        assert_eq!(
            (signed(2.04), signed(-2.06), rounded(12.345), rounded(0.456)),
            ("+2.0".into(), "-2.1".into(), "12.3".into(), "0.46".into())
        );
        assert_eq!((sided(-3.4, "right", "left"), sided(0.0, "down", "up")), ("3 left".into(), "0 down".into()));
        assert_eq!((capitalized("how"), capitalized("")), ("How".into(), String::new()));
    }
}
