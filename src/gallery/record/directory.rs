//! A subject's identity and table of contents.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::place::Place;
use crate::bytes::Reader;
use crate::gallery::attempts::Uid;
use crate::gallery::params::{MAX_METADATA, MAX_RECORDS};
use crate::subject::SubjectId;

/// Bytes of the fields of fixed length.
const FIXED: usize = 30;

/// The sealed table of contents of one subject: `number (16) | version u64 | id length u16, id | metadata length u16, metadata | records u16 |
/// for each: place (4), version u64`.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::gallery) struct Directory {
    /// The subject's number in the log: random, and the same under every generation's keys.
    pub(in crate::gallery) uid: Uid,
    pub(in crate::gallery) subject: SubjectId,
    /// The caller's bytes.
    pub(in crate::gallery) metadata: Zeroizing<Vec<u8>>,
    /// The newest version of any record of this subject, including the directory.
    pub(in crate::gallery) version: u64,
    /// The records that must exist, with their versions.
    pub(in crate::gallery) records: BTreeMap<Place, u64>,
}

impl Directory {
    pub(in crate::gallery) fn new(subject: SubjectId, uid: Uid) -> Self {
        Self { uid, subject, metadata: Zeroizing::default(), version: 0, records: BTreeMap::new() }
    }

    pub(in crate::gallery) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let id = self.subject.as_str().as_bytes();
        let each = Place::LEN.saturating_add(8);
        let records = self.records.len().saturating_mul(each);
        let length = [id.len(), self.metadata.len(), FIXED].into_iter().fold(records, usize::saturating_add);
        let mut out = Zeroizing::new(Vec::with_capacity(length));
        out.extend_from_slice(&self.uid);
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&u16::try_from(id.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(id);
        out.extend_from_slice(&u16::try_from(self.metadata.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(&self.metadata);
        out.extend_from_slice(&u16::try_from(self.records.len()).unwrap_or(u16::MAX).to_be_bytes());
        for (place, version) in &self.records {
            out.extend_from_slice(&place.encode());
            out.extend_from_slice(&version.to_be_bytes());
        }
        out
    }

    pub(in crate::gallery) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let uid = reader.array()?;
        let version = reader.u64()?;
        let length = usize::from(reader.u16()?);
        let subject = SubjectId::new_unrestricted(std::str::from_utf8(reader.take(length)?).ok()?).ok()?;
        let length = usize::from(reader.u16()?);
        if length > MAX_METADATA {
            return None;
        }
        let metadata = Zeroizing::new(reader.take(length)?.to_vec());
        let count = usize::from(reader.u16()?);
        if count > MAX_RECORDS {
            return None;
        }
        let mut records = BTreeMap::new();
        for _ in 0..count {
            let place = Place::decode(reader.array()?)?;
            if place == Place::DIRECTORY || records.insert(place, reader.u64()?).is_some() {
                return None;
            }
        }
        reader.rest().is_empty().then_some(Self { uid, subject, metadata, version, records })
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::What;
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let mut directory = Directory::new(SubjectId::new("jo").unwrap(), [5; 16]);
        directory.metadata.extend_from_slice(b"door 3");
        directory.version = 9;
        directory.records.insert(Place { what: What::Face, position: 0, slot: 0 }, 8);
        directory.records.insert(Place { what: What::Finger, position: 2, slot: 1 }, 7);
        let bytes = directory.encode();
        assert!(Directory::decode(&bytes).is_some_and(|again| again == directory));
        assert!((0..bytes.len()).all(|end| Directory::decode(&bytes[..end]).is_none()));
        let mut longer = bytes.to_vec();
        longer.push(0);
        assert!(Directory::decode(&longer).is_none());
        // The same place twice.
        let mut twice = bytes.to_vec();
        let at = bytes.len() - 12;
        let first: Vec<u8> = bytes[at - 12..at - 8].to_vec();
        twice[at..at + 4].copy_from_slice(&first);
        assert!(Directory::decode(&twice).is_none());
    }
}
