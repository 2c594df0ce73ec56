//! Linking of old codes to renewed ones by a map learned from known pairs.

use rayon::prelude::*;

use super::known::{Attack, Deal, Renewal, Target, shuffled};
use super::linkage::unlinkability;
use super::params::PAIRS_PER_PERSON;
use super::regression::{Centered, Regression, agreement, length};
use crate::protect::FaceCode;

/// The attack with the first `known` people of the pool, whose old and renewed codes of one picture are known; `old` and `new` are the codes of
/// all rows.
pub(super) fn link(deal: &Deal<'_>, old: &[FaceCode], new: &[FaceCode], known: usize) -> Attack<Renewal> {
    let rows = deal.pool.get(..known).unwrap_or_default();
    let mixed: Vec<usize> = shuffled(known).into_iter().filter_map(|i| rows.get(i).copied()).collect();
    // Where nothing was renewed, the target is the code itself.
    Attack {
        found: linked(deal, (old, rows), (new, rows), false),
        null: linked(deal, (old, rows), (new, &mixed), false),
        control: linked(deal, (old, rows), (old, rows), true),
    }
}

fn linked(
    deal: &Deal<'_>,
    (old, old_rows): (&[FaceCode], &[usize]),
    (new, new_rows): (&[FaceCode], &[usize]),
    itself: bool,
) -> Renewal {
    let of = |codes: &'_ [FaceCode], rows: &[usize]| -> Vec<FaceCode> {
        rows.iter().filter_map(|&row| codes.get(row).cloned()).collect()
    };
    let (known_old, known_new) = (of(old, old_rows), of(new, new_rows));
    let wanted: Vec<Vec<f64>> = known_new.iter().map(signs).collect();
    let nothing = || Renewal { rank_one: 0.0, targets: 0, linkage: unlinkability(&[], &[]) };
    let Some(map) = Regression::new(known_old.iter().collect(), &wanted) else { return nothing() };
    let renewed = Centered::new(known_new.iter().collect());
    let squares = renewed.matrix();
    let products = |row: usize| new.get(row).map_or_else(Default::default, |code| renewed.products(code));
    let candidates: Vec<(Vec<f64>, f64)> = deal.candidates.par_iter().map(|&row| products(row)).collect();
    let one = |(number, target): (usize, &Target)| {
        let Some(code) = old.get(target.coded) else { return (false, Vec::new(), Vec::new()) };
        let weights = map.weights(code);
        let length = length(&weights, &squares);
        let with = |renewed: &(Vec<f64>, f64)| agreement(&weights, length, renewed);
        let own = |row: usize| with(&products(row));
        let all: Vec<f64> = candidates.iter().map(with).collect();
        let mated: Vec<f64> = if itself {
            vec![own(target.coded)]
        } else {
            target.others.iter().take(PAIRS_PER_PERSON).map(|&row| own(row)).collect()
        };
        let best = mated.first().copied().unwrap_or(f64::NEG_INFINITY);
        let others = || all.iter().enumerate().filter(|(i, _)| *i != target.candidate).map(|(_, s)| *s);
        let first = others().all(|score| score < best);
        // Use as many strangers as pictures of the person, different ones for each target.
        let skip = number * 7 % all.len().max(1);
        let strangers =
            others().collect::<Vec<_>>().into_iter().cycle().skip(skip).take(mated.len()).collect::<Vec<_>>();
        (first, mated, strangers)
    };
    let found: Vec<(bool, Vec<f64>, Vec<f64>)> = deal.targets.par_iter().enumerate().map(one).collect();
    let mated: Vec<f64> = found.iter().flat_map(|f| f.1.iter().copied()).collect();
    let strangers: Vec<f64> = found.iter().flat_map(|f| f.2.iter().copied()).collect();
    Renewal {
        rank_one: found.iter().filter(|f| f.0).count() as f64 / found.len().max(1) as f64,
        targets: found.len(),
        linkage: unlinkability(&mated, &strangers),
    }
}

/// The bits of a code as 1 and -1.
fn signs(code: &FaceCode) -> Vec<f64> {
    let bit = |i: usize| code.words().get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1);
    (0..code.bits()).map(|i| if bit(i) { 1.0 } else { -1.0 }).collect()
}
