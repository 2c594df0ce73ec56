//! Events of the log as JSON.

use selfsame::gallery::log::Event;
use serde_json::{Value, json};

use crate::time;

/// An event by itself.
pub fn event_value(event: &Event) -> Value {
    json!({
        "time": time::text(event.time),
        "unix_ms": event.time,
        "event": event.kind.name(),
        "outcome": event.outcome.name(),
        "actor": event.actor.as_str(),
        "subject_number": event.subject.map(|number| hex(&number)),
        "score": event.score.map(|s| s.name()),
        "count": event.count,
    })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
