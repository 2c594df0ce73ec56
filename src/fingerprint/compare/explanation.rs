//! What a comparison found, for people who must say why two prints matched or not.

use std::fmt;

use crate::score::Score;

/// Why a comparison of two prints has its score: the result of [`Comparator::explain`](crate::Comparator::explain).
///
/// It holds positions and minutiae of both prints, so it is as sensitive as they are; `Debug` shows only counts.
///
/// ```
/// use selfsame::fingerprint::compare::explanation::Basis;
/// use selfsame::{Comparator, Finger, FingerTemplate};
/// let empty = FingerTemplate::new(388, 374, Vec::new())?;
/// let explanation = Comparator::<Finger>::new().explain(&empty, &empty);
/// assert_eq!(explanation.basis, Basis::NothingInCommon);
/// assert!(explanation.pairs.is_empty() && explanation.evidence.is_empty());
/// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The score, exactly that of a comparison.
    pub score: Score,
    /// What decided the score.
    pub basis: Basis,
    /// How the reference lies on the probe; `None` when there is nothing in common.
    pub alignment: Option<Alignment>,
    /// The minutiae that coincide, the best pairs first; each minutia is in one pair at most.
    pub pairs: Vec<MatchedPair>,
    /// The part of the finger that both prints show.
    pub overlap: Overlap,
    /// The evidence, feature by feature, without those that do not count; empty when there is nothing in common.
    pub evidence: Vec<Evidence>,
    /// The similarity of two typical prints of different fingers, in natural logarithms of odds: what all contributions are
    /// added to.
    pub strangers: f32,
    /// The similarity, in natural logarithms of odds: `strangers` and all contributions. A table turns it into the score
    /// ([`fingerprint::compare`](crate::fingerprint::compare)). `None` when there is nothing in common.
    pub similarity: Option<f32>,
}

impl Explanation {
    /// What the features about one aspect add together, in natural logarithms of odds: positive speaks for one finger.
    ///
    /// ```
    /// use selfsame::fingerprint::compare::explanation::Aspect;
    /// use selfsame::{Comparator, Finger, FingerTemplate};
    /// let empty = FingerTemplate::new(388, 374, Vec::new())?;
    /// let explanation = Comparator::<Finger>::new().explain(&empty, &empty);
    /// assert_eq!(Aspect::ALL.map(|aspect| explanation.of_aspect(aspect)), [0.0; 7]);
    /// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
    /// ```
    #[must_use]
    pub fn of_aspect(&self, aspect: Aspect) -> f32 {
        // A sum of nothing would be negative zero.
        self.evidence.iter().filter(|e| e.aspect == aspect).fold(0.0, |sum, e| sum + e.contribution)
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.pairs.len();
        f.debug_struct("Explanation").field("basis", &self.basis).field("pairs", &pairs).finish_non_exhaustive()
    }
}

/// What decided a score.
///
/// ```
/// use selfsame::fingerprint::compare::explanation::Basis;
/// assert_eq!(Basis::Evidence.text(), "the evidence, as it adds up");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// No minutiae of the two prints could be laid on one another: the score is 0.
    NothingInCommon,
    /// The comparison recognized early that it cannot become a match, and ended with a low score. The evidence is what it would have
    /// found; it does not add up to this score.
    EndedEarly,
    /// The evidence, by the table.
    Evidence,
    /// The evidence says more than so few minutiae can: their number bounds the score.
    FewMinutiae,
    /// The minutiae of a print all point the same way, as on no finger, which lowers the score.
    AlikeDirections,
}

impl Basis {
    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NothingInCommon => "no part of one print could be laid on the other",
            Self::EndedEarly => "a first look, which was enough to tell that these cannot match",
            Self::Evidence => "the evidence, as it adds up",
            Self::FewMinutiae => "the number of minutiae, too few for a higher score",
            Self::AlikeDirections => "minutiae that all point the same way, which lowers the score",
        }
    }
}

/// How the reference lies on the probe.
///
/// ```
/// # use selfsame::{Comparator, Finger, synth::TemplateGenerator};
/// # let print = TemplateGenerator::new(1).reference(0);
/// // A print lies on itself as it is.
/// let alignment = Comparator::<Finger>::new().explain(&print, &print).alignment.unwrap();
/// assert!(alignment.rotation.abs() < 0.01 && alignment.shift.0.hypot(alignment.shift.1) < 1.0);
/// let (x, y) = alignment.apply(100.0, 50.0);
/// assert!((x - 100.0).hypot(y - 50.0) < 1.0);
/// ```
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Alignment {
    /// Rotation of the reference, radians in `-pi..=pi`, counter-clockwise as displayed.
    pub rotation: f32,
    /// How the middle of the pairs moves from the reference to the probe, pixels at 500 ppi: right, down.
    pub shift: (f32, f32),
    /// Scale of the reference; skin and sensors leave it between 0.9 and 1.11.
    pub scale: f32,
    /// `x` of the probe is `m[0] x + m[1] y + m[2]` of the reference, its `y` is `m[3] x + m[4] y + m[5]`.
    pub(super) map: [f32; 6],
}

