//! The files of one generation: what is written, in which order, and what a crash may leave.
//!
//! ```text
//! records = "SSGP" | format u16 | gallery id (16) | generation u32 | zeros to 64 | blocks
//! block   = length u32 | body | code (32)
//! body    = operations: 1 | tag (32) | version u64 | length u32 | sealed directory
//!                       2 | tag (32) | place (4) | version u64 | length u32 | sealed record
//!                       3 | tag (32)                                           the subject is gone
//! log     = "SSGL" | format u16 | gallery id (16) | generation u32 | zeros to 4096 | head A (16,384) | head B (16,384) | frames
//! head    = length u32 | sealed state
//! frame   = length u32 | counter u64 | sealed body | code (32)
//! ```
//!
//! Both files are append-only. A code is HMAC-SHA256 over the previous code, the place or counter, and the bytes, so
//! blocks and frames have a fixed order and none can be removed from the middle.
//!
//! **A commit** writes its blocks and syncs them, then writes one frame and syncs it. The frame records where the
//! blocks end, so it is the frame that puts a change into effect, together with the events that report it. Then one of
//! two heads is written, in turn, without a sync: the next commit's sync makes it durable. A head records how far the
//! acknowledged frames reach. Damage before that end is an error; a complete frame after it was written and perhaps
//! acknowledged, and counts; anything else after it is left from a commit that a crash or a full disk interrupted and
//! that was never acknowledged.

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

mod block;
mod blocks;
mod derived;
mod end;
mod frames;
mod header;
mod keys;
mod log_file;
mod log_index;
mod nodes;
mod settings;
mod state;
mod windows;

pub(super) use block::{BLOCK_FRAME, DIRECTORY_HEAD, Located, Operation, RECORD_HEAD, operations};
pub(super) use blocks::RecordsFile;
pub(super) use derived::Derived;
pub(super) use end::{End, NO_RECORDS};
pub(super) use frames::{Frame, Holds, StoredEvent};
pub(super) use header::{FileKind, name_of};
pub(super) use keys::{Keys, Tag};
pub(super) use log_file::LogFile;
pub(super) use log_index::{Mark, Marks, Wanted};
pub(super) use nodes::{Ranges, UNIT, consistency, inclusion};
pub(super) use settings::Settings;
pub(super) use state::State;
pub(super) use windows::{Block, Window};

