//! Protected fingers against unprotected ones.

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

/// Unprotected score from which a pair of two names is one finger under both, dB: real sets have such mistakes, and they would be the whole
/// tail of a calibration.
const MISLABELED: f64 = 60.0;

/// Protected fingers of a folder.
#[derive(Clone, Debug)]
pub struct FingerProtection {
    /// Scores of the templates themselves, decibels, all pairs.
    pub plain: ScoreSet,
    /// Scores of codes of one key, decibels, the same pairs.
    pub protected: ScoreSet,
    /// Evidence of the protected impostor comparisons before calibration, without pairs that are plainly one finger under two names.
    pub evidence: Vec<f64>,
    /// Codes under two keys, which are secret, compared as if they were of one rotation.
    pub secret_keys: Linkage,
    /// Codes of one secret, compared slot by slot by somebody who lacks it.
    pub one_secret: Linkage,
    /// Codes under two keys, which are secret, compared by the distances inside them.
    pub structure: Structure,
    /// Both keys known: both codes inverted, and what comes out compared under a third key.
    pub leaked_keys: Linkage,
    /// What codes and a known key give away.
    pub leaked: FingerLeak,
    /// The same with a wrong key.
    pub wrong_key: FingerLeak,
}

/// What the distances inside codes tell; the null of each stands in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Structure {
    /// Two impressions of a finger.
    pub renewed: Linkage,
    /// One impression, whose code was made again.
    pub same: Linkage,
    /// The control, where the attack must find something: codes of one rotation for all slots, as form 1 had, of two impressions.
    pub one_rotation: Linkage,
    /// The same of one impression.
    pub one_rotation_same: Linkage,
}

/// What inverted codes are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FingerLeak {
    /// Mean number of minutiae put together from a code.
    pub minutiae: f64,
    /// Share of prints put together that an unprotected comparison at FMR 1e-3 takes for the finger of the same impression.
    pub accepted_enrolled: f64,
    /// Share that it takes for the finger of another impression.
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

/// Nothing where there is no code: a score of 0 would say that extraction failed, which is not what is asked.
fn both<T>(a: &[Option<T>], b: &[Option<T>], (i, j): Pair, of: impl Fn(&T, &T) -> f64) -> Option<f64> {
    Some(of(a.get(i)?.as_ref()?, b.get(j)?.as_ref()?))
}

/// What is attacked.
struct Measured<'a> {
    templates: &'a [Option<FingerTemplate>],
    /// Pairs of one finger.
    mates: Vec<Pair>,
    /// Pairs of different fingers.
    strangers: Vec<Pair>,
}

impl Measured<'_> {
    /// Likeness of codes under other keys, in many trials: of mates and strangers by bits, by inversion, by slots, of
    /// mates, strangers and one impression by structure, and so with one rotation for all slots.
    fn linked(&self) -> Vec<[Vec<f64>; 12]> {
        // Few pairs of one finger: as many pairs of keys as it takes.
        let trials = LINKED_PAIRS.div_ceil(self.mates.len().max(1)).max(1);
        // With one rotation for all slots its codes are probes as well.
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
        // As many strangers as mates, others in each trial.
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

    /// What prints put together from codes by a key are taken for.
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
