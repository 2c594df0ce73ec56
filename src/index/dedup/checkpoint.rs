//! The state that a search for duplicates needs to resume.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use std::fmt::Write as _;
use std::str::Lines;

use super::super::error::CheckpointError;
use super::digest::Fnv;

const MAGIC: &str = "selfsame-dedup 1";

/// The state of a search for duplicates between two blocks, as a short text: how far it has come, and the pairs found
/// as reference numbers. It holds no names, scores or biometric data.
///
/// It belongs to one gallery (the same references of the same subjects enrolled in the same order), one threshold, one
/// shortlist and one version of this crate; any other is refused. The checksum detects damage, not forgery: anyone who
/// can write the file can hide pairs.
///
/// ```text
/// selfsame-dedup 1
/// gallery 89abcdef01234567 rows 1000 done 128 pairs 1
/// 17 640
/// checksum 0123456789abcdef
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DedupCheckpoint {
    pub(super) gallery: u64,
    pub(super) rows: u32,
    pub(super) done: u32,
    /// Positions of references, the smaller first, in ascending order.
    pub(super) pairs: Vec<(u32, u32)>,
}

impl DedupCheckpoint {
    /// The number of references already compared with all that follow them.
    #[must_use]
    pub fn rows_done(&self) -> usize {
        usize::try_from(self.done).unwrap_or(usize::MAX)
    }

    /// The number of pairs of references found so far.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// Writes the checkpoint as ASCII text, some 10 to 20 bytes per pair.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (rows, done, pairs) = (self.rows, self.done, self.pairs.len());
        let mut text = format!("{MAGIC}\ngallery {:016x} rows {rows} done {done} pairs {pairs}\n", self.gallery);
        for (a, b) in &self.pairs {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{a} {b}");
        }
        let sum = Fnv::of(text.as_bytes());
        let _ = writeln!(text, "checksum {sum:016x}");
        text.into_bytes()
    }

    /// Reads what [`DedupCheckpoint::to_bytes`] wrote. Uses at most twice the size of `bytes` in memory.
    ///
    /// # Errors
    /// [`CheckpointError`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let text = std::str::from_utf8(bytes).map_err(|_| CheckpointError::Unknown)?;
        if text.lines().next() != Some(MAGIC) {
            return Err(CheckpointError::Unknown);
        }
        let (body, sum) = text.rsplit_once("checksum ").ok_or(CheckpointError::Checksum)?;
        if sum.strip_suffix('\n').and_then(hexadecimal) != Some(Fnv::of(body.as_bytes())) {
            return Err(CheckpointError::Checksum);
        }
        Self::body(body.lines())
    }

    fn body(mut lines: Lines<'_>) -> Result<Self, CheckpointError> {
        let bad = |line, reason| CheckpointError::Line { line, reason };
        let head: Vec<&str> = lines.nth(1).unwrap_or_default().split(' ').collect();
        let &["gallery", gallery, "rows", rows, "done", done, "pairs", count] = head.as_slice() else {
            return Err(bad(2, "the header is incomplete"));
        };
        let numbers = (hexadecimal(gallery), decimal(rows), decimal(done), decimal(count));
        let (Some(gallery), Some(rows), Some(done), Some(count)) = numbers else {
            return Err(bad(2, "a number is not a number"));
        };
        if done > rows {
            return Err(bad(2, "more rows are done than exist"));
        }
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (line, text) in (3..).zip(lines) {
            let pair = text.split_once(' ').and_then(|(a, b)| decimal(a).zip(decimal(b)));
            let (a, b) = pair.ok_or(bad(line, "a pair is two numbers"))?;
            if a >= b || b >= rows || a >= done {
                return Err(bad(line, "a pair is out of range"));
            }
            if pairs.last().is_some_and(|last| *last >= (a, b)) {
                return Err(bad(line, "pairs are not in order"));
            }
            pairs.push((a, b));
        }
        if usize::try_from(count) != Ok(pairs.len()) {
            return Err(bad(2, "the number of pairs differs"));
        }
        Ok(Self { gallery, rows, done, pairs })
    }
}

/// Parses digits only: no sign and no space.
fn decimal(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Parses sixteen lowercase digits; any other spelling means a changed byte.
fn hexadecimal(text: &str) -> Option<u64> {
    let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    digits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_checksum(body: &str) -> Vec<u8> {
        format!("{body}checksum {:016x}\n", Fnv::of(body.as_bytes())).into_bytes()
    }

    proptest! {
        #[test]
        fn it_comes_back(gallery: u64, rows in 2u32..5000, seeds in prop::collection::btree_set((0u32..1000, 1u32..1000), 0..50)) {
            let pairs: Vec<_> =
                seeds.into_iter().map(|(a, d)| (a, a + d)).filter(|p| p.1 < rows && p.0 < rows / 2).collect();
            let checkpoint = DedupCheckpoint { gallery, rows, done: rows / 2, pairs };
            prop_assert_eq!(DedupCheckpoint::from_bytes(&checkpoint.to_bytes()), Ok(checkpoint));
        }

        #[test]
        fn any_changed_byte_is_noticed(at in 0usize..1000, flip in 1u8..=255) {
            let checkpoint = DedupCheckpoint { gallery: 7, rows: 9, done: 4, pairs: vec![(1, 2), (3, 8)] };
            let mut bytes = checkpoint.to_bytes();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            prop_assert_ne!(DedupCheckpoint::from_bytes(&bytes), Ok(checkpoint));
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(DedupCheckpoint::from_bytes(&bytes).is_err());
        }

        #[test]
        fn any_body_is_answered(body in "[0-9a-f \\n]{0,80}") {
            let head = "selfsame-dedup 1\ngallery 0000000000000007 rows 9 done 4 pairs 2\n";
            let _ = DedupCheckpoint::from_bytes(&with_checksum(&format!("{head}{body}")));
        }
    }

    #[test]
    fn what_cannot_be_is_refused_in_its_line() {
        let refused = |body: &str| match DedupCheckpoint::from_bytes(&with_checksum(&format!("{MAGIC}\n{body}"))) {
            Err(CheckpointError::Line { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        let head = |rest: &str| format!("gallery 0000000000000007 rows 9 {rest}\n");
        assert_eq!(refused(""), 2);
        assert_eq!(refused(&head("done 10 pairs 0")), 2);
        assert_eq!(refused(&head("done 4 pairs 4000000000")), 2);
        assert_eq!(refused(&head("done 4 pairs +1")), 2);
        assert_eq!(refused(&(head("done 4 pairs 1") + "2 2\n")), 3);
        assert_eq!(refused(&(head("done 4 pairs 1") + "2 9\n")), 3);
        assert_eq!(refused(&(head("done 4 pairs 1") + "5 6\n")), 3);
        assert_eq!(refused(&(head("done 4 pairs 2") + "1 3\n1 2\n")), 4);
        assert_eq!(refused(&(head("done 4 pairs 2") + "1 2\n1 2\n")), 4);
        assert_eq!(DedupCheckpoint::from_bytes(b"hello\n"), Err(CheckpointError::Unknown));
        let cut = DedupCheckpoint { gallery: 7, rows: 9, done: 4, pairs: vec![(1, 2)] }.to_bytes();
        assert!((0..cut.len()).all(|end| DedupCheckpoint::from_bytes(&cut[..end]).is_err()));
    }
}
