//! Model files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::EmbedError;

/// The bytes of a file, one more than allowed at most, which shows that it is too large.
pub(super) fn read(path: &Path, most: usize) -> Result<Vec<u8>, EmbedError> {
    let failed = |e: std::io::Error| EmbedError::Read(e.kind());
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take((most as u64).saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
