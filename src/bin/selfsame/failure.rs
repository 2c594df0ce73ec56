//! An error as the user sees it: one line, what was tried and the chain of causes.

use std::error::Error;
use std::fmt;
use std::path::Path;

/// What failed, and why.
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
        let mut line = self.what.clone();
        let mut last = self.what.clone();
        let mut cause = self.cause.as_deref().map(|e| e as &dyn Error);
        while let Some(error) = cause {
            let text = error.to_string();
            // An error that passes its source through says the same twice.
            if !last.ends_with(&text) {
                line = format!("{line}: {text}");
            }
            last = text;
            cause = error.source();
        }
        // File names and decoders' messages may hold line breaks; the error stays one line.
        for (i, part) in line.split(['\n', '\r']).map(str::trim).filter(|p| !p.is_empty()).enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}
