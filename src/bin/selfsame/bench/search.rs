//! 1:N search, at growing numbers of people.

use std::hint::black_box;

use rayon::prelude::*;
use selfsame::index::{Candidate, Index, Mode, Search};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Embedding, Face, Finger, FingerTemplate, Modality, SubjectId};

use super::clock::Clock;
use super::given::{SEED, wrong};
use super::table::{Row, Table};
use crate::failure::Failure;

/// People whose references are made before it is seen whether there is time for more.
const MADE_AT_ONCE: usize = 2000;
/// Probes searched for in turn.
const PROBES: usize = 16;
/// Share of the probes whose mate must come first.
const LEAST_FIRST: f64 = 0.9;
/// Share of the time that making people may take.
const MAKING: f64 = 0.6;
/// Comparing every print in full is measured up to this size.
const EXHAUSTIVE: usize = 10_000;

pub fn prints(clock: Clock, sizes: &[usize], table: &mut Table) -> Result<(), Failure> {
    let people = TemplateGenerator::new(SEED);
    let modes = |size: usize| {
        let mut modes = vec![("shortlist", Mode::shortlist(size))];
        if size <= EXHAUSTIVE {
            modes.push(("exact", Mode::Exact));
        }
        modes
    };
    let reference = |n| -> FingerTemplate { people.reference(n) };
    grown::<Finger>("prints", clock, sizes, table, &modes, reference, |n| people.probe(n, 0))
}

pub fn faces(clock: Clock, sizes: &[usize], table: &mut Table) -> Result<(), Failure> {
    let people = FaceGenerator::new(SEED);
    let reference = |n| -> Embedding { people.embedding(n, 0) };
    grown::<Face>("faces", clock, sizes, table, &|_| vec![("exact", Mode::Exact)], reference, |n| {
        people.embedding(n, 1)
    })
}

fn grown<M: Modality + Default>(
    what: &str,
    clock: Clock,
    sizes: &[usize],
    table: &mut Table,
    modes: &dyn Fn(usize) -> Vec<(&'static str, Mode)>,
    reference: impl Fn(u64) -> M::Template + Sync,
    probe: impl Fn(u64) -> M::Template,
) -> Result<(), Failure> {
    table.title(format!("1:N search among synthetic {what}, the ten best"));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.map_err(|e| Failure::new("threads", e))?;
    let threads = rayon::current_num_threads();
    let mut index = Index::<M>::default();
    let mut made = 0;
    for (n, &size) in sizes.iter().enumerate() {
        // The larger sizes take most of the time.
        let clock = if n + 1 < sizes.len() { clock.part(0.25) } else { clock };
        let making = clock.part(MAKING);
        while made < size && (made < MADE_AT_ONCE || !making.is_over()) {
            let end = size.min(made + MADE_AT_ONCE);
            let templates: Vec<M::Template> = (made..end).into_par_iter().map(|n| reference(n as u64)).collect();
            for (number, template) in (made..).zip(&templates) {
                let subject = SubjectId::new(format!("{number:09}")).map_err(|e| Failure::new("a name", e))?;
                index.insert(subject, template).map_err(|_| wrong("an enrollment"))?;
            }
            made = end;
        }
        if made < size {
            table.add(Row::missing(format!(
                "N = {size}: left out, {made} people were made in the time (--seconds gives more)"
            )));
            break;
        }
        let mates: Vec<usize> = (0..PROBES).map(|n| n * 7919 % size).collect();
        let prepare = |mate: &usize| index.prepare(&probe(*mate as u64)).map_err(|_| wrong("a probe"));
        let probes = mates.iter().map(prepare).collect::<Result<Vec<_>, Failure>>()?;
        table.add(Row::count(format!("N = {size}: memory per reference"), index.bytes() / size, "bytes"));
        for (name, mode) in modes(size) {
            let search = Search::top(10).mode(mode);
            let find =
                |probe: &M::Probe| -> Vec<Candidate<M::Score>> { index.identify(probe, &search).unwrap_or_default() };
            let lists: Vec<_> = probes.iter().map(find).collect();
            let first = |(list, mate): (&Vec<Candidate<M::Score>>, &usize)| {
                list.first().is_some_and(|best| best.subject.as_str() == format!("{mate:09}"))
            };
            let found = lists.iter().zip(&mates).filter(|pair| first(*pair)).count();
            if (found as f64) < LEAST_FIRST * PROBES as f64 || one.install(|| find(&probes[0])) != lists[0] {
                return Err(wrong("a search"));
            }
            let mut turn = probes.iter().cycle();
            let mut next = || drop(black_box(turn.next().map(find)));
            let single = one.install(|| clock.part(0.3).timed(&mut next));
            let note = |seconds: f64| format!("{:.2} million/s", size as f64 / seconds / 1e6);
            table.add(Row::time(format!("N = {size}, {name}, one thread"), single).note(note(single.median)));
            table.point(&format!("{what}, {name}, one thread"), size as f64, single.median);
            if threads > 1 {
                let all = clock.part(0.3).timed(&mut next);
                table.add(Row::time(format!("N = {size}, {name}, {threads} threads"), all).note(note(all.median)));
                table.point(&format!("{what}, {name}, {threads} threads"), size as f64, all.median);
            }
        }
    }
    Ok(())
}
