//! The best Huffman code of at most 16 bits for given frequencies (package-merge); the code of all ones is not used.

use super::huffman::{CodeLengths, SYMBOLS};
use super::params::MAX_CODE;

/// An item of one level: its weight, and whether it is a symbol or a pair of the level below.
type Item = (u64, bool);

/// Code lengths for symbols that occur `frequencies` times. Symbols that never occur get no code; if none occurs, symbol 1
/// gets one, because a table must not be empty.
pub(super) fn code_lengths(frequencies: &[u32; SYMBOLS]) -> CodeLengths {
    let mut symbols: Vec<(u64, u8)> =
        (0u8..=255).zip(frequencies).filter(|(_, n)| **n > 0).map(|(symbol, &n)| (n.into(), symbol)).collect();
    if symbols.is_empty() {
        symbols.push((1, 1));
    }
    symbols.sort_unstable();
    // An extra symbol that never occurs takes the last of the longest codes, the one of all ones.
    let weights: Vec<u64> = std::iter::once(0).chain(symbols.iter().map(|(weight, _)| *weight)).collect();
    let lengths = lengths(&weights);

    let mut coded: Vec<(u8, u8)> = lengths.iter().skip(1).zip(&symbols).map(|(&n, &(_, symbol))| (n, symbol)).collect();
    coded.sort_unstable();
    let mut counts = [0u8; MAX_CODE];
    for (length, _) in &coded {
        let slot = usize::from(*length).checked_sub(1).and_then(|i| counts.get_mut(i));
        slot.into_iter().for_each(|n| *n = n.saturating_add(1));
    }
    CodeLengths { counts, symbols: coded.into_iter().map(|(_, symbol)| symbol).collect() }
}

/// Lengths for weights in ascending order, two or more.
fn lengths(weights: &[u64]) -> Vec<u8> {
    let mut levels: Vec<Vec<Item>> = Vec::with_capacity(MAX_CODE);
    for _ in 0..MAX_CODE {
        let below = levels.last().map_or(&[][..], Vec::as_slice);
        let pairs = below.chunks_exact(2).map(|pair| (pair.iter().fold(0u64, |w, i| w.saturating_add(i.0)), false));
        let mut level: Vec<Item> = weights.iter().map(|&w| (w, true)).chain(pairs).collect();
        // The sort is stable: symbols and pairs each keep their order.
        level.sort_by_key(|item| item.0);
        levels.push(level);
    }
    let mut lengths = vec![0u8; weights.len()];
    let mut taken = weights.len().saturating_mul(2).saturating_sub(2);
    for level in levels.iter().rev() {
        let symbols = level.iter().take(taken).filter(|item| item.1).count();
        lengths.iter_mut().take(symbols).for_each(|n| *n = n.saturating_add(1));
        taken = taken.saturating_sub(symbols).saturating_mul(2);
    }
    lengths
}

/// Code and length of each symbol, (0, 0) for symbols without one.
pub(super) fn codes(table: &CodeLengths) -> [(u32, u32); SYMBOLS] {
    let mut codes = [(0, 0); SYMBOLS];
    let mut code = 0u32;
    let mut symbols = table.symbols.iter();
    for (&count, length) in table.counts.iter().zip(1u32..) {
        for &symbol in symbols.by_ref().take(count.into()) {
            codes.get_mut(usize::from(symbol)).into_iter().for_each(|slot| *slot = (code, length));
            code = code.saturating_add(1);
        }
        code = code.wrapping_shl(1);
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::super::huffman::Decoder;
    use super::*;

    fn table(frequencies: impl IntoIterator<Item = (usize, u32)>) -> ([u32; SYMBOLS], CodeLengths) {
        let mut all = [0; SYMBOLS];
        frequencies.into_iter().for_each(|(symbol, n)| all[symbol] = n);
        (all, code_lengths(&all))
    }

    #[test]
    fn every_code_decodes_and_none_is_all_ones() {
        let fibonacci = (0..30).scan((1u32, 1u32), |s, i| {
            *s = (s.1, s.0 + s.1);
            Some((i + 1, s.0))
        });
        for (_, table) in
            [table([]), table([(7, 3)]), table(fibonacci), table((1..255).map(|i| (i, i as u32 * i as u32)))]
        {
            let decoder = Decoder::new(&table);
            let codes = codes(&table);
            for &symbol in &table.symbols {
                let (code, length) = codes[usize::from(symbol)];
                assert!((1..=16).contains(&length) && code + 1 < 1 << length, "{code:b}");
                for fill in [0, (1 << (16 - length)) - 1] {
                    let bits = u16::try_from(code << (16 - length) | fill).expect("16 bits");
                    assert_eq!(decoder.decode(bits), Some((length, symbol)));
                }
            }
            assert_eq!(decoder.decode(u16::MAX), None);
        }
    }

    #[test]
    fn lengths_are_the_best() {
        // By hand: with the symbol that never occurs, 1 1 2 4 8 gives lengths 4 4 3 2 1 plus one for the pair of the rarest.
        let (frequencies, table) = table([(1, 1), (2, 1), (3, 2), (4, 4), (5, 8)]);
        let codes = codes(&table);
        let bits: u32 = (0..SYMBOLS).map(|s| frequencies[s] * codes[s].1).sum();
        assert_eq!(bits, 8 + 8 + 6 + 4 + 5);
        assert_eq!(table.counts[..5], [1, 1, 1, 1, 1]);
    }
}
