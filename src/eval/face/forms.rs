//! The accuracy cost of storing embeddings in narrower forms.

use std::fmt;

use super::identification::OpenSet;
use super::pairs::FacePair;
use super::rows::{check_lengths, identities};
use crate::eval::{EvalError, ScoreSet};
use crate::face::compare::{Cosine, Face, Form};
use crate::face::embedding::{Embedding, FaceError};
use crate::index::{Candidate, Index, IndexError, Mode, Search};
use crate::score::Fmr;
use crate::subject::SubjectId;

type Error = IndexError<FaceError>;

/// Storage and search of a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// The form that scores are computed from.
    pub rows: Form,
    /// The form that is read first.
    pub scan: Option<Form>,
    /// The search mode.
    pub mode: Mode,
}

impl Storage {
    /// The reported kinds: floats first, then every form by itself, then searches that read a narrow form first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let exact = |rows, scan| Self { rows, scan, mode: Mode::Exact };
        let rescored = |scan, rows| Self { rows: Form::F32, scan: Some(scan), mode: Mode::Shortlist { rows } };
        vec![
            exact(Form::F32, None),
            exact(Form::F32, Some(Form::I8)),
            exact(Form::F16, None),
            exact(Form::I8, None),
            exact(Form::Bit, None),
            rescored(Form::I8, 10),
            rescored(Form::Bit, 10),
            rescored(Form::Bit, 100),
            rescored(Form::Bit, 1000),
        ]
    }

    /// Bytes per embedding.
    #[must_use]
    pub fn bytes(&self, dimension: usize) -> usize {
        self.rows.bytes(dimension) + self.scan.map_or(0, |form| form.bytes(dimension))
    }

    fn face(&self) -> Face {
        let face = Face::default()
            .with_rows(self.rows)
            .and_then(|face| self.scan.map_or(Ok(face.clone()), |scan| face.with_scan(scan)));
        face.unwrap_or_default()
    }
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rows)?;
        match (self.mode, self.scan) {
            (Mode::Shortlist { rows }, Some(scan)) => write!(f, ", the best {rows} by {scan}"),
            (_, Some(scan)) => write!(f, " after {scan}"),
            _ => Ok(()),
        }
    }
}

/// Rates of a labeled set with one kind of storage. Probes are never rounded.
#[derive(Clone, Debug)]
pub struct FormRates {
    /// The kind of storage.
    pub storage: Storage,
    /// Genuine and impostor cosines of listed pairs; the second of each pair is stored.
    pub pairs: Option<ScoreSet>,
    /// Share of probes whose own person is found first in the closed set.
    pub rank_1: f64,
    /// Share of probes with the same outcome as with floats.
    pub as_floats: f64,
    /// Open-set rates.
    pub open: Option<OpenSet>,
}

/// The sets that [`super::identification`] makes.
struct Sets {
    identity: Vec<usize>,
    has_mates: Vec<bool>,
    first: Vec<usize>,
    probes: Vec<usize>,
    excluded: Vec<bool>,
}

/// Rates of closed- and open-set identification and of listed pairs with every kind of storage, on the current rayon
/// pool.
///
/// Sets are those of [`super::identification`].
///
/// # Errors
/// [`EvalError`] when lengths differ, embeddings differ in dimension, a pair names a row beyond the list or one kind of pair is
/// missing.
pub fn by_form(
    embeddings: &[Embedding],
    labels: &[i64],
    pairs: &[FacePair],
    excluded: &[(usize, usize)],
) -> Result<Vec<FormRates>, EvalError> {
    check_lengths(embeddings, labels)?;
    let (identity, people) = identities(labels);
    let mut images = vec![0usize; people];
    identity.iter().for_each(|&i| images.iter_mut().skip(i).take(1).for_each(|n| *n += 1));
    let mut sets = Sets {
        identity,
        has_mates: images.iter().map(|n| *n > 1).collect(),
        first: Vec::new(),
        probes: Vec::new(),
        excluded: vec![false; embeddings.len()],
    };
    for (row, &person) in sets.identity.iter().enumerate() {
        let is_first = person == sets.first.len();
        if is_first {
            sets.first.push(row);
        }
        if !is_first || !sets.has_mates.get(person).copied().unwrap_or(false) {
            sets.probes.push(row);
        }
    }
    for &(a, b) in excluded {
        for row in [a, b] {
            sets.excluded.iter_mut().skip(row).take(1).for_each(|e| *e = true);
        }
    }
    let mut rates: Vec<FormRates> = Vec::new();
    let mut right_in_floats = None;
    for storage in Storage::all() {
        let bad = |error: Error| EvalError::Embedding { index: 0, reason: error.to_string() };
        let (mut one, right) = identify(&storage, embeddings, &sets).map_err(bad)?;
        let floats = right_in_floats.get_or_insert_with(|| right.clone());
        let alike = floats.iter().zip(&right).filter(|(a, b)| a == b).count();
        one.as_floats = alike as f64 / right.len().max(1) as f64;
        if !pairs.is_empty() && storage.mode == Mode::Exact {
            one.pairs = Some(verify(&storage, embeddings, pairs)?);
        }
        rates.push(one);
    }
    Ok(rates)
}

fn name(row: usize) -> Option<SubjectId> {
    SubjectId::new(format!("{row:012}")).ok()
}

fn enroll(
    storage: &Storage,
    embeddings: &[Embedding],
    rows: impl Iterator<Item = usize>,
) -> Result<Index<Face>, Error> {
    let mut index = Index::new(storage.face());
    for (row, embedding) in rows.filter_map(|row| Some((row, embeddings.get(row)?))) {
        if let Some(name) = name(row) {
            index.insert(name, embedding)?;
        }
    }
    Ok(index)
}

