//! A reader that never leaves its slice and reports the offset where it stopped.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use super::error::FormatError;

/// Reads big-endian fields in order.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Offset of the next field, bytes.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// Bytes not yet read.
    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.offset)
    }

    /// The next byte, without consuming it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.offset).copied()
    }

    /// The next `n` bytes; `what` names them in the error.
    pub(super) fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], FormatError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let Some((taken, _)) = rest.split_at_checked(n) else {
            return Err(FormatError::Truncated { what, offset: self.offset, needed: n, available: self.left() });
        };
        self.offset = self.offset.saturating_add(n);
        Ok(taken)
    }

    /// A reader of only the next `n` bytes, with the same origin of offsets.
    pub(super) fn part(&mut self, n: usize, what: &'static str) -> Result<Self, FormatError> {
        let offset = self.offset;
        self.take(n, what)?;
        Ok(Self { bytes: self.bytes.get(..self.offset).unwrap_or_default(), offset })
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FormatError> {
        let taken = self.take(N, what)?;
        Ok(taken.first_chunk().copied().unwrap_or([0; N]))
    }

    pub(super) fn u8(&mut self, what: &'static str) -> Result<u8, FormatError> {
        Ok(u8::from_be_bytes(self.array(what)?))
    }

    pub(super) fn u16(&mut self, what: &'static str) -> Result<u16, FormatError> {
        Ok(u16::from_be_bytes(self.array(what)?))
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, FormatError> {
        Ok(u32::from_be_bytes(self.array(what)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_order_and_stops_at_the_end() {
        let mut r = Reader::new(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(r.u8("a").unwrap(), 1);
        assert_eq!(r.u16("b").unwrap(), 0x0203);
        assert_eq!(r.u32("c").unwrap(), 0x0405_0607);
        assert_eq!((r.offset(), r.left()), (7, 1));
        let error = r.u16("d").unwrap_err();
        assert_eq!(error, FormatError::Truncated { what: "d", offset: 7, needed: 2, available: 1 });
        assert!(r.take(usize::MAX, "e").is_err());
        assert_eq!(r.take(1, "f").unwrap(), &[8]);
        let mut whole = Reader::new(&[1, 2, 3, 4]);
        assert!(whole.part(5, "g").is_err());
        whole.u8("h").unwrap();
        let mut part = whole.part(2, "i").unwrap();
        assert_eq!((part.offset(), part.left(), part.u16("j").unwrap()), (1, 2, 0x0203));
        assert!(part.u8("k").is_err());
        assert_eq!(whole.u8("l").unwrap(), 4);
    }
}
