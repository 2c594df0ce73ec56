//! `selfsame gallery log`

use std::fmt::Write as _;

use selfsame::gallery::LogEntry;
use serde_json::{Value, json};

use super::{failed, open};
use crate::args::gallery::LogArgs;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::time;

pub fn run(args: &LogArgs) -> Result<Outcome, Failure> {
    let gallery = open(&args.gallery, &args.key)?;
    let since = args.since.unwrap_or(0);
    let entries = gallery.log_since(since).map_err(|e| failed(&args.gallery, e))?;
    let (size, root) = gallery.log_root().map_err(|e| failed(&args.gallery, e))?;
    let mut text = String::new();
    for entry in &entries {
        let event = &entry.event;
        let _ =
            write!(text, "{:>6}  {}  {:<15} {:<8}", entry.number, time::text(event.time), event.kind, event.outcome);
        if let Some(name) = subject(entry) {
            let _ = write!(text, "  {name}");
        }
        if let Some(score) = event.score {
            let _ = write!(text, "  {score} dB");
        }
        if event.count > 0 {
            let _ = write!(text, "  {}", event.count);
        }
        if !event.actor.as_str().is_empty() {
            let _ = write!(text, "  by {:?}", event.actor.as_str());
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{} of {size} entries; root {}", entries.len(), hex(&root));
    let json = json!({
        "entries": entries.iter().map(value).collect::<Vec<_>>(),
        "size": size,
        "root": hex(&root),
    });
    Ok(Outcome::done(text, json))
}

fn value(entry: &LogEntry) -> Value {
    let event = &entry.event;
    json!({
        "number": entry.number,
        "time": time::text(event.time),
        "unix_ms": event.time,
        "event": event.kind.name(),
        "outcome": event.outcome.name(),
        "actor": event.actor.as_str(),
        "subject": entry.subject.as_ref().map(|s| s.as_str()),
        "subject_tag": event.subject.map(|tag| hex(&tag)),
        "score": event.score.map(|s| s.name()),
        "count": event.count,
    })
}

/// The subject's name, or the beginning of its keyed name when it is not enrolled any more.
fn subject(entry: &LogEntry) -> Option<String> {
    match (&entry.subject, entry.event.subject) {
        // A name may hold anything, a line break too.
        (Some(name), _) => Some(format!("{:?}", name.as_str())),
        (None, Some(tag)) => Some(format!("({}..)", hex(&tag[..4]))),
        (None, None) => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
