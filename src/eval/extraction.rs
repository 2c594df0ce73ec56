//! Comparison of extracted minutiae with ground truth.

use std::fmt;

pub use super::params::JUDGED_MARGIN;
use super::params::{MATCH_ANGLE, MATCH_DISTANCE};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};

/// Largest difference between a found and a true minutia that count as the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Distance, pixels at 500 ppi.
    pub distance: f32,
    /// Difference of direction, degrees.
    pub angle: f32,
}

impl Default for Tolerance {
    /// 8 pixels (0.41 mm) and 20 degrees.
    fn default() -> Self {
        Self { distance: MATCH_DISTANCE, angle: MATCH_ANGLE }
    }
}

/// Counts and errors, which can be added over images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExtractionCounts {
    /// Minutiae in the ground truth.
    pub truth: usize,
    /// Minutiae found.
    pub found: usize,
    /// Found minutiae that match true ones, one to one.
    pub matched: usize,
    /// Matched minutiae of the same kind (ending or bifurcation), among those with both kinds known.
    pub kind_right: usize,
    /// Matched minutiae with both kinds known.
    pub kind_known: usize,
    /// Sum of squared distances of matched minutiae, pixels squared.
    pub distance_squared: f64,
    /// Sum of squared direction differences of matched minutiae, degrees squared.
    pub angle_squared: f64,
}

impl ExtractionCounts {
    /// Compares found minutiae with true ones: pairs within the tolerance are taken nearest first, each minutia at most
    /// once. `O(truth * found)`.
    ///
    /// ```
    /// use selfsame::eval::extraction::{ExtractionCounts, Tolerance};
    /// use selfsame::geometry::Angle;
    /// use selfsame::{Minutia, MinutiaKind};
    /// let at = |x: f32| Minutia { x, y: 9.0, direction: Angle::default(), kind: MinutiaKind::Ending, quality: 50 };
    /// let counts = ExtractionCounts::compare(&[at(10.0), at(50.0)], &[at(13.0)], Tolerance::default());
    /// assert_eq!((counts.precision(), counts.recall(), counts.position_rms()), (1.0, 0.5, 3.0));
    /// ```
    #[must_use]
    pub fn compare(truth: &[Minutia], found: &[Minutia], tolerance: Tolerance) -> Self {
        let mut close = Vec::new();
        for (t, a) in truth.iter().enumerate() {
            for (f, b) in found.iter().enumerate() {
                let squared = f64::from(a.x - b.x).powi(2) + f64::from(a.y - b.y).powi(2);
                let angle = f64::from(a.direction.difference(b.direction).to_degrees());
                if squared <= f64::from(tolerance.distance).powi(2) && angle.abs() <= f64::from(tolerance.angle) {
                    close.push((squared, angle * angle, t, f));
                }
            }
        }
        close.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
        let mut counts = Self { truth: truth.len(), found: found.len(), ..Self::default() };
        let (mut free_truth, mut free_found) = (vec![true; truth.len()], vec![true; found.len()]);
        for (squared, angle_squared, t, f) in close {
            let (Some(a), Some(b)) = (free_truth.get_mut(t), free_found.get_mut(f)) else { continue };
            if !(*a && *b) {
                continue;
            }
            (*a, *b) = (false, false);
            counts.matched += 1;
            counts.distance_squared += squared;
            counts.angle_squared += angle_squared;
            let kinds = truth.get(t).map(|m| m.kind).zip(found.get(f).map(|m| m.kind));
            if let Some((a, b)) = kinds.filter(|(a, b)| *a != MinutiaKind::Other && *b != MinutiaKind::Other) {
                counts.kind_known += 1;
                counts.kind_right += usize::from(a == b);
            }
        }
        counts
    }

    /// Adds the counts of another image.
    pub fn add(&mut self, other: &Self) {
        self.truth += other.truth;
        self.found += other.found;
        self.matched += other.matched;
        self.kind_right += other.kind_right;
        self.kind_known += other.kind_known;
        self.distance_squared += other.distance_squared;
        self.angle_squared += other.angle_squared;
    }

    /// Share of found minutiae that are true; 0 when none was found.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.matched, self.found)
    }

    /// Share of true minutiae that were found; 0 when there is none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.matched, self.truth)
    }

    /// Harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        share(2 * self.matched, self.found + self.truth)
    }

    /// Root mean square distance of matched minutiae, pixels at 500 ppi; 0 when none matched.
    #[must_use]
    pub fn position_rms(&self) -> f64 {
        (self.distance_squared / self.matched.max(1) as f64).sqrt()
    }

    /// Root mean square difference of direction of matched minutiae, degrees; 0 when none matched.
    #[must_use]
    pub fn angle_rms(&self) -> f64 {
        (self.angle_squared / self.matched.max(1) as f64).sqrt()
    }

    /// Share of matched minutiae of known kind whose kind is right.
    #[must_use]
    pub fn kind_accuracy(&self) -> f64 {
        share(self.kind_right, self.kind_known)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl fmt::Display for ExtractionCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "precision {:.2} %, recall {:.2} %, F1 {:.2} %, position RMS {:.2} px, angle RMS {:.2} degrees, kind right {:.1} %",
            100.0 * self.precision(),
            100.0 * self.recall(),
            100.0 * self.f1(),
            self.position_rms(),
            self.angle_rms(),
            100.0 * self.kind_accuracy()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Angle;

    fn minutia(x: f32, y: f32, degrees: f32, kind: MinutiaKind) -> Minutia {
        Minutia { x, y, direction: Angle::from_degrees(degrees), kind, quality: 50 }
    }

    #[test]
    fn each_minutia_counts_once() {
        let truth = [minutia(50.0, 50.0, 350.0, MinutiaKind::Ending), minutia(54.0, 50.0, 0.0, MinutiaKind::Ending)];
        let found = [
            minutia(53.0, 50.0, 5.0, MinutiaKind::Bifurcation),
            minutia(47.0, 50.0, 0.0, MinutiaKind::Ending),
            minutia(55.0, 50.0, 40.0, MinutiaKind::Ending),
        ];
        let c = ExtractionCounts::compare(&truth, &found, Tolerance::default());
        // The first found is nearest to the second true one (1 px), the second found to the first (3 px, 10 degrees);
        // the third is rotated too far.
        assert_eq!((c.truth, c.found, c.matched, c.kind_right, c.kind_known), (2, 3, 2, 1, 2));
        assert!((c.position_rms() - 5f64.sqrt()).abs() < 1e-6);
        assert!((c.angle_rms() - (62.5f64).sqrt()).abs() < 1e-3);
        assert!((c.f1() - 0.8).abs() < 1e-12);
    }

    #[test]
    fn counts_add_and_nothing_is_zero() {
        let m = minutia(5.0, 5.0, 0.0, MinutiaKind::Other);
        let mut sum = ExtractionCounts::compare(&[m], &[m], Tolerance::default());
        assert_eq!((sum.kind_known, sum.position_rms()), (0, 0.0));
        sum.add(&ExtractionCounts::compare(&[m], &[], Tolerance::default()));
        assert_eq!((sum.precision(), sum.recall()), (1.0, 0.5));
        let none = ExtractionCounts::compare(&[], &[], Tolerance::default());
        assert_eq!((none.precision(), none.recall(), none.f1()), (0.0, 0.0, 0.0));
    }
}
