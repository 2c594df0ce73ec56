//! Standard input and output as files: the name `-`.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::failure::{Failure, Kind};

/// Whether standard input was read.
static READ: AtomicBool = AtomicBool::new(false);
/// The use of standard output.
static USE: AtomicU8 = AtomicU8::new(TEXT);
const TEXT: u8 = 0;
const JSON: u8 = 1;
const DATA: u8 = 2;

/// Whether a name means standard input or output.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == OsStr::new("-")
}

/// Standard input, which one argument may read.
pub fn input() -> Result<io::StdinLock<'static>, Failure> {
    if READ.swap(true, Ordering::Relaxed) {
        return Err(Failure::usage("standard input can be read once: only one argument can be -"));
    }
    Ok(io::stdin().lock())
}

/// Keeps standard output for a JSON document.
pub fn keep_for_json() {
    USE.store(JSON, Ordering::Relaxed);
}

/// Whether standard output is kept for a JSON document.
pub fn is_json() -> bool {
    USE.load(Ordering::Relaxed) == JSON
}

/// Whether a file went to standard output, where nothing else may be mixed with it.
pub fn is_taken() -> bool {
    USE.load(Ordering::Relaxed) == DATA
}

/// Writes a file to standard output.
pub fn output(bytes: &[u8]) -> Result<(), Failure> {
    USE.store(DATA, Ordering::Relaxed);
    print(bytes)
}

/// Writes to standard output; a reader that went away is not an error.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    quiet(out.write_all(bytes).and_then(|()| out.flush()))
        .map_err(|e| Failure::new("cannot write to standard output", e).of(Kind::Output))
}

/// A reader that went away has what it wanted.
pub fn quiet(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
