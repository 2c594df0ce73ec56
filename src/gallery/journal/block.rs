//! One block of records.

use super::end::End;
use super::keys::{Keys, Tag};
use crate::bytes::Reader;
use crate::gallery::record::Place;
use crate::gallery::seal::fast_authentication_code;

/// Bytes of a block besides its body: length and code.
pub(in crate::gallery) const BLOCK_FRAME: u64 = 36;
/// Bytes of an operation before its sealed part: for a directory, for a record.
pub(in crate::gallery) const DIRECTORY_HEAD: usize = 45;
pub(in crate::gallery) const RECORD_HEAD: usize = 49;

/// The position of sealed bytes in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) struct Located {
    pub(in crate::gallery) at: u64,
    pub(in crate::gallery) len: u32,
}

/// One change to the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) enum Operation<'a> {
    Directory { tag: Tag, version: u64, sealed: &'a [u8], located: Located },
    Record { tag: Tag, place: Place, version: u64, sealed: &'a [u8], located: Located },
    Gone { tag: Tag },
}

/// The code of a block that follows `before`.
pub(super) fn code(keys: &Keys, before: &End, body: &[u8]) -> [u8; 32] {
    fast_authentication_code(&keys.blocks, &[b"selfsame/v1/block", &before.code, &before.at.to_be_bytes(), body])
}

/// Splits a block's body into operations; ends with `None` when something is not an operation. `at` is the position of
/// the body.
pub(in crate::gallery) fn operations(at: u64, body: &[u8]) -> impl Iterator<Item = Option<Operation<'_>>> {
    let mut reader = Reader::new(body);
    let mut failed = false;
    std::iter::from_fn(move || {
        if failed || reader.rest().is_empty() {
            return None;
        }
        let found = operation(at, &mut reader);
        failed = found.is_none();
        Some(found)
    })
}

fn operation<'a>(at: u64, r: &mut Reader<'a>) -> Option<Operation<'a>> {
    let kind = r.u8()?;
    let tag = r.array()?;
    let sealed = |r: &mut Reader<'a>| {
        let len = r.u32()?;
        let located = Located { at: at.checked_add(u64::try_from(r.offset()).ok()?)?, len };
        Some((r.take(usize::try_from(len).ok()?)?, located))
    };
    match kind {
        1 => {
            let version = r.u64()?;
            let (sealed, located) = sealed(r)?;
            Some(Operation::Directory { tag, version, sealed, located })
        }
        2 => {
            let place = Place::decode(r.array()?).filter(|place| *place != Place::DIRECTORY)?;
            let version = r.u64()?;
            let (sealed, located) = sealed(r)?;
            Some(Operation::Record { tag, place, version, sealed, located })
        }
        3 => Some(Operation::Gone { tag }),
        _ => None,
    }
}
