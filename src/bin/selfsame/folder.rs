//! Folders of samples.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use selfsame::text::shown;

use crate::failure::Failure;

/// Extensions of images, in order of preference.
pub const IMAGES: &[&str] = &["tif", "tiff", "png", "bmp", "pgm", "jpg", "jpeg", "wsq", "fir", "an2"];
/// Extensions of images and templates; of several files with one stem the first in this order counts.
pub const SAMPLES: &[&str] = &[
    "tif", "tiff", "png", "bmp", "pgm", "jpg", "jpeg", "wsq", "fir", "an2", "iso", "csv", "fmr", "ansi", "piv", "ssft",
    "cbor", "xyt",
];

/// The files of a folder that were asked for, and those left out.
#[derive(Debug, Default)]
pub struct Listing {
    /// Name without extension, and path, in order of the names.
    pub files: Vec<(String, PathBuf)>,
    /// File names that were ignored: another extension.
    pub ignored: Vec<String>,
    /// Names of files shadowed by another file with the same stem.
    pub shadowed: Vec<String>,
}

impl Listing {
    /// Lists the files of `folder` with one of `extensions` (in any case). Subfolders are skipped, unless they are named like such
    /// a file: those cannot be read, and that is said.
    pub fn of(folder: &Path, extensions: &[&str]) -> Result<Self, Failure> {
        let failed = |e: std::io::Error| Failure::new(format!("cannot read the folder {}", folder.display()), e);
        let mut best: BTreeMap<String, (usize, String, PathBuf)> = BTreeMap::new();
        let mut listing = Self::default();
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if !path.is_dir() || rank(&path, extensions).is_some() {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let rank = rank(&path, extensions);
            let stem = path.file_stem().and_then(|s| s.to_str()).map(str::to_owned);
            let (Some(rank), Some(stem)) = (rank, stem) else {
                listing.ignored.push(name);
                continue;
            };
            match best.get_mut(&stem) {
                None => {
                    best.insert(stem, (rank, name, path));
                }
                Some(known) if rank < known.0 => {
                    listing.shadowed.push(std::mem::replace(known, (rank, name, path)).1);
                }
                Some(_) => listing.shadowed.push(name),
            }
        }
        listing.files = best.into_iter().map(|(stem, (_, _, path))| (stem, path)).collect();
        Ok(listing)
    }
}

/// The place of a name's extension in a list.
fn rank(path: &Path, extensions: &[&str]) -> Option<usize> {
    let extension = path.extension()?.to_string_lossy().to_lowercase();
    extensions.iter().position(|e| *e == extension)
}

/// The path of something in a folder, unless it is a pipe, a socket or a device: nobody asked to wait for those.
pub fn regular(path: &Path) -> Result<&Path, Failure> {
    match path.metadata() {
        Ok(found) if !found.is_file() && !found.is_dir() => {
            Err(Failure::plain(format!("{}: a pipe, a socket or a device", path.display())))
        }
        _ => Ok(path),
    }
}

/// A few names, safe to display, and the number of others.
pub fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| shown(name).to_string()).collect();
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_names_stay_on_one_line() {
        let names = ["a\nb", "c\u{1b}", "d", "e"].map(str::to_owned);
        assert_eq!(some_of(&names), "a\\u{a}b, c\\u{1b}, d and 1 more");
    }
}
