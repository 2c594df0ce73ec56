//! Headers and names of files.

use crate::bytes::Reader;
use crate::gallery::error::GalleryError;
use crate::gallery::params::FORMAT;

/// Length of a header, bytes.
pub(in crate::gallery) const HEADER_LEN: usize = 26;

/// The files of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) enum FileKind {
    Keyring,
    Records,
    Log,
    /// Hashes over the log, which can be recomputed.
    Nodes,
    /// Marks in the log, which can be recomputed.
    Index,
}

impl FileKind {
    pub(in crate::gallery) const ALL: [Self; 5] = [Self::Keyring, Self::Records, Self::Log, Self::Nodes, Self::Index];

    fn stem(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Records => "records",
            Self::Log => "log",
            Self::Nodes => "log-hashes",
            Self::Index => "log-index",
        }
    }

    fn magic(self) -> &'static [u8; 4] {
        match self {
            Self::Keyring => b"SSKR",
            Self::Records => b"SSGP",
            Self::Log => b"SSGL",
            Self::Nodes => b"SSGN",
            Self::Index => b"SSGI",
        }
    }

    /// Kind and generation of a file of this name; `None` for a name that no gallery uses.
    pub(in crate::gallery) fn of_name(name: &str) -> Option<(Self, u32)> {
        let (stem, number) = name.rsplit_once('.')?;
        let kind = Self::ALL.into_iter().find(|kind| kind.stem() == stem)?;
        let generation = number.parse().ok()?;
        // Each number has only one spelling.
        (name_of(kind, generation) == name).then_some((kind, generation))
    }
}

/// The name of a file: `records.3`.
pub(in crate::gallery) fn name_of(kind: FileKind, generation: u32) -> String {
    format!("{}.{generation}", kind.stem())
}

/// `magic (4) | format u16 | gallery id (16) | generation u32`
pub(in crate::gallery) fn encode(kind: FileKind, gallery_id: &[u8; 16], generation: u32) -> Vec<u8> {
    [kind.magic().as_slice(), &FORMAT.to_be_bytes(), gallery_id, &generation.to_be_bytes()].concat()
}

/// Refuses a file of another kind, gallery or generation.
pub(in crate::gallery) fn check(
    bytes: &[u8],
    kind: FileKind,
    gallery_id: &[u8; 16],
    generation: u32,
) -> Result<(), GalleryError> {
    let damaged = |what| GalleryError::Damaged { what };
    let mut reader = Reader::new(bytes);
    if reader.take(4) != Some(kind.magic()) {
        return Err(damaged("a file does not begin like a file of a gallery"));
    }
    match reader.u16() {
        Some(FORMAT) => {}
        Some(format) => return Err(GalleryError::NewerFormat { format }),
        None => return Err(damaged("a file is truncated")),
    }
    let fits = reader.array() == Some(*gallery_id) && reader.u32() == Some(generation);
    if fits { Ok(()) } else { Err(damaged("a file belongs to another gallery or generation than the keyring")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_headers_are_read_as_they_are_written() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::of_name(&name_of(kind, 7)), Some((kind, 7)));
            let bytes = encode(kind, &[3; 16], 9);
            assert_eq!(bytes.len(), HEADER_LEN);
            assert!(check(&bytes, kind, &[3; 16], 9).is_ok());
            assert!(check(&bytes, kind, &[4; 16], 9).is_err() && check(&bytes, kind, &[3; 16], 8).is_err());
            assert!((0..bytes.len()).all(|end| check(&bytes[..end], kind, &[3; 16], 9).is_err()));
        }
        for name in
            ["keyring", "keyring.", "keyring.01", "keyring.+1", "keyring.4294967296", "other.1", ".1", "keyring.1.tmp"]
        {
            assert_eq!(FileKind::of_name(name), None, "{name}");
        }
    }
}
