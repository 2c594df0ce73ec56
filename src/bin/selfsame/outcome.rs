//! What a command found, as text and as JSON.

use std::io::{ErrorKind, Write};

use serde_json::Value;

/// The result of a command.
#[derive(Debug)]
pub struct Outcome {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// Whether what was looked for was found; `true` for commands that look for nothing.
    pub matched: bool,
}

impl Outcome {
    /// The result of a command that looks for nothing.
    pub fn done(text: String, json: Value) -> Self {
        Self { text, json, matched: true }
    }

    /// The exit code: 0, or 1 for no match.
    pub fn code(&self) -> u8 {
        u8::from(!self.matched)
    }

    /// Prints to stdout; a reader that has gone away is no error.
    pub fn print(&self, json: bool) {
        let text = if json { pretty(&self.json) } else { self.text.clone() };
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => {
                let _ = writeln!(std::io::stderr(), "warning: writing to stdout: {e}");
            }
            _ => {}
        }
    }
}

/// JSON with indentation and a last line break.
pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A single-precision number with the digits that it has, not those of its neighbour in double precision.
pub fn number(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}
