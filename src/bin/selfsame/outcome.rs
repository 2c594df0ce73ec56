//! The result of a command, as text and as JSON.

use std::path::Path;

use selfsame::text::{is_hidden, shown};
use serde_json::{Value, json};

use crate::failure::Kind;

/// Exit code when a search found no match.
const NO_MATCH: u8 = 1;
/// Exit code when files were left out, whatever the others gave.
const LEFT_OUT: u8 = 8;
/// Version of the JSON documents.
const VERSION: u8 = 1;

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
    /// The number of files that could not be used.
    pub left_out: usize,
}

impl Outcome {
    /// The result of a command that does not search.
    pub fn done(text: String, json: Value) -> Self {
        Self::decided(text, json, true)
    }

    /// The result of a command that searches.
    pub fn decided(text: String, json: Value, matched: bool) -> Self {
        Self { text, json, matched, left_out: 0 }
    }

    /// The same result, reached without some files.
    pub fn leaving_out(self, left_out: usize) -> Self {
        Self { left_out, ..self }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match (self.left_out, self.matched) {
            (0, true) => 0,
            (0, false) => NO_MATCH,
            _ => LEFT_OUT,
        }
    }

    /// What the exit code says, in a word.
    fn status(&self) -> &'static str {
        match self.code() {
            0 => "done",
            NO_MATCH => "no-match",
            _ => "left-out",
        }
    }

    /// The JSON document.
    pub fn document(&self, command: &str) -> Value {
        document(command, self.code(), self.status(), self.json.clone())
    }
}

/// The JSON document of a failure.
pub fn failed(command: &str, kind: Kind, message: &str) -> Value {
    let error = json!({"error": {"kind": kind.name(), "message": message}});
    document(command, kind.code(), kind.name(), error)
}

fn document(command: &str, code: u8, status: &str, mut content: Value) -> Value {
    content["version"] = VERSION.into();
    content["command"] = command.into();
    content["exit_code"] = code.into();
    content["status"] = status.into();
    content
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
