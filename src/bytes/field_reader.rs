//! A reader whose errors name the field that was cut.

use std::marker::PhantomData;

use super::Reader;

/// Bytes that a field needs and that are not there.
pub(crate) struct Truncated {
    /// The field.
    pub(crate) what: &'static str,
    /// Where it begins, bytes.
    pub(crate) offset: usize,
    pub(crate) needed: usize,
    pub(crate) available: usize,
}

/// Reads big-endian fields in order; `what` names them in the error `E` of the format.
#[derive(Clone)]
pub(crate) struct FieldReader<'a, E> {
    reader: Reader<'a>,
    error: PhantomData<E>,
}

impl<'a, E: From<Truncated>> FieldReader<'a, E> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes), error: PhantomData }
    }

    /// Where the next field begins, bytes.
    pub(crate) fn offset(&self) -> usize {
        self.reader.offset()
    }

    /// All that is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// Bytes not yet read.
    pub(crate) fn left(&self) -> usize {
        self.rest().len()
    }

    /// The next byte, left where it is.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// The next `n` bytes.
    pub(crate) fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], E> {
        self.field(n, what, |r| r.take(n))
    }

    /// A reader of the next `n` bytes alone, which counts offsets as this one does.
    pub(crate) fn part(&mut self, n: usize, what: &'static str) -> Result<Self, E> {
        let reader = self.field(n, what, |r| r.part(n))?;
        Ok(Self { reader, error: PhantomData })
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], E> {
        self.field(N, what, Reader::array)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, E> {
        self.field(1, what, Reader::u8)
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, E> {
        self.field(2, what, Reader::u16)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, E> {
        self.field(4, what, Reader::u32)
    }

    fn field<T>(
        &mut self,
        needed: usize,
        what: &'static str,
        read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
    ) -> Result<T, E> {
        let (offset, available) = (self.offset(), self.left());
        read(&mut self.reader).ok_or_else(|| Truncated { what, offset, needed, available }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<Truncated> for (&'static str, usize, usize, usize) {
        fn from(Truncated { what, offset, needed, available }: Truncated) -> Self {
            (what, offset, needed, available)
        }
    }

    #[test]
    fn errors_name_the_field_and_its_place() {
        let mut r: FieldReader<'_, (&str, usize, usize, usize)> = FieldReader::new(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((r.u8("a"), r.u16("b"), r.u32("c")), (Ok(1), Ok(0x0203), Ok(0x0405_0607)));
        assert_eq!((r.offset(), r.left(), r.peek()), (7, 1, Some(8)));
        assert_eq!(r.u16("d"), Err(("d", 7, 2, 1)));
        assert_eq!(r.take(usize::MAX, "e"), Err(("e", 7, usize::MAX, 1)));
        assert_eq!((r.array("f"), r.peek()), (Ok([8]), None));
        let mut whole: FieldReader<'_, (&str, usize, usize, usize)> = FieldReader::new(&[1, 2, 3, 4]);
        assert!(whole.part(5, "g").is_err());
        whole.u8("h").unwrap();
        let mut part = whole.part(2, "i").unwrap();
        assert_eq!((part.offset(), part.left(), part.u16("j")), (1, 2, Ok(0x0203)));
        assert_eq!((part.u8("k"), whole.u8("l")), (Err(("k", 3, 1, 0)), Ok(4)));
    }
}
