//! Comparison of protected fingers with unprotected ones.

use rayon::prelude::*;

use super::super::protocol::{SampleName, score_all_pairs, subjects};
use super::super::{EvalError, ScoreSet};
use super::linkage::{Linkage, unlinkability};
use super::params::{LEAK_FMR, LINKED_PAIRS, secret};
use super::stitch::stitch;
use super::structure::{Inner, likeness, slot_by_slot};
use crate::fingerprint::compare::Finger;
use crate::fingerprint::template::FingerTemplate;
use crate::modality::Modality;
use crate::protect::{FingerCode, FingerCodeProbe, FingerProtector, ProtectedFinger, ProtectionKey};
use crate::score::{Fmr, Score, Threshold};

/// Unprotected score from which a pair of two names counts as one finger, dB: real sets have such errors, which would
/// dominate the tail of a calibration.
const MISLABELED: f64 = 60.0;

/// Protected fingers of a folder.
#[derive(Clone, Debug)]
pub struct FingerProtection {
    /// Scores of the templates themselves for all pairs, decibels.
    pub plain: ScoreSet,
    /// Scores of codes of one key for the same pairs, decibels.
    pub protected: ScoreSet,
    /// Evidence of the protected impostor comparisons before calibration, without pairs that are clearly one finger
    /// under two names.
    pub evidence: Vec<f64>,
    /// Codes under two secret keys, compared as if they had one rotation.
    pub secret_keys: Linkage,
    /// Codes of one secret, compared slot by slot by an attacker without it.
    pub one_secret: Linkage,
    /// Codes under two secret keys, compared by the distances inside them.
    pub structure: Structure,
    /// Both keys known: both codes are inverted, and the results are compared under a third key.
    pub leaked_keys: Linkage,
    /// Leak from codes with a known key.
    pub leaked: FingerLeak,
    /// The same with a wrong key.
    pub wrong_key: FingerLeak,
}

/// Linkage by the distances inside codes; each entry contains its null value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Structure {
    /// Two impressions of a finger.
    pub renewed: Linkage,
    /// One impression whose code was renewed.
    pub same: Linkage,
    /// The control, where the attack must succeed: codes of two impressions with one rotation for all slots, as in form
    /// 1.
    pub one_rotation: Linkage,
    /// The same control with one impression.
    pub one_rotation_same: Linkage,
}

/// Success of inverted codes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FingerLeak {
    /// Mean number of minutiae reconstructed from a code.
    pub minutiae: f64,
    /// Share of reconstructed prints that an unprotected comparison at FMR 1e-3 accepts against the same impression.
    pub accepted_enrolled: f64,
    /// Share that it accepts against another impression.
    pub accepted_fresh: f64,
    /// Comparisons with other impressions.
    pub comparisons: usize,
}

/// Measures the protection of a folder's templates; `None` where extraction failed, which counts as score 0.
///
/// # Errors
/// [`EvalError`] when there are no genuine or no impostor pairs, or the lists differ in length.
pub fn fingers(names: &[SampleName], templates: &[Option<FingerTemplate>]) -> Result<FingerProtection, EvalError> {
    if names.len() != templates.len() {
        return Err(EvalError::Length { what: "names and templates", left: names.len(), right: templates.len() });
    }
    let person = subjects(names);
    let mated = |i: usize, j: usize| person.get(i) == person.get(j);
    let set = |scores: &[(usize, usize, f64)]| -> Result<ScoreSet, EvalError> {
        let of = |same: bool| scores.iter().filter(|s| mated(s.0, s.1) == same).map(|s| s.2).collect();
        ScoreSet::new(of(true), of(false))
    };
    let plain = score_all_pairs(&Finger::default(), templates, |_| ())?;
    let plain: Vec<_> =
        plain.iter().map(|p| (p.probe, p.reference, p.score.map_or(0.0, |s| f64::from(s.decibels())))).collect();
    let own = protector(0);
    let first = codes_of(templates, &own);
    let probes: Vec<Option<FingerCodeProbe>> = templates.par_iter().map(|t| t.as_ref().map(|t| own.probe(t))).collect();
    let others = plain.iter().filter(|&&(i, j, score)| !mated(i, j) && score < MISLABELED);
    let measured = Measured {
        templates,
        mates: pairs(names.len()).filter(|&(i, j)| mated(i, j)).collect(),
        strangers: others.map(|&(i, j, _)| (i, j)).collect(),
    };
    let evidence = measured.strangers.par_iter().map(|&pair| raw(&probes, &first, pair)).collect();
    let linked = measured.linked();
    let joined = |k: usize| -> Vec<f64> { linked.iter().filter_map(|l| l.get(k)).flatten().copied().collect() };
    let linkage = |mates: usize, strangers: usize| unlinkability(&joined(mates), &joined(strangers));
    Ok(FingerProtection {
        plain: set(&plain)?,
        protected: set(&protected(&probes, &first))?,
        evidence,
        secret_keys: linkage(0, 1),
        leaked_keys: linkage(2, 3),
        one_secret: linkage(4, 5),
        structure: Structure {
            renewed: linkage(6, 7),
            same: linkage(8, 7),
            one_rotation: linkage(9, 10),
            one_rotation_same: linkage(11, 10),
        },
        leaked: measured.leak(&first, &own)?,
        wrong_key: measured.leak(&first, &protector(1))?,
    })
}

