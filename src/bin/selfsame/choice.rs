//! What the user chose of files that hold several things, and what was assumed about each file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use selfsame::image::{ImageError, ImageFile, ImageOptions};
use selfsame::{Limits, Ppi};

use crate::args::ReadArgs;
use crate::outcome::shown_path;

/// Relative difference of two resolutions that nobody needs to hear of.
const SAME: f32 = 0.02;

static CHOICE: OnceLock<ReadArgs> = OnceLock::new();

/// Per note the first file that it is about, and the number of files.
static NOTES: Mutex<BTreeMap<String, (String, usize)>> = Mutex::new(BTreeMap::new());

/// Takes the choices of the command line.
pub fn set(args: &ReadArgs) {
    let _ = CHOICE.set(args.clone());
}

/// The choices.
pub fn get() -> ReadArgs {
    CHOICE.get().cloned().unwrap_or_default()
}

/// Notes something that was assumed about a file.
pub fn note(path: &Path, text: impl ToString) {
    let mut notes = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = notes.entry(text.to_string()).or_insert_with(|| (shown_path(path), 0));
    entry.1 += 1;
}

/// Does something that notes nothing: a file is read again.
pub fn unnoted<T>(what: impl FnOnce() -> T) -> T {
    let kept = NOTES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let done = what();
    *NOTES.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    done
}

/// What was assumed, one line for each kind: about which file, and about how many more.
pub fn noted() -> Vec<String> {
    let notes = std::mem::take(&mut *NOTES.lock().unwrap_or_else(PoisonError::into_inner));
    let line = |(text, (first, count)): (String, (String, usize))| match count {
        1 => format!("{first}: {text}"),
        2 => format!("{first} and another file: {text}"),
        _ => format!("{first} and {} other files: {text}", count - 1),
    };
    notes.into_iter().map(line).collect()
}

/// Prints what was assumed on stderr.
pub fn print(notes: &[String]) {
    for note in notes {
        // A closed stderr must not cause a panic.
        let _ = writeln!(std::io::stderr(), "note: {note}");
    }
}

/// The resolution of an image: the user's word, which overrides what the file states, or else that. A difference is noted.
pub fn resolution(path: &Path, asked: Option<Ppi>, stated: Option<Ppi>) -> Option<Ppi> {
    if let (Some(asked), Some(stated)) = (asked, stated)
        && (asked.get() - stated.get()).abs() > SAME * stated.get()
    {
        note(path, format!("the file states {} ppi, and --ppi {} was used", stated.get(), asked.get()));
    }
    asked.or(stated)
}

/// Decodes an image file as chosen, with what was assumed noted.
pub fn image(path: &Path, bytes: &[u8], limits: &Limits) -> Result<ImageFile, ImageError> {
    let choice = get();
    let options = if choice.upright { ImageOptions::default().upright() } else { ImageOptions::default() };
    // Pages are counted before anything is decoded, and a file of one page needs no choice.
    let file = match (ImageFile::decode(bytes, &options, limits), choice.page) {
        (Err(ImageError::SeveralPages { .. }), Some(page)) => ImageFile::decode(bytes, &options.page(page), limits),
        (file, _) => file,
    }?;
    file.notes.iter().for_each(|text| note(path, text));
    Ok(file)
}
