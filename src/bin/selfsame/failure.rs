//! An error as shown to the user: one line with the action that failed and the chain of causes.

use std::error::Error;
use std::fmt;
use std::path::Path;

use selfsame::text::shown;

/// The action that failed, and why.
#[derive(Debug)]
pub struct Failure {
    what: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// `what` could not be done because of `cause`.
    pub fn new(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.into(), cause: Some(cause.into()) }
    }

    /// A failure without a deeper cause.
    pub fn plain(what: impl Into<String>) -> Self {
        Self { what: what.into(), cause: None }
    }

    /// A failure about a file.
    pub fn at(path: &Path, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(path.display().to_string(), cause)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // File names may contain anything; the error stays on one line.
        let mut line = shown(&self.what).to_string();
        let mut last = self.what.clone();
        let mut cause = self.cause.as_deref().map(|e| e as &dyn Error);
        while let Some(error) = cause {
            let text = error.to_string();
            // An error that passes its source through would repeat the same text.
            if !last.ends_with(&text) {
                // Decoders' messages may span several lines.
                let parts: Vec<_> = text.split(['\n', '\r']).map(str::trim).filter(|p| !p.is_empty()).collect();
                line = format!("{line}: {}", shown(&parts.join(" ")));
            }
            last = text;
            cause = error.source();
        }
        f.write_str(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_line_of_visible_characters() {
        let failure = Failure::at(Path::new("a\nerror: b\u{1b}[2K"), "no\r\n  such\u{202e} thing\n");
        assert_eq!(failure.to_string(), "a\\u{a}error: b\\u{1b}[2K: no such\\u{202e} thing");
    }
}
