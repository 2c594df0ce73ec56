//! Pseudorandom numbers determined by a key and a purpose.

use crate::gallery::seal::SecretKey;

/// Bytes that one derivation yields.
const BLOCK: usize = SecretKey::LEN;

/// The stream of a key: HKDF-SHA256 of the key for block 0, 1, 2 ... in turn. Anyone without the key cannot distinguish
/// it from noise.
pub(super) struct Stream<'a> {
    key: &'a SecretKey,
    block: u64,
    bytes: Option<SecretKey>,
    used: usize,
}

impl<'a> Stream<'a> {
    pub(super) fn new(key: &'a SecretKey) -> Self {
        Self { key, block: 0, bytes: None, used: BLOCK }
    }

    fn fill(&mut self) {
        self.bytes = Some(self.key.derive(b"protect/stream", &self.block.to_be_bytes()));
        self.block = self.block.wrapping_add(1);
        self.used = 0;
    }

    /// The next 32 bits.
    pub(super) fn next(&mut self) -> u32 {
        if self.used >= BLOCK {
            self.fill();
        }
        let four = self.bytes.as_ref().and_then(|bytes| bytes.expose().get(self.used..)?.first_chunk::<4>());
        self.used += 4;
        four.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// The next 64 bits.
    pub(super) fn next_word(&mut self) -> u64 {
        u64::from(self.next()) | u64::from(self.next()) << 32
    }

    /// A uniform number below `n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        // Values above the last whole multiple of n would make small numbers more likely.
        let whole = u32::MAX - (u32::MAX % n.max(1) + 1) % n.max(1);
        loop {
            let number = self.next();
            if number <= whole {
                return number % n.max(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_below_a_bound_are_alike_and_the_same_again() {
        let key = SecretKey::from_bytes(&[9; 32]);
        let mut stream = Stream::new(&key);
        let mut counts = [0u32; 7];
        for _ in 0..7000 {
            counts[stream.below(7) as usize] += 1;
        }
        // Six standard deviations of a count.
        assert!(counts.iter().all(|n| n.abs_diff(1000) < 180), "{counts:?}");
        assert_eq!((stream.below(1), stream.below(0)), (0, 0));
        let (mut a, mut b) = (Stream::new(&key), Stream::new(&key));
        assert!((0..100).all(|_| a.next_word() == b.next_word()));
        let other = SecretKey::from_bytes(&[8; 32]);
        assert_ne!(Stream::new(&key).next_word(), Stream::new(&other).next_word());
    }
}
