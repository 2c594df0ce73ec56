//! Coefficients of a block, as codes of values and of runs of zeros.

use super::bits::BitReader;
use super::error::WsqError;
use super::huffman::Decoder;
use super::params::{
    MAX_COEFFICIENT, MAX_RUN, MIN_COEFFICIENT, NEGATIVE_8, NEGATIVE_16, POSITIVE_8, POSITIVE_16, RUN_8, RUN_16,
    ZERO_CODE,
};

/// Meaning of a symbol.
enum Item {
    Value(i32),
    Zeros(usize),
}

/// Appends the coefficients of one block to `out`, which never grows beyond `expected`. `offset` is the block's offset.
pub(super) fn read_block(
    bytes: &[u8],
    offset: usize,
    code: &Decoder,
    expected: usize,
    out: &mut Vec<i32>,
) -> Result<(), WsqError> {
    let mut bits = BitReader::new(bytes);
    loop {
        let (next, count) = bits.peek();
        let Some((length, symbol)) = code.decode(next) else {
            // The padding of the last byte is not a code.
            return if count < 16 { Ok(()) } else { Err(WsqError::Code { offset }) };
        };
        if length > count {
            return Ok(());
        }
        bits.skip(length);
        let item = item(symbol, &mut bits).ok_or(WsqError::Code { offset })?;
        let room = expected.saturating_sub(out.len());
        match item {
            Item::Value(value) if room > 0 => out.push(value),
            Item::Zeros(n) if n <= room => out.resize(out.len().saturating_add(n), 0),
            _ => return Err(WsqError::Coefficients { expected, found: expected.saturating_add(1) }),
        }
    }
}

/// The coefficients of a symbol and the bits that follow it; `None` when they are missing or the symbol is invalid.
#[inline]
fn item(symbol: u8, bits: &mut BitReader<'_>) -> Option<Item> {
    Some(match symbol {
        0 | 255 => return None,
        POSITIVE_8 => Item::Value(bits.take(8)?.into()),
        NEGATIVE_8 => Item::Value(i32::from(bits.take(8)?).checked_neg()?),
        POSITIVE_16 => Item::Value(bits.take(16)?.into()),
        NEGATIVE_16 => Item::Value(i32::from(bits.take(16)?).checked_neg()?),
        RUN_8 => Item::Zeros(bits.take(8)?.into()),
        RUN_16 => Item::Zeros(bits.take(16)?.into()),
        1..=100 => Item::Zeros(symbol.into()),
        107..=254 => Item::Value(i32::from(symbol).checked_sub(ZERO_CODE)?),
    })
}

/// Visits the symbols of coefficients, each with the bits that follow it and their number.
pub(super) fn for_each_symbol(coefficients: &[i32], mut visit: impl FnMut(u8, u32, u32)) {
    let mut run = 0usize;
    for &value in coefficients {
        if value == 0 {
            run = run.saturating_add(1);
            continue;
        }
        zeros(std::mem::take(&mut run), &mut visit);
        let magnitude = value.unsigned_abs();
        match (value, u8::try_from(value.saturating_add(ZERO_CODE))) {
            (MIN_COEFFICIENT..=MAX_COEFFICIENT, Ok(symbol)) => visit(symbol, 0, 0),
            (1.., _) if magnitude <= 0xFF => visit(POSITIVE_8, magnitude, 8),
            (1.., _) => visit(POSITIVE_16, magnitude, 16),
            _ if magnitude <= 0xFF => visit(NEGATIVE_8, magnitude, 8),
            _ => visit(NEGATIVE_16, magnitude, 16),
        }
    }
    zeros(run, &mut visit);
}

/// The symbols of a run of zeros.
fn zeros(mut run: usize, visit: &mut impl FnMut(u8, u32, u32)) {
    while run > 0 {
        let part = u16::try_from(run).unwrap_or(u16::MAX);
        match u8::try_from(part) {
            Ok(symbol @ ..=MAX_RUN) => visit(symbol, 0, 0),
            Ok(length) => visit(RUN_8, length.into(), 8),
            Err(_) => visit(RUN_16, part.into(), 16),
        }
        run = run.saturating_sub(part.into());
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::BitWriter;
    use super::super::code_lengths::{code_lengths, codes};
    use super::super::huffman::SYMBOLS;
    use super::*;

    #[test]
    fn every_coefficient_and_run_comes_back() {
        let mut values: Vec<i32> = (-300..=300).chain([-32_767, 32_767, 65_535]).collect();
        for run in [1, 100, 101, 255, 256, 65_535, 65_536] {
            values.resize(values.len() + run, 0);
            values.push(5);
        }
        values.resize(values.len() + 99, 0);
        let mut frequencies = [0; SYMBOLS];
        for_each_symbol(&values, |symbol, _, _| frequencies[usize::from(symbol)] += 1);
        let table = code_lengths(&frequencies);
        let codes = codes(&table);
        let mut bits = BitWriter::default();
        for_each_symbol(&values, |symbol, extra, n| {
            let (code, length) = codes[usize::from(symbol)];
            bits.put(code, length);
            bits.put(extra, n);
        });
        let (bytes, code) = (bits.finish(), Decoder::new(&table));
        let mut read = Vec::new();
        read_block(&bytes, 0, &code, values.len(), &mut read).expect("reads");
        assert!(read == values, "{} of {} coefficients", read.len(), values.len());
        let full = read_block(&bytes, 0, &code, values.len() - 1, &mut Vec::new());
        assert!(matches!(full, Err(WsqError::Coefficients { .. })));
    }

    #[test]
    fn symbols_without_meaning_are_refused() {
        for symbol in [0, 255] {
            let mut frequencies = [0; SYMBOLS];
            frequencies[symbol] = 1;
            let code = Decoder::new(&code_lengths(&frequencies));
            assert_eq!(read_block(&[0], 9, &code, 10, &mut Vec::new()), Err(WsqError::Code { offset: 9 }));
        }
    }
}
