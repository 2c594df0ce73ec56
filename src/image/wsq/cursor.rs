//! A reader of big-endian fields that never leaves its slice.

use super::error::WsqError;

/// The rest of the file after some offset.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Offset of the next field in the file, bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next `n` bytes; `what` names them in the error.
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<Self, WsqError> {
        let (taken, rest) = self.bytes.split_at_checked(n).ok_or(WsqError::Truncated { what, offset: self.offset })?;
        let part = Self { bytes: taken, offset: self.offset };
        (self.bytes, self.offset) = (rest, self.offset.saturating_add(n));
        Ok(part)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WsqError> {
        let truncated = WsqError::Truncated { what, offset: self.offset };
        self.take(N, what)?.bytes.try_into().map_err(|_| truncated)
    }

    pub fn u8(&mut self, what: &'static str) -> Result<u8, WsqError> {
        self.array(what).map(u8::from_be_bytes)
    }

    pub fn u16(&mut self, what: &'static str) -> Result<u16, WsqError> {
        self.array(what).map(u16::from_be_bytes)
    }

    pub fn u32(&mut self, what: &'static str) -> Result<u32, WsqError> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// The body of a segment: its length field counts itself.
    pub fn segment(&mut self, what: &'static str) -> Result<Self, WsqError> {
        let offset = self.offset;
        let length = self.u16(what)?;
        let expected = "a length of at least 2 is needed";
        let body = length.checked_sub(2).ok_or(WsqError::Value { what, offset, value: length.into(), expected })?;
        self.take(body.into(), what)
    }

    /// A number of an exponent and 16 bits: the value times ten to the minus exponent.
    pub fn decimal(&mut self, what: &'static str) -> Result<f32, WsqError> {
        let exponent = self.u8(what)?;
        Ok(scaled(self.u16(what)?.into(), exponent))
    }

    /// A signed number: sign, exponent and 32 bits.
    pub fn signed_decimal(&mut self, what: &'static str) -> Result<f32, WsqError> {
        let negative = self.u8(what)? != 0;
        let exponent = self.u8(what)?;
        let value = scaled(self.u32(what)?, exponent);
        Ok(if negative { -value } else { value })
    }
}

/// `value * 10^-exponent`, at single precision.
#[allow(clippy::as_conversions, reason = "rounding to the nearest single is what is wanted")]
pub(super) fn scaled(value: u32, exponent: u8) -> f32 {
    (f64::from(value) / 10f64.powi(exponent.into())) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order_with_their_places() {
        let mut cursor = Cursor::new(&[1, 2, 3, 4, 5, 6, 7, 0, 4, 8, 9, 10]);
        assert_eq!((cursor.u8("a").unwrap(), cursor.u16("b").unwrap(), cursor.offset()), (1, 0x0203, 3));
        assert_eq!((cursor.u32("c").unwrap(), cursor.offset()), (0x0405_0607, 7));
        let body = cursor.segment("d").unwrap();
        assert_eq!((body.rest(), body.offset(), cursor.offset(), cursor.is_empty()), (&[8, 9][..], 9, 11, false));
        let error = cursor.u16("e").unwrap_err();
        assert!(matches!(error, WsqError::Truncated { what: "e", offset: 11 }), "{error}");
        assert_eq!((cursor.u8("f").unwrap(), cursor.is_empty()), (10, true));
        assert!(matches!(Cursor::new(&[0, 1]).segment("g"), Err(WsqError::Value { offset: 0, value: 1, .. })));
        assert!(Cursor::new(&[0, 3]).segment("h").is_err() && Cursor::new(&[0, 2]).segment("i").is_ok());
    }

    #[test]
    fn numbers_have_an_exponent_and_a_sign() {
        assert_eq!(Cursor::new(&[2, 0x01, 0x02]).decimal("a").unwrap(), 2.58);
        assert_eq!(Cursor::new(&[0, 1, 0, 0, 0x30, 0x39]).signed_decimal("b").unwrap(), 1234.5);
        assert_eq!(Cursor::new(&[7, 0, 0, 0, 0x30, 0x39]).signed_decimal("c").unwrap(), -12345.0);
        assert!(Cursor::new(&[1, 0, 0, 0, 0x30]).signed_decimal("d").is_err());
        assert_eq!(scaled(u32::MAX, 255), 0.0);
    }
}
