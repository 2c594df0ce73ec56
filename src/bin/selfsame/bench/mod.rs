//! `selfsame bench`: what this machine does, on synthetic people, within a stated time. Every result is checked before it is timed.

mod clock;
mod given;
mod machine;
mod search;
mod single;
mod store;
mod table;

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::args::BenchArgs;
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, shown_path};
use crate::report::machine::facts;
use crate::{interrupt, plot, write};
use clock::Clock;
use table::{Row, Table};

/// Says what is measured now, to somebody who looks.
fn tell(what: &str) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // A closed stderr must not cause a panic.
        let _ = writeln!(stderr, "measuring {what} ...");
    }
}

pub fn run(args: &BenchArgs) -> Result<Outcome, Failure> {
    write::check(&[args.svg.as_deref()], args.force.force)?;
    if let Some(parent) = args.svg.as_deref().and_then(Path::parent).filter(|parent| !parent.as_os_str().is_empty())
        && !parent.is_dir()
    {
        return Err(Failure::plain(format!("{}: there is no such folder", parent.display())).of(Kind::Output));
    }
    let make = || match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let (watched, folder) = interrupt::watched(make, |folder| folder.path())
        .map_err(|e| Failure::new("cannot create a temporary folder", e).of(Kind::Output))?;
    let start = Instant::now();
    let mut sizes: Vec<usize> = args.people.iter().map(|n| n.get()).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let clock = Clock::new(Duration::from_secs(args.seconds.get()));
    let mut table = Table::default();
    tell("the machine");
    machine_rows(clock.part(0.06), &mut table)?;
    tell("extraction");
    single::extraction(clock.part(0.15), &mut table)?;
    tell("comparison");
    single::comparison(clock.part(0.1), &mut table)?;
    tell("searches among prints");
    search::prints(clock.part(0.5), &sizes, &mut table)?;
    tell("searches among faces");
    search::faces(clock.part(0.6), &sizes, &mut table)?;
    tell("a gallery");
    let stored = store::gallery(clock.part(0.8), folder.path(), &mut table);
    drop(folder);
    drop(watched);
    stored?;
    let mut text = String::new();
    let facts = facts();
    for (name, value) in &facts {
        let _ = writeln!(text, "{name}: {value}");
    }
    text.push_str(&table.text());
    let _ = writeln!(
        text,
        "\nmedians, and the least of all runs; everything ran beside whatever else this machine did; {:.0} seconds in all",
        start.elapsed().as_secs_f64()
    );
    if let Some(path) = &args.svg {
        let machine: Vec<String> = facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        write::output(path, plot::growth(&machine, table.curves())?.as_bytes(), args.force.force)?;
        let _ = writeln!(text, "growth drawn in {}", shown_path(path));
    }
    let mut json = table.json();
    json["machine"] = facts.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
    json["seconds"] = start.elapsed().as_secs_f64().into();
    Ok(Outcome::done(text, json))
}

/// What is measured, in which unit, and how.
type Measure = (&'static str, &'static str, fn(Clock) -> f64);

fn machine_rows(clock: Clock, table: &mut Table) -> Result<(), Failure> {
    table.title("the machine");
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(|e| Failure::new("threads", e))?;
    let threads = rayon::current_num_threads();
    let reading: Measure = ("reading memory", "GB/s", machine::bandwidth);
    let multiplying: Measure = ("floats multiplied and added, plain Rust", "G/s", machine::arithmetic);
    for (n, (name, unit, of)) in [reading, multiplying].into_iter().enumerate() {
        let clock = clock.part(1.0 / (2 - n) as f64);
        let single = one.install(|| of(clock.part(0.5)));
        let all = if threads > 1 { of(clock) } else { single };
        table.add(Row::rate(format!("{name}, one thread"), single, unit));
        table.add(Row::rate(format!("{name}, {threads} threads"), all, unit));
    }
    Ok(())
}
