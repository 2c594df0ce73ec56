//! Identification and verification.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::AtomicBool;

use super::attempts::{Attempts, Row};
use super::error::GalleryError;
use super::handle::Gallery;
use super::log::{Event, EventKind, Outcome, now};
use super::params::EXTRA_CANDIDATES;
use super::people::{Entry, Prepared};
use super::record::{Place, What};
use super::samples::Samples;
use crate::face::compare::{Cosine, CosineCalibration, Face};
use crate::fingerprint::compare::Finger;
use crate::fingerprint::position::FingerPosition;
use crate::fusion;
use crate::index::{Mode, Search};
use crate::modality::{Comparator, Modality};
use crate::score::{Fmr, Score, Threshold};
use crate::subject::SubjectId;

/// The options of a search.
///
/// ```
/// use selfsame::Fmr;
/// use selfsame::gallery::GallerySearch;
/// let search = GallerySearch::top(5).at_fpir(Fmr::new(1e-2)?);
/// # Ok::<(), selfsame::score::FmrError>(())
/// ```
#[derive(Clone)]
pub struct GallerySearch<'a> {
    top: usize,
    least: Least,
    mode: Mode,
    filter: Option<&'a (dyn Fn(&SubjectId) -> bool + Sync)>,
    cancel: Option<&'a AtomicBool>,
}

#[derive(Clone, Copy, Debug)]
enum Least {
    Nothing,
    Score(Score),
    Fpir(Fmr),
}

impl<'a> GallerySearch<'a> {
    /// Searches for the best `count` subjects, whatever their scores.
    #[must_use]
    pub fn top(count: usize) -> Self {
        Self { top: count, least: Least::Nothing, mode: Mode::Exact, filter: None, cancel: None }
    }

    /// Leaves out subjects below this score.
    #[must_use]
    pub fn at_least(mut self, score: Score) -> Self {
        self.least = Least::Score(score);
        self
    }

    /// Leaves out subjects below the score that a stranger reaches in this share of the searches, whatever the size of
    /// the gallery.
    #[must_use]
    pub fn at_fpir(mut self, fpir: Fmr) -> Self {
        self.least = Least::Fpir(fpir);
        self
    }

    /// Sets how fingers are searched; by default all are compared in full.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Leaves out subjects for which the filter is false.
    #[must_use]
    pub fn filter(mut self, filter: &'a (dyn Fn(&SubjectId) -> bool + Sync)) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Ends the search with [`GalleryError::Canceled`] soon after `flag` becomes true. The log says that it was tried.
    #[must_use]
    pub fn cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }
}

impl fmt::Debug for GallerySearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("GallerySearch");
        shown.field("top", &self.top).field("least", &self.least).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// A subject that a search found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Identified {
    /// The subject.
    pub subject: SubjectId,
    /// The fused score of all given samples, as `-10 * log10(FMR)` of one comparison of two people; `None` in a gallery
    /// that reports only decisions.
    pub score: Option<Score>,
}

/// The result of a comparison with one subject.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Verified {
    /// The fused score of all given samples, as `-10 * log10(FMR)`; `None` in a gallery that reports only decisions.
    pub score: Option<Score>,
    /// Whether the score reaches the threshold.
    pub matched: bool,
}

/// The prepared samples of a probe.
struct Probes<'a> {
    fingers: Vec<(FingerPosition, <Finger as Modality>::Probe)>,
    faces: Vec<<Face as Modality>::Probe>,
    calibration: Option<&'a CosineCalibration>,
}

/// An attempt that counts as in progress until it is dropped.
struct Attempt<'a> {
    gallery: &'a Gallery,
    rows: Vec<Row>,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.gallery.ledger().end_attempt(&self.rows);
    }
}