/// The rates, and for each probe with a mate, whether it was found.
fn identify(storage: &Storage, embeddings: &[Embedding], sets: &Sets) -> Result<(FormRates, Vec<bool>), Error> {
    let mates = |person: usize| sets.has_mates.get(person).copied().unwrap_or(false);
    let person_of = |row: usize| sets.identity.get(row).copied().unwrap_or(0);
    let search = Search::top(1).mode(storage.mode);
    let best = |index: &Index<Face>, probes: &[usize]| -> Result<Vec<Option<(usize, Cosine)>>, Error> {
        let inputs = probes.iter().filter_map(|&row| embeddings.get(row));
        let prepared = inputs.map(|embedding| index.prepare(embedding)).collect::<Result<Vec<_>, _>>()?;
        let found = index.identify_batch(&prepared, &search)?;
        let first = |c: &Candidate<Cosine>| Some((c.subject.as_str().parse().ok()?, c.score));
        Ok(found.iter().map(|list| list.first().and_then(first)).collect())
    };
    let mated: Vec<usize> = sets.probes.iter().copied().filter(|&row| mates(person_of(row))).collect();
    let strangers = |row: &usize| !mates(person_of(*row)) && !sets.excluded.get(*row).copied().unwrap_or(false);
    let strangers: Vec<usize> = sets.probes.iter().copied().filter(strangers).collect();

    let everybody = enroll(storage, embeddings, sets.first.iter().copied())?;
    let is_right = |(row, found): (&usize, &Option<(usize, Cosine)>)| {
        found.is_some_and(|(other, _)| person_of(other) == person_of(*row))
    };
    let right: Vec<bool> = mated.iter().zip(&best(&everybody, &mated)?).map(is_right).collect();
    drop(everybody);
    let known = enroll(storage, embeddings, sets.first.iter().copied().filter(|&row| mates(person_of(row))))?;
    let mut open = None;
    if !known.is_empty() && !strangers.is_empty() {
        let found = best(&known, &mated)?;
        let scores = mated.iter().zip(&found).map(|(row, found)| match found {
            Some((_, score)) if is_right((row, found)) => score.value(),
            _ => f32::NEG_INFINITY,
        });
        let highest = best(&known, &strangers)?.iter().map(|f| f.map_or(-1.0, |(_, score)| score.value())).collect();
        open = Some(OpenSet::new(known.len(), scores.collect(), highest));
    }
    let rank_1 = right.iter().filter(|r| **r).count() as f64 / right.len().max(1) as f64;
    Ok((FormRates { storage: *storage, pairs: None, rank_1, as_floats: 1.0, open }, right))
}

fn verify(storage: &Storage, embeddings: &[Embedding], pairs: &[FacePair]) -> Result<ScoreSet, EvalError> {
    let bad = |error: Error| EvalError::Embedding { index: 0, reason: error.to_string() };
    let index = enroll(storage, embeddings, 0..embeddings.len()).map_err(bad)?;
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for pair in pairs {
        let beyond = |row: usize| EvalError::Index { what: "row", index: row as i64, count: embeddings.len() };
        let probe = embeddings.get(pair.a).ok_or_else(|| beyond(pair.a))?;
        let stored = name(pair.b).ok_or_else(|| beyond(pair.b))?;
        let probe = index.prepare(probe).map_err(|error| bad(error.into()))?;
        let score = index.verify(&stored, &probe).map_err(|_| beyond(pair.b))?;
        if pair.same { &mut genuine } else { &mut impostor }.push(f64::from(score.value()));
    }
    ScoreSet::new(genuine, impostor)
}

impl FormRates {
    /// False negative identification rate of the open set at a false positive identification rate.
    #[must_use]
    pub fn fnir_at_fpir(&self, fpir: Fmr) -> Option<f64> {
        self.open.as_ref().map(|open| open.fnir_at(open.threshold_at(fpir).0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::identification;
    use super::super::tests::population;
    use super::*;

    #[test]
    fn floats_are_what_the_identification_reports() {
        let (mut embeddings, mut labels) = population(30, 3);
        // Five people have one image each.
        for person in 25..30 {
            let at = labels.iter().position(|l| *l == 100 - person).unwrap();
            embeddings.drain(at + 1..at + 3);
            labels.drain(at + 1..at + 3);
        }
        let pairs: Vec<FacePair> = (0..20)
            .map(|i| FacePair {
                a: 3 * i,
                b: if i % 2 == 0 { 3 * i + 1 } else { 3 * i + 4 },
                same: i % 2 == 0,
                fold: 0,
            })
            .collect();
        let whole = identification(&embeddings, &labels, &[]).unwrap();
        let rates = by_form(&embeddings, &labels, &pairs, &[]).unwrap();
        assert_eq!(rates.len(), Storage::all().len());
        let fpir = Fmr::new(0.2).unwrap();
        let open = whole.open.as_ref().unwrap();
        let exact = |r: &&FormRates| r.storage.rows == Form::F32 && r.storage.mode == Mode::Exact;
        for one in rates.iter().filter(exact) {
            assert_eq!(one.rank_1, whole.rank(1), "{}", one.storage);
            assert_eq!(one.as_floats, 1.0);
            assert_eq!(one.fnir_at_fpir(fpir), Some(open.fnir_at(open.threshold_at(fpir).0)));
        }
        assert!(rates.iter().filter(|r| r.storage.mode == Mode::Exact).all(|r| r.pairs.is_some()));
        assert_eq!(rates[0].storage.bytes(512), 2048);
        assert_eq!(rates[1].storage.to_string(), "floats after bytes");
    }
}
