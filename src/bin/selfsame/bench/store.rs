//! A sealed gallery on a disk.

use std::path::Path;
use std::sync::Arc;

use selfsame::gallery::seal::{RawKey, SecretKey};
use selfsame::gallery::{BatchOptions, Gallery, Samples};
use selfsame::synth::TemplateGenerator;
use selfsame::{FingerPosition, Fmr, SubjectId, Threshold};

use super::clock::Clock;
use super::given::{SEED, wrong};
use super::table::{Row, Table};
use crate::failure::Failure;

/// People in the gallery.
const PEOPLE: u64 = 5000;

pub fn gallery(clock: Clock, folder: &Path, table: &mut Table) -> Result<(), Failure> {
    table.title(format!("a sealed gallery of {PEOPLE} synthetic prints, each change durable"));
    let failed = |e| Failure::new("the gallery", e);
    let people = TemplateGenerator::new(SEED);
    let samples = |n: u64, probe: bool| {
        let template = if probe { people.probe(n, 0) } else { people.reference(n) };
        Samples::new().finger(FingerPosition::RightIndex, template)
    };
    let id = |n: u64| SubjectId::new(format!("{n:09}")).map_err(|e| Failure::new("a name", e));
    let key = Arc::new(RawKey::new(SecretKey::random().map_err(|e| Failure::new("random numbers", e))?));
    let path = folder.join("gallery");
    let gallery = Gallery::builder(key.clone()).create(&path).map_err(failed)?;
    let batch = (0..PEOPLE).map(|n| Ok((id(n)?, samples(n, false)))).collect::<Result<Vec<_>, Failure>>()?;
    let start = std::time::Instant::now();
    if gallery.enroll_batch(batch, BatchOptions::new()).map_err(failed)? as u64 != PEOPLE {
        return Err(wrong("an enrollment"));
    }
    table.add(Row::rate("enrolled in a batch", PEOPLE as f64 / start.elapsed().as_secs_f64(), "prints/s"));
    table.add(Row::count("on the disk, per print", gallery.info().record_bytes as usize / PEOPLE as usize, "bytes"));
    let (mut next, mut broken) = (PEOPLE, false);
    let one = clock.part(0.4).timed(|| {
        let done = id(next).map(|id| gallery.enroll(&id, &samples(next % PEOPLE, false)));
        broken |= !matches!(done, Ok(Ok(())));
        next += 1;
    });
    table.add(Row::time("one durable enrollment", one).note(format!("p99 {:.2} ms", 1e3 * one.late)));
    let threshold =
        Fmr::new(1e-3).ok().and_then(|fmr| Threshold::at_fmr(fmr).ok()).ok_or_else(|| wrong("a threshold"))?;
    let mut turn = 0;
    let verified = clock.part(0.4).timed(|| {
        turn = (turn + 1) % PEOPLE;
        let verified = id(turn).map(|id| gallery.verify(&id, &samples(turn, true), threshold));
        broken |= !matches!(verified, Ok(Ok(_)));
    });
    table.add(
        Row::time("one verification, probe made and logged", verified)
            .note(format!("p99 {:.2} ms", 1e3 * verified.late)),
    );
    let count = gallery.len();
    drop(gallery);
    let opened = clock.timed(|| {
        let again = Gallery::builder(key.clone()).open(&path);
        broken |= !again.is_ok_and(|gallery| gallery.len() == count);
    });
    table.add(
        Row::time("opened, every record checked", opened)
            .note(format!("{:.1} us per print", 1e6 * opened.median / count as f64)),
    );
    if broken { Err(wrong("a gallery")) } else { Ok(()) }
}