impl Gallery {
    /// Compares samples with those of one subject. Each sample counts with its best comparison among the subject's
    /// samples of its kind, corrected for their number ([`fusion::best_of`]); several samples are treated as
    /// independent evidence ([`fusion::independent`]). A finger that the subject has not enrolled is left out. The log
    /// records the decision durably before it is returned.
    ///
    /// **Fusion adds evidence; it does not require that every sample matches.** A strong finger with the face of somebody
    /// else can reach the threshold. Where each sample must match, verify each on its own. A face may score beyond what
    /// backs its calibration ([`CosineCalibration::backed_to`]).
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`], [`GalleryError::NoSample`], [`GalleryError::NoCalibration`] when there are
    /// faces to compare without a calibration, [`GalleryError::Limited`] after too many failed attempts, and an error
    /// when the files cannot be read or written.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn verify(&self, subject: &SubjectId, probe: &Samples, threshold: Threshold) -> Result<Verified, GalleryError> {
        let probes = self.probes(probe)?;
        let event = self.event(EventKind::Verify);
        let Some(entry) = self.shared.people.get(subject) else {
            let attempt = self.attempt(&event)?;
            self.record(event.outcome(Outcome::Refused))?;
            drop(attempt);
            return Err(GalleryError::UnknownSubject);
        };
        let event = event.subject(entry.uid);
        let attempt = self.attempt(&event)?;
        let score = probes.judge(&entry)?;
        let matched = score.meets(threshold);
        let outcome = if matched { Outcome::Match } else { Outcome::NoMatch };
        self.record(event.outcome(outcome).score(score))?;
        drop(attempt);
        Ok(Verified { score: self.told(score), matched })
    }

    /// The subjects most similar to the samples, best first; equal scores are ordered by name. Scores are those of
    /// [`Gallery::verify`]. With one sample this is the result of comparing it with everyone (in [`Mode::Exact`]); with
    /// several, the best candidates of each sample are compared by all. The log records the search as the
    /// [`LogPolicy`](super::LogPolicy) says; where attempts are limited, a search that finds nobody is recorded before
    /// it returns.
    ///
    /// # Errors
    /// [`GalleryError::NoSample`], [`GalleryError::NoCandidates`], [`GalleryError::NoCalibration`],
    /// [`GalleryError::NoThreshold`], [`GalleryError::Limited`], [`GalleryError::Canceled`], and an error when the files cannot be read or written.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn identify(&self, probe: &Samples, search: &GallerySearch<'_>) -> Result<Vec<Identified>, GalleryError> {
        if search.top == 0 {
            return Err(GalleryError::NoCandidates);
        }
        if self.shared.decisions_only && matches!(search.least, Least::Nothing) {
            return Err(GalleryError::NoThreshold);
        }
        let probes = self.probes(probe)?;
        let event = self.event(EventKind::Identify);
        let attempt = self.attempt(&event)?;
        let mut found = match self.ranked(probe, &probes, search) {
            Err(GalleryError::Canceled) => {
                self.note(event.outcome(Outcome::Failed))?;
                return Err(GalleryError::Canceled);
            }
            found => found?,
        };
        found.truncate(search.top);
        let outcome = match (&search.least, found.is_empty()) {
            (Least::Nothing, _) => Outcome::Done,
            (_, false) => Outcome::Match,
            (_, true) => Outcome::NoMatch,
        };
        let mut event = event.outcome(outcome).count(found.len());
        if let Some((subject, score)) = found.first() {
            event = event.score(*score);
            if let Some(entry) = self.shared.people.get(subject) {
                event = event.subject(entry.uid);
            }
        }
        // Waiting events are not counted yet.
        let counts = self.shared.limit.is_some() && Attempts::failed(&event) == Some(true);
        if counts { self.record(event) } else { self.note(event) }?;
        drop(attempt);
        Ok(found.into_iter().map(|(subject, score)| Identified { subject, score: self.told(score) }).collect())
    }

    fn ranked(
        &self,
        probe: &Samples,
        probes: &Probes<'_>,
        search: &GallerySearch<'_>,
    ) -> Result<Vec<(SubjectId, Score)>, GalleryError> {
        let least = match search.least {
            Least::Nothing => Score::ZERO,
            Least::Score(score) => score,
            Least::Fpir(fpir) => Threshold::at_fpir(fpir, self.len()).score(),
        };
        let mut found = Vec::new();
        for (subject, best) in self.candidates(probe, probes, search)? {
            // The subject was removed after it was found.
            let Some(entry) = self.shared.people.get(&subject) else { continue };
            let score = match best {
                Some((best, of)) => {
                    let count = entry.records.iter().filter(|kept| of.holds(kept.place)).count();
                    if count == 0 {
                        continue;
                    }
                    fusion::best_of(&vec![best; count])
                }
                None => probes.judge(&entry)?,
            };
            if score >= least {
                found.push((subject, score));
            }
        }
        found.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
        Ok(found)
    }

    /// The score, unless only decisions are reported.
    fn told(&self, score: Score) -> Option<Score> {
        (!self.shared.decisions_only).then_some(score)
    }

    /// Begins an attempt, unless too many have failed; the log records the refusal.
    fn attempt(&self, event: &Event) -> Result<Option<Attempt<'_>>, GalleryError> {
        let Some(limit) = &self.shared.limit else { return Ok(None) };
        let subject = event.subject.map(Row::Subject);
        let rows: Vec<Row> = subject.into_iter().chain([Row::of_actor(&event.actor)]).collect();
        let begun = self.ledger().begin_attempt(limit, &rows, now());
        if begun.is_err() {
            self.note(event.clone().outcome(Outcome::Limited))?;
        }
        begun.map(|()| Some(Attempt { gallery: self, rows }))
    }

    fn probes(&self, probe: &Samples) -> Result<Probes<'_>, GalleryError> {
        if probe.is_empty() {
            return Err(GalleryError::NoSample);
        }
        self.check_samples(probe)?;
        let (finger, face) = (Comparator::<Finger>::new(), Comparator::<Face>::new());
        let mut fingers = Vec::with_capacity(probe.fingers.len());
        for (position, template) in &probe.fingers {
            let Ok(prepared) = finger.prepare(template);
            fingers.push((*position, prepared));
        }
        let faces = probe.faces.iter().map(|embedding| face.prepare(embedding));
        let faces = faces.collect::<Result<Vec<_>, _>>()?;
        let calibration = self.shared.calibration.as_ref();
        if !faces.is_empty() && calibration.is_none() {
            return Err(GalleryError::NoCalibration);
        }
        Ok(Probes { fingers, faces, calibration })
    }

    /// Subjects that may be among the best; for a single sample, with the best score of the subject's references.
    fn candidates(
        &self,
        probe: &Samples,
        probes: &Probes<'_>,
        search: &GallerySearch<'_>,
    ) -> Result<Vec<(SubjectId, Option<Single>)>, GalleryError> {
        let count = search.top.saturating_add(EXTRA_CANDIDATES);
        let mut found = Vec::new();
        for (position, prepared) in &probes.fingers {
            let fits = |label: u64| FingerPosition::of_label(label).is_some_and(|held| held.fits(*position));
            let mut asked = Search::top(count).mode(search.mode).filter_label(&fits);
            if let Some(filter) = search.filter {
                asked = asked.filter(filter);
            }
            if let Some(flag) = search.cancel {
                asked = asked.cancel(flag);
            }
            let candidates = self.shared.people.fingers().identify(prepared, &asked)?;
            found.extend(candidates.into_iter().map(|c| (c.subject, c.score, Of::Finger(*position))));
        }
        for (face, calibration) in probe.faces.iter().zip(probes.calibration.iter().cycle()) {
            let mut asked = Search::top(count);
            if let Some(filter) = search.filter {
                asked = asked.filter(filter);
            }
            if let Some(flag) = search.cancel {
                asked = asked.cancel(flag);
            }
            let faces = self.shared.people.faces()?;
            let candidates = faces.identify(&faces.prepare(face)?, &asked)?;
            found.extend(candidates.into_iter().map(|c| (c.subject, calibration.score(c.score), Of::Face)));
        }
        if probes.fingers.len() + probes.faces.len() == 1 {
            return Ok(found.into_iter().map(|(subject, score, of)| (subject, Some((score, of)))).collect());
        }
        let subjects: BTreeSet<SubjectId> = found.into_iter().map(|(subject, ..)| subject).collect();
        Ok(subjects.into_iter().map(|subject| (subject, None)).collect())
    }
}

/// The best score of a single sample, and what the sample was compared with.
type Single = (Score, Of);

/// What a single sample was compared with.
#[derive(Clone, Copy)]
enum Of {
    Finger(FingerPosition),
    Face,
}

impl Of {
    fn holds(self, place: Place) -> bool {
        match self {
            Self::Finger(position) => place.finger().is_some_and(|held| held.fits(position)),
            Self::Face => place.what == What::Face,
        }
    }
}

impl Probes<'_> {
    /// Compares all samples with one person.
    fn judge(&self, entry: &Entry) -> Result<Score, GalleryError> {
        let (finger, face) = (Comparator::<Finger>::new(), Comparator::<Face>::new());
        let mut scratch = <Finger as Modality>::Scratch::default();
        let wanted = |place: Place| {
            let fits = self.fingers.iter().any(|(position, _)| Of::Finger(*position).holds(place));
            fits || (place.what == What::Face && !self.faces.is_empty())
        };
        let mut opened: Vec<(Place, Prepared)> = Vec::new();
        for kept in entry.records.iter().filter(|kept| wanted(kept.place)) {
            opened.push((kept.place, entry.open_prepared(kept)?));
        }
        let mut scores = Vec::new();
        for (position, probe) in &self.fingers {
            let mut of_this = Vec::new();
            for (place, held) in &opened {
                if let (Prepared::Finger(reference, _), true) = (held, Of::Finger(*position).holds(*place)) {
                    let Ok(score) = finger.compare_with(probe, reference, &mut scratch);
                    of_this.push(score);
                }
            }
            scores.extend((!of_this.is_empty()).then(|| fusion::best_of(&of_this)));
        }
        for (probe, calibration) in self.faces.iter().zip(self.calibration.iter().cycle()) {
            let mut cosines: Vec<Cosine> = Vec::new();
            for (_, held) in &opened {
                if let Prepared::Face(reference) = held {
                    cosines.extend(face.compare(probe, reference).ok());
                }
            }
            let of_this: Vec<Score> = cosines.iter().map(|cosine| calibration.score(*cosine)).collect();
            scores.extend((!of_this.is_empty()).then(|| fusion::best_of(&of_this)));
        }
        Ok(fusion::independent(&scores))
    }
}
