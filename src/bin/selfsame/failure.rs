//! An error as shown to the user: one line with the action that failed and the chain of causes, and its exit code.

use std::error::Error;
use std::fmt;
use std::path::Path;

use selfsame::fingerprint::extract::{ExtractError, ExtractorBuilderError};
use selfsame::gallery::seal::{KeyError, KeyringError};
use selfsame::gallery::{AnchorError, GalleryError};
use selfsame::score::{FmrError, ThresholdError};
use selfsame::text::shown;

/// What went wrong, as an exit code tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command was called in a way that cannot be carried out.
    Usage,
    /// A file that cannot be read, or that is not what it should be.
    Input,
    /// No print, or too little of it.
    Quality,
    /// The gallery refused, is missing, is damaged or is open elsewhere.
    Store,
    /// The passphrase or key is missing, refused or wrong.
    Key,
    /// A result could not be written, or would replace a file.
    Output,
}

impl Kind {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Input => 3,
            Self::Quality => 4,
            Self::Store => 5,
            Self::Key => 6,
            Self::Output => 7,
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Quality => "quality",
            Self::Store => "store",
            Self::Key => "key",
            Self::Output => "output",
        }
    }

    /// The kind of a cause; what the crate does not say otherwise is a file that could not be read.
    fn of(cause: &(dyn Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<ExtractError>() {
                return if matches!(error, ExtractError::Template(_)) { Self::Input } else { Self::Quality };
            }
            if error.is::<KeyError>() {
                return Self::Key;
            }
            if let Some(error) = error.downcast_ref::<KeyringError>() {
                return if matches!(error, KeyringError::Key(_)) { Self::Key } else { Self::Store };
            }
            if let Some(error) = error.downcast_ref::<GalleryError>() {
                let key = matches!(error, GalleryError::Keyring(KeyringError::Key(_)));
                return if key { Self::Key } else { Self::Store };
            }
            if error.is::<AnchorError>() {
                return Self::Store;
            }
            if error.is::<FmrError>() || error.is::<ThresholdError>() || error.is::<ExtractorBuilderError>() {
                return Self::Usage;
            }
            next = error.source();
        }
        Self::Input
    }
}

/// The action that failed, and why.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    what: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// `what` could not be done because of `cause`, which determines the kind.
    pub fn new(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let cause = cause.into();
        Self { kind: Kind::of(&*cause), what: what.into(), cause: Some(cause) }
    }

    /// A failure without a deeper cause: an input that is not what it should be.
    pub fn plain(what: impl Into<String>) -> Self {
        Self { kind: Kind::Input, what: what.into(), cause: None }
    }

    /// A failure of the arguments.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::plain(what).of(Kind::Usage)
    }

    /// A failure about a file.
    pub fn at(path: &Path, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let what = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
        Self::new(what, cause)
    }

    /// The same failure as one of another kind.
    pub fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// Advice of the library to its callers, and the same for users of the command.
const ADVICE: [(&str, &str); 13] = [
    ("`FaceEmbedderBuilder::output`", "--model-output"),
    ("`ExtractorBuilder::unchecked`", "--unchecked"),
    ("`DecodeOptions::lenient`", "--lenient"),
    ("`ImageOptions::page`", "--page"),
    ("choose by finger, view number or place", "choose with --finger, --view or --place"),
    ("choose by finger or record", "choose with --finger"),
    ("; `Threshold::at_score` takes any score", "; ask for 1e-5 or more"),
    ("Passphrase::accept_cost_up_to allows more", "--accept-costly-passphrase allows more"),
    ("Passphrase::of_any_length accepts a shorter one", "--allow-short-passphrase accepts a shorter one"),
    ("; `DedupOptions::at_most` raises the limit", "; a lower --fmr or --fpir reports fewer"),
    ("; SubjectId::new_unrestricted accepts it", "; choose another name"),
    (
        "the gallery has no face model: set one when creating or opening it",
        "the gallery has no face model: create one with --face-model",
    ),
    (
        "faces cannot be compared without a calibration of their model",
        "faces cannot be compared without a calibration of their model: create the gallery with --face-calibration",
    ),
];

/// The text of an error for a user of the command, who has options instead of functions.
fn advised(text: &str) -> String {
    let mut text = ADVICE.iter().fold(text.to_owned(), |text, (library, command)| text.replace(library, command));
    // No option raises the limits of files, images and templates.
    const END: &str = "` raises it";
    if let Some(from) = text.find("; `Limits::")
        && let Some(length) = text.get(from..).and_then(|rest| rest.find(END))
    {
        text.replace_range(from..from + length + END.len(), "");
    }
    text
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
                let told = advised(&text);
                let parts: Vec<_> = told.split(['\n', '\r']).map(str::trim).filter(|p| !p.is_empty()).collect();
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
    use selfsame::Limits;

    #[test]
    fn it_is_one_line_of_visible_characters() {
        let failure = Failure::at(Path::new("a\nerror: b\u{1b}[2K"), "no\r\n  such\u{202e} thing\n");
        assert_eq!(failure.to_string(), "a\\u{a}error: b\\u{1b}[2K: no such\\u{202e} thing");
    }

    #[test]
    fn causes_have_kinds_and_advice_names_options() {
        let path = Path::new("a.png");
        assert_eq!(Failure::at(path, ExtractError::NoFingerprint).kind(), Kind::Quality);
        assert_eq!(Failure::at(path, GalleryError::Keyring(KeyError::WrongKey.into())).kind(), Kind::Key);
        assert_eq!(Failure::at(path, GalleryError::Busy).kind(), Kind::Store);
        let limit = Limits::default().check_bytes(usize::MAX).unwrap_err();
        let told = Failure::at(path, limit);
        assert_eq!(told.kind(), Kind::Input);
        assert!(told.to_string().ends_with("the limit is 67108864"), "{told}");
        let told = Failure::new("--fmr", ThresholdError { asked: 1e-9 });
        assert_eq!(told.kind(), Kind::Usage);
        assert!(told.to_string().ends_with("; ask for 1e-5 or more"), "{told}");
    }
}
