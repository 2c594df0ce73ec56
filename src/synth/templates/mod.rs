//! Minutiae templates without pictures, for galleries of 10^5 to 10^6.
//!
//! Minutiae are a hard-core process in an ellipse and follow the orientation field of a finger of a natural class, so
//! that impostors share patterns as real fingers do (random directions would make every false match rate too low).

mod params;
mod points;
mod variant;

pub use variant::Variation;

use self::params::{COUNT, COUNT_RANGE, FRAME, HARD_CORE, TRIES};
use self::points::{in_area, minutia};
use super::print::layout::Layout;
use super::print::orientation::orientation;
use super::random::{Purpose, Stream};
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::template::FingerTemplate;

/// Makes minutiae templates of a gallery and of probes that show the same fingers.
///
/// Template `i` depends only on the seed and `i`. Cost: about 10 microseconds each.
///
/// ```
/// use selfsame::synth::TemplateGenerator;
/// let generator = TemplateGenerator::new(1);
/// let enrolled = generator.reference(1_000_000);
/// let again = generator.probe(1_000_000, 0);
/// assert_eq!(enrolled, TemplateGenerator::new(1).reference(1_000_000));
/// assert!(again.minutiae().len() > 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateGenerator {
    seed: u64,
    variation: Variation,
}

impl TemplateGenerator {
    /// A generator whose probes vary by [`Variation::default`].
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, variation: Variation::default() }
    }

    /// The same with another variation of probes.
    #[must_use]
    pub fn with_variation(mut self, variation: Variation) -> Self {
        self.variation = variation;
        self
    }

    /// The enrolled template of finger `i`.
    #[must_use]
    pub fn reference(&self, i: u64) -> FingerTemplate {
        template(self.minutiae(i))
    }

    /// Probe `k` of finger `i`: another impression of [`TemplateGenerator::reference`].
    #[must_use]
    pub fn probe(&self, i: u64, k: u64) -> FingerTemplate {
        let mut random = Stream::new(self.seed, Purpose::Probe, i, k);
        template(variant::vary(&self.minutiae(i), &self.variation, &mut random))
    }

    /// Minutiae of finger `i`.
    fn minutiae(&self, i: u64) -> Vec<Minutia> {
        let mut random = Stream::new(self.seed, Purpose::Reference, i, 0);
        let (width, height) = (FRAME.0 as f32, FRAME.1 as f32);
        let layout = Layout::draw(&mut random, width, height);
        let wanted = (COUNT.0 + COUNT.1 * random.normal()).clamp(COUNT_RANGE.0, COUNT_RANGE.1) as usize;
        let mut minutiae: Vec<Minutia> = Vec::with_capacity(wanted);
        for _ in 0..wanted * TRIES {
            if minutiae.len() == wanted {
                break;
            }
            let (x, y) = in_area(&mut random);
            if minutiae.iter().all(|m| (m.x - x) * (m.x - x) + (m.y - y) * (m.y - y) >= HARD_CORE * HARD_CORE) {
                let axis = orientation(&layout, width, height, x, y);
                minutiae.push(minutia(&mut random, x, y, axis));
            }
        }
        minutiae
    }
}

/// A template of minutiae that lie in the frame.
fn template(minutiae: Vec<Minutia>) -> FingerTemplate {
    FingerTemplate::new(FRAME.0, FRAME.1, minutiae)
        .unwrap_or_else(|_| unreachable!("counts are bounded by COUNT_RANGE and positions by FRAME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_the_documented_shape() {
        let generator = TemplateGenerator::new(5);
        let mut total = 0;
        for i in 0..200 {
            let t = generator.reference(i);
            total += t.minutiae().len();
            for (n, a) in t.minutiae().iter().enumerate() {
                for b in &t.minutiae()[..n] {
                    assert!((a.x - b.x).powi(2) + (a.y - b.y).powi(2) >= HARD_CORE * HARD_CORE);
                }
            }
        }
        let mean = total as f32 / 200.0;
        assert!((mean - COUNT.0).abs() < 3.5, "{mean}");
        assert_ne!(generator.reference(0), generator.reference(1));
        assert_ne!(generator.reference(0), TemplateGenerator::new(6).reference(0));
    }

    #[test]
    fn a_probe_without_variation_is_the_reference() {
        let generator = TemplateGenerator::new(5).with_variation(Variation::none());
        for i in 0..20 {
            let (a, b) = (generator.reference(i), generator.probe(i, 3));
            assert_eq!(a.minutiae().len(), b.minutiae().len());
            for (m, n) in a.minutiae().iter().zip(b.minutiae()) {
                assert!((m.x - n.x).abs() < 1e-3 && (m.y - n.y).abs() < 1e-3);
                assert!(m.direction.difference(n.direction).abs() < 1e-3 && m.kind == n.kind);
            }
        }
    }

    #[test]
    fn probes_keep_most_minutiae_and_add_false_ones() {
        let generator = TemplateGenerator::new(8);
        let (mut enrolled, mut probed) = (0, 0);
        for i in 0..300 {
            enrolled += generator.reference(i).minutiae().len();
            probed += generator.probe(i, 0).minutiae().len();
        }
        // 0.8 overlap on average times 0.8 kept plus 0.15 of that false.
        let share = probed as f32 / enrolled as f32;
        assert!((0.66..0.80).contains(&share), "{share}");
        assert_ne!(generator.probe(0, 0), generator.probe(0, 1));
        assert_eq!(generator.probe(7, 1), generator.probe(7, 1));
    }
}
