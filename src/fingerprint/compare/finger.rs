//! The modality of fingerprints.

use std::convert::Infallible;

use super::comparison::{Outcome, Scratch, best, score};
use super::model::Features;
use super::packed::FingerReference;
use super::params;
use super::probe::FingerProbe;
use super::segment::FingerSegment;
use crate::fingerprint::template::FingerTemplate;
use crate::modality::{Modality, Ranks, Rows};
use crate::score::Score;

/// The fingerprint modality: minutiae, and ridge flow if both templates have it.
///
/// A score is `-10 * log10(FMR)`; it is measured up to 50 dB and extrapolated beyond. It is the same to the last bit
/// whichever template is the probe, and does not depend on the rotation or position of a print. Templates without ridge
/// flow are compared by minutiae alone. At most 96 minutiae of a template are used, best quality first.
///
/// ```
/// use selfsame::{Comparator, Finger, FingerTemplate, Score};
/// let empty = FingerTemplate::new(388, 374, Vec::new())?;
/// let comparator = Comparator::<Finger>::new();
/// assert_eq!(comparator.compare_templates(&empty, &empty)?, Score::ZERO);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Finger {}

impl Finger {
    /// The raw similarity and the features of the best matching, for hopeless comparisons too.
    #[doc(hidden)]
    pub fn features(
        &self,
        probe: &impl AsRef<FingerReference>,
        reference: &impl AsRef<FingerReference>,
        scratch: &mut Scratch,
    ) -> (f32, Vec<(&'static str, f32)>) {
        let probe = FingerProbe::from(probe.as_ref().clone());
        let (raw, features) = match best(&probe, reference.as_ref().get(), scratch, false) {
            Outcome::Weighed(best) => (best.raw, best.features),
            _ => (params::NO_MATCHING, Features::default()),
        };
        (raw, features.named().collect())
    }
}

impl Modality for Finger {
    type Template = FingerTemplate;
    type Probe = FingerProbe;
    type Reference = FingerReference;
    type Score = Score;
    type Segment = FingerSegment;
    type Scratch = Scratch;
    type Error = Infallible;

    fn rows_per_task(stage: Option<usize>, probes: usize) -> usize {
        match stage {
            Some(0) => params::COARSE_ROWS_PER_TASK,
            _ => (params::ROWS_PER_TASK / probes.max(1)).max(1),
        }
    }

    fn prepare(&self, template: &FingerTemplate) -> Result<FingerProbe, Infallible> {
        Ok(FingerProbe::new(template))
    }

    fn reference(&self, template: &FingerTemplate) -> Result<FingerReference, Infallible> {
        Ok(FingerReference::new(template))
    }

    fn compare(
        &self,
        probe: &FingerProbe,
        reference: &FingerReference,
        scratch: &mut Scratch,
    ) -> Result<Score, Infallible> {
        Ok(score(probe, reference.get(), scratch))
    }

    fn new_segment(&self) -> FingerSegment {
        FingerSegment::default()
    }

    fn check_segment(&self, _: &FingerSegment, _: &FingerReference) -> Result<(), Infallible> {
        Ok(())
    }

    fn value(score: Score) -> f32 {
        score.decibels()
    }

    fn mean(scores: &[Score]) -> Score {
        Score::mean(scores)
    }

    fn compare_row(
        &self,
        probe: &FingerProbe,
        segment: &FingerSegment,
        row: usize,
        scratch: &mut Scratch,
    ) -> Result<Score, Infallible> {
        Ok(segment.row(row).map_or(Score::ZERO, |reference| score(probe, reference, scratch)))
    }

    fn stages(&self) -> usize {
        2
    }

    /// Ranks coarsely by some sections of the descriptors, then by all of them.
    fn rank<R: Ranks>(
        &self,
        stage: usize,
        probes: &[&FingerProbe],
        segment: &FingerSegment,
        rows: Rows<'_>,
        scratch: &mut Scratch,
        ranks: &mut [R],
    ) -> Result<(), Infallible> {
        for (probe, ranks) in probes.iter().zip(ranks) {
            for row in rows.iter() {
                let Some(reference) = segment.row(row) else { break };
                let rank = if stage == 0 {
                    // A row takes less time than a first access to memory, so its words are prefetched some rows ahead.
                    if let Some(next) = segment.row(row + params::SCAN_AHEAD) {
                        next.prefetch(&params::COARSE_SECTIONS);
                    }
                    scratch.coarse.coarse(probe.sought(), reference)
                } else {
                    scratch.coarse.finer(probe.sought(), reference)
                };
                ranks.rank(row, rank);
            }
        }
        Ok(())
    }
}
