//! The command line of selfsame, built from the public API only.
//!
//! Exit codes are in `docs/cli.md`; a failure is reported in one line on stderr.

mod args;
mod batch;
mod bench;
mod calibrate;
mod choice;
mod compare;
mod convert;
mod convert_image;
mod dedup;
mod demo;
#[cfg(feature = "onnx")]
mod embed;
mod eval_enroll;
mod eval_extract;
mod eval_face;
mod eval_fingerprint;
mod eval_folder;
mod eval_protect;
mod extract;
mod failure;
mod folder;
mod gallery;
mod identify;
mod inspect;
mod inspect_images;
mod inspect_pictures;
mod interrupt;
#[cfg(feature = "onnx")]
mod landmarks;
mod manual;
mod outcome;
mod picture;
mod plot;
mod progress;
mod rate;
mod report;
mod rows;
mod rule;
mod sample;
mod stdio;
mod synth;
mod time;
mod write;

use std::io::Write;
use std::process::ExitCode;

use clap::{ArgMatches, FromArgMatches};

use args::eval::{EvalCommand, EvalProtectCommand};
use args::{Cli, Command, SynthCommand};
use failure::{Failure, Kind};
use outcome::Outcome;
use selfsame::text::shown;

fn main() -> ExitCode {
    let parsed = args::command().try_get_matches();
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, name(&matches))));
    let (cli, command) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return misused(&error),
    };
    if cli.json {
        stdio::keep_for_json();
    }
    choice::set(&cli.read);
    let outcome = run(&cli);
    let notes = choice::noted();
    choice::print(&notes);
    let mut outcome = match outcome {
        Ok(outcome) => outcome,
        Err(failure) => return told(&failure, &command, cli.json),
    };
    if !notes.is_empty() {
        outcome.json["notes"] = notes.into();
    }
    let printed = if cli.json {
        stdio::print(outcome::pretty(&outcome.document(&command)).as_bytes())
    } else if stdio::is_taken() {
        // A closed stderr must not cause a panic.
        let _ = write!(std::io::stderr(), "{}", outcome::lines(&outcome.text));
        Ok(())
    } else {
        stdio::print(outcome::lines(&outcome.text).as_bytes())
    };
    match printed {
        Ok(()) => ExitCode::from(outcome.code()),
        Err(failure) => told(&failure, &command, false),
    }
}

/// Tells a failure: a line on stderr and, if asked for, a JSON document on stdout.
fn told(failure: &Failure, command: &str, json: bool) -> ExitCode {
    let message = failure.to_string();
    let _ = writeln!(std::io::stderr(), "error: {message}");
    if json {
        // If that is lost, the exit code still tells.
        let _ = stdio::print(outcome::pretty(&outcome::failed(command, failure.kind(), &message)).as_bytes());
    }
    ExitCode::from(failure.kind().code())
}

/// The names of the command and its subcommands: `gallery enroll`.
fn name(matches: &ArgMatches) -> String {
    let mut names = Vec::new();
    let mut inner = matches.subcommand();
    while let Some((name, matches)) = inner {
        names.push(name);
        inner = matches.subcommand();
    }
    names.join(" ")
}

/// Tells an error about the arguments, or the help. Arguments also come from outside (`selfsame inspect *`), so they are
/// parsed again in a form that is safe to display.
fn misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let printed = stdio::quiet(error.print());
        let printed = printed.map_err(|e| Failure::new("cannot write to standard output", e).of(Kind::Output));
        return printed.map_or_else(|failure| told(&failure, "", false), |()| ExitCode::SUCCESS);
    }
    let arguments: Vec<_> = std::env::args_os().collect();
    let shown_ones = arguments.iter().map(|argument| shown(&argument.to_string_lossy()).to_string());
    let text = match args::command().try_get_matches_from(shown_ones) {
        Err(told) => {
            // Colors are for the terminal that clap knows of.
            let _ = told.print();
            told.render().to_string()
        }
        Ok(_) => {
            let text = outcome::lines(&error.render().to_string());
            let _ = write!(std::io::stderr(), "{text}");
            text
        }
    };
    if arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json") {
        let message: Vec<_> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
        let message = message.join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        let _ = stdio::print(outcome::pretty(&outcome::failed("", Kind::Usage, message)).as_bytes());
    }
    ExitCode::from(Kind::Usage.code())
}

fn run(cli: &Cli) -> Result<Outcome, Failure> {
    if let Some(threads) = cli.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
        pool.build_global().map_err(|e| Failure::new("--threads", e).of(Kind::Usage))?;
    }
    match &cli.command {
        Command::Extract(args) => extract::run(args),
        Command::Compare(args) => compare::run(args),
        Command::ConvertImage(args) => convert_image::run(args),
        Command::Convert(args) => convert::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Identify(args) => identify::run(args),
        Command::Dedup(args) => dedup::run(args),
        Command::Gallery { command } => gallery::run(command),
        Command::Synth { command: SynthCommand::Prints(args) } => synth::prints(args),
        Command::Synth { command: SynthCommand::Templates(args) } => synth::templates(args),
        Command::Synth { command: SynthCommand::Faces(args) } => synth::faces(args),
        #[cfg(feature = "onnx")]
        Command::Embed(args) => embed::run(args),
        Command::Calibrate(args) => calibrate::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Completions(args) => manual::completions(args),
        Command::Man(args) => manual::pages(args),
        Command::Eval { command: EvalCommand::Fingerprint(args) } => eval_fingerprint::run(args),
        Command::Eval { command: EvalCommand::Face(args) } => eval_face::run(args),
        Command::Eval { command: EvalCommand::Extract(args) } => eval_extract::run(args),
        Command::Eval { command: EvalCommand::Protect { command: EvalProtectCommand::Faces(args) } } => {
            eval_protect::faces(args)
        }
        Command::Eval { command: EvalCommand::Protect { command: EvalProtectCommand::Fingers(args) } } => {
            eval_protect::fingers(args)
        }
    }
}
