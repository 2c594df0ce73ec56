//! Codes of one key and length, stored in rows.

use std::fmt;
use std::ops::Range;

use super::code::Code;
use super::error::ProtectError;
use super::key::KeyTag;

/// Codes in one allocation; the first code determines key and length. `Debug` shows only counts.
#[derive(Clone, Default)]
pub struct CodeBlock {
    key: Option<KeyTag>,
    /// The number of words per row; 0 until a code is pushed.
    width: usize,
    rows: usize,
    words: Vec<u64>,
}

impl CodeBlock {
    /// Whether a code can be stored here.
    pub(super) fn takes(&self, code: &Code) -> Result<(), ProtectError> {
        match self.key {
            Some(tag) if self.rows > 0 => code.matches(tag, self.width),
            _ => Ok(()),
        }
    }

    /// Whether a probe made with a key can be compared with the codes here.
    pub(super) fn is_of(&self, tag: KeyTag) -> Result<(), ProtectError> {
        match self.key {
            Some(held) if self.rows > 0 && held != tag => Err(ProtectError::OtherKey),
            _ => Ok(()),
        }
    }

    /// Appends a code. A code that [`CodeBlock::takes`] refuses becomes a row of zeros, which differs from any code in
    /// half of all bits.
    pub(super) fn add(&mut self, code: &Code) {
        if self.rows == 0 {
            (self.key, self.width) = (Some(code.tag), code.words.len());
        }
        if self.takes(code).is_ok() {
            self.words.extend_from_slice(&code.words);
        } else {
            self.words.resize(self.words.len() + self.width, 0);
        }
        self.rows += 1;
    }

    /// The words of the existing rows in a range, and the width of a row.
    pub(super) fn rows(&self, rows: Range<usize>) -> (&[u64], usize) {
        let end = rows.end.min(self.rows);
        let start = rows.start.min(end);
        (self.words.get(start * self.width..end * self.width).unwrap_or_default(), self.width.max(1))
    }

    pub(super) fn take_out(&mut self, row: usize) {
        if row >= self.rows {
            return;
        }
        let last = (self.rows - 1) * self.width;
        self.words.copy_within(last.., row * self.width);
        self.words.truncate(last);
        self.rows -= 1;
    }

    /// Appends a row as bytes: `key tag (8) | words u64 each`, little-endian.
    pub(super) fn encode(&self, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key.unwrap_or(KeyTag([0; 8])).0);
        self.rows(row..row + 1).0.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    }

    /// Appends the row that bytes hold; `None` when it has no such number of words or is of another key than the rows before.
    pub(super) fn decode(&mut self, bytes: &[u8], fits: impl Fn(usize) -> bool) -> Option<()> {
        let (tag, words) = bytes.split_first_chunk()?;
        let (words, []) = words.as_chunks::<8>() else { return None };
        let words = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let code = Code::new((0, KeyTag(*tag)), words);
        if !fits(code.words.len()) || self.takes(&code).is_err() {
            return None;
        }
        self.add(&code);
        Some(())
    }

    pub(super) fn count(&self) -> usize {
        self.rows
    }

    pub(super) fn held(&self) -> usize {
        size_of::<Self>() + self.words.capacity() * size_of::<u64>()
    }
}

impl fmt::Debug for CodeBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeBlock").field("rows", &self.rows).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(tag: u8, words: &[u64]) -> Code {
        Code::new((0, KeyTag([tag; 8])), words.to_vec())
    }

    #[test]
    fn rows_come_and_go() {
        let mut block = CodeBlock::default();
        for n in 0..5 {
            block.add(&code(1, &[n, n + 10]));
        }
        assert_eq!(block.rows(1..3), (&[1, 11, 2, 12][..], 2));
        block.take_out(1);
        block.take_out(9);
        assert_eq!((block.count(), block.rows(0..9).0), (4, &[0, 10, 4, 14, 2, 12, 3, 13][..]));
        // An unchecked code becomes a row of zeros, so that rows keep their numbers.
        block.add(&code(2, &[7, 7]));
        block.add(&code(1, &[7]));
        assert_eq!(block.rows(4..6).0, [0; 4]);
        (0..6).for_each(|_| block.take_out(0));
        assert_eq!(block.count(), 0);
        assert!(block.takes(&code(2, &[1])).is_ok());
        block.add(&code(2, &[1]));
        assert_eq!(block.takes(&code(1, &[1])), Err(ProtectError::OtherKey));
        assert_eq!((block.is_of(KeyTag([2; 8])), block.is_of(KeyTag([1; 8]))), (Ok(()), Err(ProtectError::OtherKey)));
        assert_eq!(block.rows(0..1), (&[1][..], 1));
    }
}
