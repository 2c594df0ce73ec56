//! Temporary files and folders that an interrupt takes with it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

/// Exit code after Ctrl-C or a request to end.
const INTERRUPTED: i32 = 130;

/// What is to be removed.
static KEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static HANDLER: Once = Once::new();

/// A temporary file or folder, forgotten when this is dropped.
pub struct Watched(PathBuf);

impl Drop for Watched {
    fn drop(&mut self) {
        KEPT.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Makes something temporary that is removed when the user interrupts the command.
pub fn watched<T>(make: impl FnOnce() -> io::Result<T>, path: impl FnOnce(&T) -> &Path) -> io::Result<(Watched, T)> {
    // A signal that the caller of this process ignores (nohup) stays ignored: no handler is set then.
    HANDLER.call_once(|| drop(ctrlc::try_set_handler(end)));
    // An interrupt waits until what is made is known.
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let made = make()?;
    let path = path(&made).to_owned();
    kept.insert(path.clone());
    Ok((Watched(path), made))
}

/// Removes everything and ends the process.
fn end() {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    for path in kept.iter() {
        // What is already gone needs no removal.
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
    std::process::exit(INTERRUPTED);
}
