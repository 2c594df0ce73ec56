//! The command line of selfsame, built from the public API only.
//!
//! Exit code 0: done, or a match; 1: no match; 2: error, reported in one line on stderr.

mod args;
mod calibrate;
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
mod eval_protect;
mod extract;
mod failure;
mod folder;
mod gallery;
mod identify;
mod inspect;
mod inspect_images;
mod outcome;
mod plot;
mod progress;
mod rows;
mod sample;
mod synth;
mod time;
mod write;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::eval::{EvalCommand, EvalProtectCommand};
use args::{Cli, Command, SynthCommand};
use failure::Failure;
use outcome::Outcome;
use selfsame::text::shown;

/// Exit code of an error.
const ERROR: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| misused(&error));
    match run(&cli) {
        Ok(outcome) => {
            outcome.print(cli.json);
            ExitCode::from(outcome.code())
        }
        Err(failure) => {
            // A closed stderr must not cause a panic.
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::from(ERROR)
        }
    }
}

/// Exits with an error about the arguments, or with the help. Arguments also come from outside (`selfsame inspect *`),
/// so they are parsed again in a form that is safe to display.
fn misused(error: &clap::Error) -> ! {
    let arguments = std::env::args_os().map(|argument| shown(&argument.to_string_lossy()).to_string());
    if let Err(told) = Cli::try_parse_from(arguments) {
        told.exit();
    }
    let _ = write!(std::io::stderr(), "{}", outcome::lines(&error.render().to_string()));
    std::process::exit(ERROR.into())
}

fn run(cli: &Cli) -> Result<Outcome, Failure> {
    if let Some(threads) = cli.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
        pool.build_global().map_err(|e| Failure::new("starting threads", e))?;
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