/// Reads the content of blocks, frames and heads, and writes it back: for fuzzers, which cannot seal.
#[cfg(any(fuzzing, test))]
pub(super) fn check(data: &[u8]) {
    if let Some(state) = State::decode(data) {
        assert!(state.encode() == data, "a state changed on its way");
    }
    if let Some(frame) = Frame::decode(data) {
        assert!(frame.encode() == data, "a frame changed on its way");
        let mut state = State::new(Settings::default());
        let end = End { at: state.frames.at.saturating_add(100), code: [1; 32] };
        state.apply(&frame, end);
        assert!(State::decode(&state.encode()) == Some(state), "a state that was reached is not read");
    }
    let mut read = 0_usize;
    for operation in operations(1000, data) {
        let Some(operation) = operation else { break };
        if let Operation::Directory { sealed, located, .. } | Operation::Record { sealed, located, .. } = operation {
            let from = usize::try_from(located.at).unwrap_or(0).saturating_sub(1000);
            let bytes = data.get(from..from.saturating_add(sealed.len()));
            assert!(bytes == Some(sealed), "an operation stands elsewhere than it says");
        }
        read = read.saturating_add(1);
    }
    assert!(read <= data.len(), "more operations than bytes");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::embedding::FaceModel;
    use crate::gallery::log::{Actor, Event, EventKind, Frontier, Outcome};
    use crate::gallery::params::{MAX_CALIBRATION, MAX_EVENTS};
    use crate::gallery::seal::{Keyring, RawKey, SecretKey};

    fn frame(count: usize, flags: u8) -> Frame {
        let event = |n: usize| Event::now(EventKind::Verify, Actor::new("door").unwrap()).count(n).subject([3; 16]);
        Frame {
            holds: (flags & 8 != 0).then_some(Holds {
                file: 9,
                end: End { at: 77, code: [4; 32] },
                subjects: 3,
                records: 4,
            }),
            settings: (flags & 1 != 0).then(Settings::default),
            is_intent: flags & 2 != 0,
            ends_intent: flags & 4 != 0,
            events: (0..count).map(|n| StoredEvent::new(event(n)).unwrap()).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_whole_or_not_at_all() {
        let mut state = State::new(Settings::default());
        for (count, flags) in [(0, 0), (1, 9), (3, 2), (2, 12), (40, 5)] {
            let frame = frame(count, flags);
            let bytes = frame.encode();
            assert_eq!(Frame::decode(&bytes), Some(frame.clone()));
            assert!((0..bytes.len()).all(|end| Frame::decode(&bytes[..end]).is_none()));
            assert!(Frame::decode(&[&bytes[..], &[0]].concat()).is_none());
            state.apply(&frame, End { at: state.frames.at + 10, code: [5; 32] });
            let bytes = state.encode();
            assert_eq!(State::decode(&bytes), Some(state.clone()));
            assert!((0..bytes.len()).all(|end| State::decode(&bytes[..end]).is_none()));
            check(&bytes);
            check(&frame.encode());
        }
        assert_eq!((state.counter, state.log.len(), state.intent), (5, 43, None));
    }

    #[test]
    fn what_is_longest_has_room() {
        let actor = |n: u64| Actor::new(format!("{n:0256}")).unwrap();
        let events = (0..MAX_EVENTS as u64).map(|n| Event::now(EventKind::Verify, actor(n)).subject([n as u8; 16]));
        let settings = Settings {
            model: Some(FaceModel::new("m".repeat(256), "v".repeat(256), 512).unwrap()),
            calibration: None,
            anchored: true,
        };
        let events: Vec<StoredEvent> = events.map(|e| StoredEvent::new(e.outcome(Outcome::NoMatch)).unwrap()).collect();
        let frame = Frame { settings: Some(settings), events, ..frame(0, 0) };
        let keyring = Keyring::create(&RawKey::new(SecretKey::from_bytes(&[1; 32])), [2; 16]).unwrap();
        let keys = Keys::new(&keyring);
        let mut state = State::new(Settings::default());
        let (bytes, end) = frame.seal(&keys, state.frames, 0).unwrap();
        assert_eq!(Frame::open(&keys, state.frames, 0, &bytes), Some((frame.clone(), end)));
        state.apply(&frame, end);
        state.log = Frontier::from_subtrees(u64::MAX, &[[7; 32]; 64]).unwrap();
        state.intent = Some((state.frames, 3));
        // The calibration is also as long as allowed.
        let longest = state.encode().len() + MAX_CALIBRATION;
        assert!(longest + 200 < end::HEAD_ROOM as usize, "{longest} bytes");
    }

    #[test]
    fn the_fuzz_targets_seeds_are_answered() {
        // The seeds are not included in the package.
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/journal");
        let Ok(entries) = std::fs::read_dir(seeds) else { return };
        let seeds: Vec<Vec<u8>> = entries.map(|e| std::fs::read(e.unwrap().path()).unwrap()).collect();
        seeds.iter().for_each(|seed| check(seed));
        assert!(seeds.iter().filter(|seed| Frame::decode(seed).is_some()).count() >= 4);
        assert!(seeds.iter().filter(|seed| State::decode(seed).is_some()).count() >= 2);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            check(&bytes);
        }

        #[test]
        fn changed_bytes_are_answered(at in 0_usize..4000, flip in 1_u8.., count in 0_usize..8, flags in 0_u8..8) {
            let mut bytes = frame(count, flags).encode();
            let len = bytes.len();
            bytes[at % len] ^= flip;
            check(&bytes);
        }
    }
}
