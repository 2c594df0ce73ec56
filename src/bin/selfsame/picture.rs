//! Kinds of pictures, determined by the name of the file.

use std::ffi::OsStr;
use std::path::Path;

use crate::failure::Failure;

/// A kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    Png,
    Svg,
}

/// The kind that a name asks for; `what` is the thing whose name it is.
pub fn kind(path: &Path, what: &str) -> Result<PictureKind, Failure> {
    match path.extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase().as_str() {
        "png" => Ok(PictureKind::Png),
        "svg" => Ok(PictureKind::Svg),
        _ => Err(Failure::usage(format!("{}: {what}'s name ends in .png or .svg", path.display()))),
    }
}
