//! From raw similarity to decibels of false match rate.

use super::params::CALIBRATION;
use crate::score::Score;

/// The calibrated score of a raw similarity: linear between the points of the table, and on beyond the last.
pub(crate) fn score(raw: f32) -> Score {
    let points = &CALIBRATION;
    let mut low = points[0];
    let mut high = points[1];
    for &next in &points[2..] {
        if raw <= high.0 {
            break;
        }
        low = high;
        high = next;
    }
    Score::from_decibels(low.1 + (raw - low.0) * (high.1 - low.1) / (high.0 - low.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_everywhere() {
        let scores: Vec<Score> = (0..4000).map(|i| score(i as f32 * 0.05)).collect();
        assert!(scores.is_sorted());
        assert_eq!(scores[0], Score::ZERO);
        assert!(scores[3999].decibels() > 100.0);
    }
}
