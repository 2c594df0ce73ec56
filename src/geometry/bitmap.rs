//! Black-and-white images, 64 pixels to a word.

/// A bit-packed image; each row starts at a new word, and unused bits are zero.
///
/// ```
/// use selfsame::geometry::Bitmap;
/// let mut bits = Bitmap::new(100, 2);
/// bits.set(99, 1, true);
/// assert!(bits.get(99, 1));
/// assert!(!bits.get(100, 1)); // outside is background
/// assert_eq!(bits.count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    words_per_row: usize,
    words: Vec<u64>,
}

impl Bitmap {
    /// An empty image. The caller bounds the size; memory is `width * height / 8` bytes.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        let words_per_row = width.div_ceil(64);
        Self { width, height, words_per_row, words: vec![0; words_per_row.saturating_mul(height)] }
    }

    /// An image whose pixels are `f(x, y)`.
    #[must_use]
    pub fn from_fn(width: usize, height: usize, mut f: impl FnMut(usize, usize) -> bool) -> Self {
        let mut bits = Self::new(width, height);
        for y in 0..height {
            for x in 0..width {
                if f(x, y) {
                    bits.words[y * bits.words_per_row + x / 64] |= 1 << (x % 64);
                }
            }
        }
        bits
    }

    /// Width, pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether a pixel is set; pixels outside are not.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.height && (self.words[y * self.words_per_row + x / 64] >> (x % 64)) & 1 == 1
    }

    /// Whether a pixel is set; pixels outside, including negative coordinates, are not.
    #[must_use]
    pub fn get_signed(&self, x: isize, y: isize) -> bool {
        x >= 0 && y >= 0 && self.get(x as usize, y as usize)
    }

    /// Sets or clears a pixel; does nothing outside.
    pub fn set(&mut self, x: usize, y: usize, value: bool) {
        if x < self.width && y < self.height {
            let word = &mut self.words[y * self.words_per_row + x / 64];
            let bit = 1u64 << (x % 64);
            if value { *word |= bit } else { *word &= !bit }
        }
    }

    /// The words of one row, least significant bit leftmost; empty outside.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u64] {
        if y < self.height { &self.words[y * self.words_per_row..][..self.words_per_row] } else { &[] }
    }

    /// The words of one row. Bits at and beyond the width must stay zero.
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [u64] {
        if y < self.height { &mut self.words[y * self.words_per_row..][..self.words_per_row] } else { &mut [] }
    }

    /// Number of set pixels.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Pixels set here and not in `other`, which must have the same size.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| a & !b).collect();
        Self { words, width: self.width, height: self.height, words_per_row: self.words_per_row }
    }

    /// The set pixels as `(x, y)`, row by row.
    pub fn ones(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.height).flat_map(move |y| {
            self.row(y).iter().enumerate().flat_map(move |(i, &word)| {
                let mut rest = word;
                std::iter::from_fn(move || {
                    if rest == 0 {
                        return None;
                    }
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    Some((i * 64 + bit, y))
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_lists_what_was_set() {
        let set = [(0, 0), (63, 0), (64, 1), (129, 2)];
        let mut bits = Bitmap::new(130, 3);
        for (x, y) in set {
            bits.set(x, y, true);
        }
        bits.set(130, 0, true);
        assert_eq!(bits.ones().collect::<Vec<_>>(), set);
        assert_eq!(bits.count(), 4);
        bits.set(63, 0, false);
        assert!(!bits.get(63, 0) && !bits.get_signed(-1, 0));
    }
}
