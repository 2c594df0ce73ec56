//! What a command found, as text and as JSON.

use std::io::{ErrorKind, Write};
use std::path::Path;

use selfsame::text::{is_hidden, shown};
use serde_json::Value;

/// The result of a command.
#[derive(Debug)]
pub struct Outcome {
    /// For people. What came from outside stands in it as [`shown`] gives it, so that every line break is the command's own.
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

/// Text of several lines in which nothing but the breaks between them moves a terminal's cursor or turns its direction, whatever a
/// part of it was made of.
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

/// The name of a file as it can be shown within a line.
pub fn shown_path(path: &Path) -> String {
    shown(&path.display().to_string()).to_string()
}

/// JSON with indentation and a last line break.
pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A single-precision number with the digits that it has, not those of its neighbor in double precision.
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
