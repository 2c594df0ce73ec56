//! Bits of a block: in the file, each byte FF is followed by a stuffed byte 00.

use std::slice::Iter;

/// Reads bits, the highest of each byte first.
pub(super) struct BitReader<'a> {
    bytes: Iter<'a, u8>,
    /// The next bits, from the top.
    window: u64,
    /// Number of bits in the window.
    count: u32,
}

impl<'a> BitReader<'a> {
    /// Makes a reader of a block's bytes, stuffing included.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter(), window: 0, count: 0 }
    }

    /// Fills the window up to 57 bits or the end.
    #[inline]
    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.bytes.next() else { return };
            if byte == 0xFF {
                self.bytes.next();
            }
            let shift = 56u32.saturating_sub(self.count);
            self.window |= u64::from(byte).wrapping_shl(shift);
            self.count = self.count.saturating_add(8);
        }
    }

    /// The next 16 bits, zeros after the end, and the number of available bits.
    #[inline]
    pub fn peek(&mut self) -> (u16, u32) {
        if self.count < 16 {
            self.fill();
        }
        (u16::try_from(self.window >> 48).unwrap_or(u16::MAX), self.count)
    }

    /// Skips `n` of the peeked bits, 16 at most.
    #[inline]
    pub fn skip(&mut self, n: u32) {
        self.window = self.window.wrapping_shl(n);
        self.count = self.count.saturating_sub(n);
    }

    /// The next `n` bits as a number (1 to 16); `None` at the end.
    #[inline]
    pub fn take(&mut self, n: u32) -> Option<u16> {
        let (bits, count) = self.peek();
        if count < n {
            return None;
        }
        self.skip(n);
        bits.checked_shr(16u32.checked_sub(n)?)
    }
}

/// Writes bits, the highest of each byte first, and the byte 00 after each FF.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    window: u64,
    count: u32,
}

impl BitWriter {
    /// Adds the lowest `n` bits of `bits` (at most 32).
    #[inline]
    pub fn put(&mut self, bits: u32, n: u32) {
        self.window = self.window.wrapping_shl(n) | u64::from(bits);
        self.count = self.count.saturating_add(n);
        while let Some(left) = self.count.checked_sub(8) {
            self.byte(left);
            self.count = left;
        }
    }

    fn byte(&mut self, above: u32) {
        let byte = u8::try_from(self.window.wrapping_shr(above) & 0xFF).unwrap_or(0);
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }

    /// The bytes; the last one is padded with ones, which are not a code.
    pub fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            let missing = 8u32.saturating_sub(self.count);
            self.put(0xFFu32.wrapping_shr(8u32.saturating_sub(missing)), missing);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = BitWriter::default();
        let numbers: Vec<(u32, u32)> = (0..500u32).map(|i| (i * 7919 % (1 << (1 + i % 16)), 1 + i % 16)).collect();
        numbers.iter().for_each(|&(bits, n)| writer.put(bits, n));
        let bytes = writer.finish();
        assert!(bytes.windows(2).all(|w| w[0] != 0xFF || w[1] == 0));
        let mut reader = BitReader::new(&bytes);
        for &(bits, n) in &numbers {
            assert_eq!(reader.take(n).map(u32::from), Some(bits));
        }
        while let Some(bit) = reader.take(1) {
            assert_eq!(bit, 1);
        }
    }

    #[test]
    fn full_bytes_need_no_filling() {
        let mut writer = BitWriter::default();
        writer.put(0xFF12, 16);
        assert_eq!(writer.finish(), [0xFF, 0, 0x12]);
    }
}
