//! A reader that never leaves its slice and knows where it stopped.

/// Reads big-endian fields in order.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The offset of the next field, in bytes.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// All remaining bytes.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// A reader of the next `n` bytes alone, which counts offsets as this one does; none of them if there are fewer.
    pub(crate) fn part(&mut self, n: usize) -> Option<Self> {
        let (bytes, rest) = self.bytes.split_at_checked(n)?;
        let part = Self { bytes, offset: self.offset };
        (self.bytes, self.offset) = (rest, self.offset.saturating_add(n));
        Some(part)
    }

    /// The next `n` bytes, or none of them.
    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        self.part(n).map(|part| part.bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    #[cfg(feature = "gallery")]
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_order_and_stops_at_the_end() {
        let mut r = Reader::new(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((r.u8(), r.u16(), r.u32()), (Some(1), Some(0x0203), Some(0x0405_0607)));
        assert_eq!((r.offset(), r.rest()), (7, &[8][..]));
        assert_eq!((r.u16(), r.take(usize::MAX)), (None, None));
        assert_eq!((r.u8(), r.u8()), (Some(8), None));
    }
}
