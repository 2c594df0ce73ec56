//! `selfsame completions` and `selfsame man`: what shells and readers of manuals need, made from the arguments themselves.

use std::io;

use clap::Command;
use clap_mangen::Man;
use serde_json::json;

use crate::args::{CompletionsArgs, ManArgs, command};
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, counted, shown_path};
use crate::{stdio, write};

/// The name of the command in scripts and pages.
const NAME: &str = "selfsame";

pub fn completions(args: &CompletionsArgs) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), NAME, &mut script);
    if !stdio::is_json() {
        stdio::output(&script)?;
    }
    let json = json!({"shell": args.shell.to_string(), "script": String::from_utf8_lossy(&script)});
    Ok(Outcome::done(String::new(), json))
}

pub fn pages(args: &ManArgs) -> Result<Outcome, Failure> {
    let mut whole = command().disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    collect(&whole, NAME, &mut pages).map_err(|e| Failure::new("cannot make the pages", e).of(Kind::Output))?;
    write::folder(&args.folder)?;
    for (name, page) in &pages {
        write::file(&args.folder.join(name), page)?;
    }
    let count = counted(pages.len() as u64, "page", "pages");
    let text =
        format!("{count} in {}; read one with man {}/{NAME}.1\n", shown_path(&args.folder), shown_path(&args.folder));
    let names: Vec<_> = pages.iter().map(|(name, _)| name).collect();
    Ok(Outcome::done(text, json!({"folder": args.folder.display().to_string(), "pages": names})))
}

/// The pages of a command and of those below it, with the names of their files.
fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let mut page = Vec::new();
    // A built command knows its whole name: selfsame-gallery-enroll.
    Man::new(command.clone()).render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for inner in command.get_subcommands() {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}
