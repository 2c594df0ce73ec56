//! The result of a command, as text and as JSON.

use std::io::{ErrorKind, Write};
use std::path::Path;

use selfsame::text::{is_hidden, shown};
use serde_json::Value;

/// The result of a command.
#[derive(Debug)]
pub struct Outcome {
    /// Text for people. Untrusted parts are written as [`shown`] returns them, so that every line break is the
    /// command's own.
    pub text: String,
    /// JSON for programs.
    pub json: Value,
    /// Whether the search was successful; `true` for commands that do not search.
    pub matched: bool,
}

impl Outcome {
    /// The result of a command that does not search.
    pub fn done(text: String, json: Value) -> Self {
        Self { text, json, matched: true }
    }

    /// The exit code: 0, or 1 for no match.
    pub fn code(&self) -> u8 {
        u8::from(!self.matched)
    }

    /// Prints to stdout; a closed reader is not an error.
    pub fn print(&self, json: bool) {
        let text = if json { pretty(&self.json) } else { lines(&self.text) };
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => {
                let _ = writeln!(std::io::stderr(), "warning: writing to stdout: {e}");
            }
            _ => {}
        }
    }
}

/// Multi-line text in which only the line breaks can move a terminal's cursor or change its direction, whatever its
/// parts contain.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && is_hidden(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// The name of a file, safe to display within a line.
pub fn shown_path(path: &Path) -> String {
    shown(&path.display().to_string()).to_string()
}

/// A number of things, as English counts them.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A number of subjects.
pub fn subjects(count: usize) -> String {
    counted(count as u64, "subject", "subjects")
}

/// Indented JSON with a final line break.
pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A single-precision number with its own digits, not those of its neighbor in double precision.
pub fn number(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_line_breaks_are_left_in_text() {
        assert_eq!(lines("a\tb\r\n\u{1b}[1mc\n\u{202e}\n"), "a\\u{9}b\\u{d}\n\\u{1b}[1mc\n\\u{202e}\n");
        assert_eq!(shown_path(Path::new("a\nb")), "a\\u{a}b");
    }
}
