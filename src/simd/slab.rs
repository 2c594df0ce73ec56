//! Words in cache lines, the unit of stored packed prints.

/// Words of a [`Line`].
pub(crate) const WORDS: usize = 8;

/// Eight words, aligned to a cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u64; WORDS]);

/// The words of lines.
pub(crate) fn words(lines: &[Line]) -> &[u64] {
    // SAFETY: `Line` is `repr(C)` over `[u64; 8]`: 64 bytes, aligned to 64, hence without padding, so `len` lines are
    // `8 * len` words in a row, initialized and readable for the lifetime of the borrow. The product cannot overflow
    // because the slice exists in memory.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast::<u64>(), lines.len() * WORDS) }
}

/// Lines that hold `words`; the last one is padded with zeros.
pub(crate) fn lines(words: &[u64]) -> Vec<Line> {
    let mut lines = Vec::with_capacity(words.len().div_ceil(WORDS));
    lines.extend(words.chunks(WORDS).map(|chunk| {
        let mut line = Line::default();
        line.0[..chunk.len()].copy_from_slice(chunk);
        line
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_in_order() {
        for n in [0, 1, 7, 8, 9, 24] {
            let given: Vec<u64> = (0..n).collect();
            let lines = lines(&given);
            assert_eq!(lines.as_ptr() as usize % 64, 0);
            assert_eq!(words(&lines)[..given.len()], given);
            assert!(words(&lines)[given.len()..].iter().all(|&w| w == 0));
            assert!(words(&lines).len() < given.len() + WORDS);
        }
    }
}