type Pair = (usize, usize);
type Codes = [Option<FingerCode>];
type Probes = [Option<FingerCodeProbe>];

fn pairs(n: usize) -> impl Iterator<Item = Pair> {
    (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j)))
}

fn protector(trial: u64) -> FingerProtector {
    FingerProtector::new(&ProtectionKey::new(&secret(trial), 0))
}

fn of_one_rotation(trial: u64) -> FingerProtector {
    FingerProtector::of_one_rotation(&ProtectionKey::new(&secret(trial), 0))
}

fn codes_of(templates: &[Option<FingerTemplate>], protector: &FingerProtector) -> Vec<Option<FingerCode>> {
    templates.par_iter().map(|t| t.as_ref().map(|t| protector.protect(t))).collect()
}

fn as_probes(codes: &Codes) -> Vec<Option<FingerCodeProbe>> {
    codes.iter().map(|c| c.as_ref().map(FingerCode::as_probe)).collect()
}

fn inner(codes: &Codes) -> Vec<Option<Inner>> {
    codes.iter().map(|c| c.as_ref().map(Inner::new)).collect()
}

/// Decibels of all pairs of codes.
fn protected(probes: &Probes, codes: &Codes) -> Vec<(usize, usize, f64)> {
    let modality = ProtectedFinger::default();
    let decibels = |(i, j): Pair| match (probes.get(i), codes.get(j)) {
        (Some(Some(probe)), Some(Some(code))) => {
            (i, j, modality.compare(probe, code, &mut ()).map_or(0.0, |s| f64::from(s.decibels())))
        }
        _ => (i, j, 0.0),
    };
    pairs(codes.len()).collect::<Vec<_>>().into_par_iter().map(decibels).collect()
}

fn raw(probes: &Probes, codes: &Codes, (i, j): Pair) -> f64 {
    match (probes.get(i), codes.get(j)) {
        (Some(Some(probe)), Some(Some(code))) => f64::from(ProtectedFinger::default().raw(probe, code)),
        _ => 0.0,
    }
}

/// `None` if a code is missing: a score of 0 would mean a failed extraction, which is not measured here.
fn both<T>(a: &[Option<T>], b: &[Option<T>], (i, j): Pair, of: impl Fn(&T, &T) -> f64) -> Option<f64> {
    Some(of(a.get(i)?.as_ref()?, b.get(j)?.as_ref()?))
}

/// The attacked data.
struct Measured<'a> {
    templates: &'a [Option<FingerTemplate>],
    /// Pairs of one finger.
    mates: Vec<Pair>,
    /// Pairs of different fingers.
    strangers: Vec<Pair>,
}

