//! `selfsame gallery log`

use std::fmt::Write as _;

use selfsame::SubjectId;
use selfsame::gallery::log::EventKind;
use selfsame::gallery::{LogEntry, LogQuery};
use selfsame::text::shown;
use serde_json::{Value, json};

use super::change::{subject_of, unknown};
use super::event::{event_value, hex};
use super::open::{builder, close, failed, open_to_read, present};
use crate::args::gallery::LogArgs;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::time;

pub fn run(args: &LogArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let known = |kind: &String| EventKind::ALL.iter().copied().find(|known| known.name() == kind);
    let kind = args.kind.as_ref().map(|kind| {
        let kinds = || EventKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        known(kind).ok_or_else(|| Failure::usage(format!("--kind: one of {} is needed", kinds())))
    });
    let kind = kind.transpose()?;
    let gallery = open_to_read(&args.gallery, builder(&args.key, false)?, &args.read)?;
    let wanted = args.subject.as_deref().map(subject_of).transpose()?;
    if let Some(subject) = wanted.as_ref().filter(|subject| !gallery.contains(subject)) {
        return Err(unknown(subject, "; the log knows others only by number"));
    }
    // One more shows that there are more.
    let count = args.count.get();
    let mut query = LogQuery::first(count.saturating_add(1)).starting_at(args.from).since(args.since.unwrap_or(0));
    query = kind.map_or(query, |kind| query.kind(kind));
    query = wanted.and_then(|subject| gallery.number_of(&subject)).map_or(query, |number| query.subject(number));
    let mut entries = gallery.log(query).map_err(|e| failed(&args.gallery, e))?;
    let next = entries.get(count).map(|entry| entry.number);
    entries.truncate(count);
    let (size, root) = gallery.log_root().map_err(|e| failed(&args.gallery, e))?;
    close(&args.gallery, &gallery)?;
    let mut shown = Shown::default();
    entries.iter().for_each(|entry| shown.add(entry));
    let Shown { mut text, entries } = shown;
    let more = next.map(|next| format!("; more with --from {next}")).unwrap_or_default();
    let first = gallery.info().log_first;
    let retired = if first > 0 { format!(" (those before {first} were removed)") } else { String::new() };
    let _ = writeln!(text, "{} of {size} entries{retired}{more}; root {}", entries.len(), hex(&root));
    let json = json!({
        "entries": entries,
        "next": next,
        "first": first,
        "size": size,
        "root": hex(&root),
    });
    Ok(Outcome::done(text, json))
}

/// Entries as text, a line each, and as JSON.
#[derive(Default)]
pub struct Shown {
    pub text: String,
    pub entries: Vec<Value>,
}

impl Shown {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn add(&mut self, entry: &LogEntry) {
        self.entries.push(value(entry));
        let text = &mut self.text;
        let Some(event) = &entry.event else {
            let _ = writeln!(text, "{:>6}  (of a person who was erased; only its hash is kept)", entry.number);
            return;
        };
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
            let _ = write!(text, "  by {}", shown(event.actor.as_str()));
        }
        if entry.clock_put_back {
            text.push_str("  (THE CLOCK WAS SET BACK: earlier than an entry before it)");
        }
        text.push('\n');
    }
}

fn value(entry: &LogEntry) -> Value {
    let mut value = entry.event.as_ref().map_or_else(|| json!({}), event_value);
    value["erased"] = entry.event.is_none().into();
    value["number"] = entry.number.into();
    value["subject"] = entry.subject.as_ref().map(SubjectId::as_str).into();
    value["clock_put_back"] = entry.clock_put_back.into();
    value
}

/// The subject's name, or the beginning of its number when it is no longer enrolled.
fn subject(entry: &LogEntry) -> Option<String> {
    match (&entry.subject, entry.event.as_ref().and_then(|event| event.subject)) {
        (Some(name), _) => Some(name.to_string()),
        (None, Some(number)) => Some(format!("({}..)", hex(&number[..4]))),
        (None, None) => None,
    }
}
