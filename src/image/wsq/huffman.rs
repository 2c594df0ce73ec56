//! Canonical Huffman codes of at most 16 bits; the code of all ones is not used.

use super::cursor::Cursor;
use super::error::WsqError;
use super::params::MAX_CODE;

/// Most symbols of one table.
pub(super) const SYMBOLS: usize = 256;
/// Codes up to this length are decoded by one look-up, bits.
const FAST: u32 = 9;

/// The number of codes of each length, and their symbols in order of the codes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CodeLengths {
    /// Codes of 1 to 16 bits.
    pub counts: [u8; MAX_CODE],
    /// Symbols, those of shorter codes first.
    pub symbols: Vec<u8>,
}

impl CodeLengths {
    /// Reads a table after its number. A table without codes serves a block without coefficients: encoders write such a pair for
    /// small images, whose lowest sub-bands are all empty or constant.
    pub fn read(body: &mut Cursor<'_>) -> Result<Self, WsqError> {
        let (what, offset) = ("Huffman table", body.offset());
        let mut counts = [0u8; MAX_CODE];
        let mut total = 0usize;
        // Number of the 65,536 16-bit patterns in use.
        let mut taken = 0u32;
        for (count, length) in counts.iter_mut().zip(1u32..) {
            *count = body.u8(what)?;
            total = total.saturating_add(usize::from(*count));
            let each = 65_536u32.checked_shr(length).unwrap_or(0);
            taken = taken.saturating_add(u32::from(*count).saturating_mul(each));
        }
        let expected = "at most 256 codes are allowed, no more than their lengths leave room for";
        if total > SYMBOLS || taken > 65_536 {
            return Err(WsqError::Value { what, offset, value: u64::try_from(total).unwrap_or(u64::MAX), expected });
        }
        Ok(Self { counts, symbols: body.take(total, what)?.to_vec() })
    }
}

/// One length's codes.
#[derive(Clone, Copy, Debug, Default)]
struct Length {
    /// The first 16 bits beyond the codes of this length and all shorter ones.
    end: u32,
    /// Its first code, padded to 16 bits.
    start: u32,
    /// Number of symbols before its first.
    index: usize,
}

/// A table prepared for decoding.
pub(super) struct Decoder {
    /// Length (0 for none) and symbol for each prefix of [`FAST`] bits.
    fast: Vec<(u8, u8)>,
    lengths: [Length; MAX_CODE],
    symbols: Vec<u8>,
}

impl Decoder {
    pub fn new(table: &CodeLengths) -> Self {
        let mut lengths = [Length::default(); MAX_CODE];
        let mut fast = Vec::with_capacity(1 << FAST);
        let (mut start, mut index) = (0u32, 0usize);
        let mut symbols = table.symbols.iter();
        for ((slot, &count), length) in lengths.iter_mut().zip(&table.counts).zip(1u32..) {
            let each = 65_536u32.checked_shr(length).unwrap_or(0);
            let end = start.saturating_add(u32::from(count).saturating_mul(each));
            *slot = Length { end, start, index };
            if let Some(spare) = FAST.checked_sub(length) {
                let copies = 1usize.wrapping_shl(spare);
                for &symbol in symbols.by_ref().take(count.into()) {
                    fast.extend(std::iter::repeat_n((u8::try_from(length).unwrap_or(0), symbol), copies));
                }
            }
            (start, index) = (end, index.saturating_add(count.into()));
        }
        fast.resize(1 << FAST, (0, 0));
        Self { fast, lengths, symbols: table.symbols.clone() }
    }

    /// Length and symbol of the code at the beginning of 16 bits; `None` when there is none.
    #[inline]
    pub fn decode(&self, bits: u16) -> Option<(u32, u8)> {
        let (length, symbol) = *self.fast.get(usize::from(bits >> (16 - FAST)))?;
        if length != 0 {
            return Some((length.into(), symbol));
        }
        let bits = u32::from(bits);
        let (length, place) = (1u32..).zip(&self.lengths).find(|(_, place)| bits < place.end)?;
        let number = bits.checked_sub(place.start)?.checked_shr(16u32.checked_sub(length)?)?;
        let index = place.index.checked_add(usize::try_from(number).ok()?)?;
        Some((length, *self.symbols.get(index)?))
    }
}