impl Measured<'_> {
    /// Likeness of codes under other keys in many trials: of mates and strangers by bits, by inversion and by slots,
    /// and of mates, strangers and one impression by structure, the latter also with one rotation for all slots.
    fn linked(&self) -> Vec<[Vec<f64>; 12]> {
        // With few pairs of one finger, use enough pairs of keys.
        let trials = LINKED_PAIRS.div_ceil(self.mates.len().max(1)).max(1);
        // With one rotation for all slots, its codes serve as probes too.
        let third = of_one_rotation(u64::MAX);
        (0..trials as u64).into_par_iter().map(|trial| self.trial(trial, &third)).collect()
    }

    fn trial(&self, trial: u64, third: &FingerProtector) -> [Vec<f64>; 12] {
        let keys = (protector(2 * trial + 1), protector(2 * trial + 2));
        let codes = (codes_of(self.templates, &keys.0), codes_of(self.templates, &keys.1));
        let again = |codes: &Codes, key: &FingerProtector| -> Vec<Option<FingerCode>> {
            codes.iter().map(|c| c.as_ref().map(|c| third.of_vectors(&key.invert(c)))).collect()
        };
        let again = (as_probes(&again(&codes.0, &keys.0)), again(&codes.1, &keys.1));
        let unkeyed = as_probes(&codes.0);
        let within = (inner(&codes.0), inner(&codes.1));
        let one_rotation = |trial: u64| inner(&codes_of(self.templates, &of_one_rotation(trial)));
        let flat = (one_rotation(2 * trial + 1), one_rotation(2 * trial + 2));
        // Use as many strangers as mates, different ones in each trial.
        let (mates, strangers) = (&self.mates, &self.strangers);
        let skip = (trial as usize * mates.len()) % strangers.len().max(1);
        let some: Vec<_> = strangers.iter().cycle().skip(skip).step_by(7).take(mates.len()).copied().collect();
        let itself: Vec<_> = (0..self.templates.len()).map(|i| (i, i)).collect();
        let of = |pairs: &[Pair], score: &dyn Fn(Pair) -> Option<f64>| -> Vec<f64> {
            pairs.iter().filter_map(|&pair| score(pair)).collect()
        };
        let by_bits = |pair| Some(raw(&unkeyed, &codes.1, pair));
        let by_inversion = |pair| Some(raw(&again.0, &again.1, pair));
        let by_slots = |pair| both(&codes.0, &codes.0, pair, slot_by_slot);
        let by_structure = |pair| both(&within.0, &within.1, pair, likeness);
        let by_flat = |pair| both(&flat.0, &flat.1, pair, likeness);
        [
            of(mates, &by_bits),
            of(&some, &by_bits),
            of(mates, &by_inversion),
            of(&some, &by_inversion),
            of(mates, &by_slots),
            of(&some, &by_slots),
            of(mates, &by_structure),
            of(&some, &by_structure),
            of(&itself, &by_structure),
            of(mates, &by_flat),
            of(&some, &by_flat),
            of(&itself, &by_flat),
        ]
    }

    /// Acceptance of prints reconstructed from codes with a key.
    fn leak(&self, codes: &Codes, key: &FingerProtector) -> Result<FingerLeak, EvalError> {
        let n = self.templates.len();
        let made: Vec<Option<FingerTemplate>> =
            codes.par_iter().map(|code| code.as_ref().and_then(|c| stitch(&key.invert(c)))).collect();
        let threshold = Threshold::at_score(Score::from_fmr(Fmr::new(LEAK_FMR)?));
        let finger = Finger::default();
        let accepted = |i: usize, j: usize, scratch: &mut <Finger as Modality>::Scratch| -> bool {
            let (Some(Some(made)), Some(Some(real))) = (made.get(i), self.templates.get(j)) else { return false };
            let (Ok(probe), Ok(reference)) = (finger.prepare(made), finger.reference(real));
            let Ok(score) = finger.compare(&probe, &reference, scratch);
            score.meets(threshold)
        };
        let count = |pairs: Vec<Pair>| -> f64 {
            let new = <Finger as Modality>::Scratch::default;
            let hits: usize =
                pairs.par_iter().map_init(new, |scratch, &(i, j)| usize::from(accepted(i, j, scratch))).sum();
            hits as f64 / pairs.len().max(1) as f64
        };
        let both: Vec<_> = self.mates.iter().flat_map(|&(i, j)| [(i, j), (j, i)]).collect();
        let comparisons = both.len();
        Ok(FingerLeak {
            minutiae: made.iter().flatten().map(|t| t.minutiae().len() as f64).sum::<f64>() / n.max(1) as f64,
            accepted_enrolled: count((0..n).map(|i| (i, i)).collect()),
            accepted_fresh: count(both),
            comparisons,
        })
    }
}