impl Alignment {
    /// The place on the probe of a place on the reference, both in pixels at 500 ppi, y downwards: rotation, shift, scale and
    /// shear. The local stretch of the skin, by which [`MatchedPair::distance`] is smaller, is left out.
    #[must_use]
    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let m = &self.map;
        (m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5])
    }
}

impl fmt::Debug for Alignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alignment").finish_non_exhaustive()
    }
}

/// Two minutiae that coincide.
///
/// ```
/// # use selfsame::{Comparator, Finger, synth::TemplateGenerator};
/// # let print = TemplateGenerator::new(1).reference(0);
/// let pair = Comparator::<Finger>::new().explain(&print, &print).pairs[0];
/// assert_eq!(print.minutiae()[pair.probe], print.minutiae()[pair.reference]);
/// assert!(pair.agreement > 0.99);
/// ```
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MatchedPair {
    /// Index in the probe's minutiae.
    pub probe: usize,
    /// Index in the reference's minutiae.
    pub reference: usize,
    /// Distance after alignment and local stretch, pixels at 500 ppi, at most 11.
    pub distance: f32,
    /// Difference of the directions after alignment, radians, at most 0.5.
    pub angle: f32,
    /// Similarity of the minutiae around the two, 0..=1; different fingers have 0.4 on average.
    pub surroundings: f32,
    /// How well the two lie on one another, 0..=1: 1 in the same place and direction, 0 at the limits above.
    pub agreement: f32,
}

impl fmt::Debug for MatchedPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchedPair").finish_non_exhaustive()
    }
}

/// The part of the finger that both prints show, as far as their minutiae reach.
///
/// ```
/// # use selfsame::{Comparator, Finger, synth::TemplateGenerator};
/// # let print = TemplateGenerator::new(1).reference(0);
/// let overlap = Comparator::<Finger>::new().explain(&print, &print).overlap;
/// assert_eq!(overlap.probe.len(), overlap.reference.len());
/// assert!(overlap.minutiae.0 > 10);
/// ```
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Overlap {
    /// Corners of the region in the probe, pixels at 500 ppi, y downwards; empty when it has no area.
    pub probe: Vec<(f32, f32)>,
    /// The same corners in the reference.
    pub reference: Vec<(f32, f32)>,
    /// Minutiae of the probe and of the reference in the region or up to 6 pixels outside, and those of pairs.
    pub minutiae: (usize, usize),
}

impl fmt::Debug for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlap").field("minutiae", &self.minutiae).finish_non_exhaustive()
    }
}

/// One feature of a matching, and what it says.
///
/// The features overlap, so one alone can say the opposite of what it seems to: read sums of an [`Aspect`] first.
///
/// ```
/// # use selfsame::{Comparator, Finger, synth::TemplateGenerator};
/// # let print = TemplateGenerator::new(1).reference(0);
/// let explanation = Comparator::<Finger>::new().explain(&print, &print);
/// let e = explanation.evidence.iter().find(|e| e.name == "mean_angle").unwrap();
/// assert_eq!(e.meaning, "Mean difference of directions, radians");
/// assert!(e.value < e.strangers && e.contribution > 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// Name in the model.
    pub name: &'static str,
    /// What it is about.
    pub aspect: Aspect,
    /// Its meaning and unit.
    pub meaning: &'static str,
    /// Its value.
    pub value: f32,
    /// Its mean among prints of different fingers.
    pub strangers: f32,
    /// What one unit adds, in natural logarithms of odds.
    pub weight: f32,
    /// `(value - strangers) * weight`: positive speaks for one finger, negative for two.
    pub contribution: f32,
}

/// What features are about.
///
/// ```
/// use selfsame::fingerprint::compare::explanation::Aspect;
/// assert_eq!(Aspect::RidgeFlow.text(), "how alike the ridges run");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// How many minutiae agree.
    Number,
    /// How much agrees of what should, because both prints show it.
    Share,
    /// How closely the pairs lie on one another.
    Fit,
    /// How alike the surroundings of the pairs are.
    Surroundings,
    /// How well the pairs keep their arrangement.
    Arrangement,
    /// Whether endings lie on endings, and forks on forks.
    Kinds,
    /// How alike the ridges run, apart from minutiae.
    RidgeFlow,
}

impl Aspect {
    /// All aspects.
    pub const ALL: [Self; 7] =
        [Self::Number, Self::Share, Self::Fit, Self::Surroundings, Self::Arrangement, Self::Kinds, Self::RidgeFlow];

    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Number => "how many minutiae agree",
            Self::Share => "how much of the overlap agrees",
            Self::Fit => "how closely the pairs coincide",
            Self::Surroundings => "how alike their surroundings are",
            Self::Arrangement => "how well they keep their arrangement",
            Self::Kinds => "endings on endings, forks on forks",
            Self::RidgeFlow => "how alike the ridges run",
        }
    }
}
