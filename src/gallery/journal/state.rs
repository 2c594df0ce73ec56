//! The state of a gallery after a commit.

use super::end::End;
use super::frames::{Frame, Holds};
use super::nodes::UNIT;
use super::settings::Settings;
use crate::bytes::Reader;
use crate::gallery::attempts::Attempts;
use crate::gallery::log::Frontier;

/// The state after a commit. Heads store all of it; frames store what each commit changes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::gallery) struct State {
    /// The number of commits in this generation.
    pub(in crate::gallery) counter: u64,
    pub(in crate::gallery) frames: End,
    pub(in crate::gallery) holds: Holds,
    /// The size and root of the log.
    pub(in crate::gallery) log: Frontier,
    /// The size and root of the log's beginning, whose events are no longer in the file.
    pub(in crate::gallery) retired: Frontier,
    /// The time of the last event.
    pub(in crate::gallery) last_time: u64,
    /// The frame with the events to log once old keys are destroyed: the end before it, and its counter.
    pub(in crate::gallery) intent: Option<(End, u64)>,
    pub(in crate::gallery) settings: Settings,
    pub(in crate::gallery) attempts: Attempts,
}

impl State {
    /// The state before the first commit.
    pub(in crate::gallery) fn new(settings: Settings) -> Self {
        Self {
            counter: 0,
            frames: End::NO_FRAMES,
            holds: Holds { file: 1, end: End::NO_BLOCKS, subjects: 0, records: 0 },
            log: Frontier::default(),
            retired: Frontier::default(),
            last_time: 0,
            intent: None,
            settings,
            attempts: Attempts::default(),
        }
    }

    /// The state after the commit of a frame that ends at `end`.
    pub(in crate::gallery) fn apply(&mut self, frame: &Frame, end: End) {
        let began = (self.frames, self.counter);
        self.counter = self.counter.saturating_add(1);
        self.frames = end;
        self.holds = frame.holds.unwrap_or(self.holds);
        if let Some(settings) = &frame.settings {
            self.settings = settings.clone();
        }
        if frame.ends_intent {
            self.intent = None;
        }
        if frame.is_intent {
            self.intent = Some(began);
            return;
        }
        for stored in &frame.events {
            self.log.push(stored.leaf());
            if let Some(event) = stored.event() {
                self.last_time = event.time;
                self.attempts.note(event);
            }
        }
    }

    /// `counter u64 | frames end u64, code (32) | holds | last time u64 |
    /// intent u8, if 1: before u64, code (32), counter u64 | log: size u64, hashes u8, each (32) | retired: the same | settings | attempts`
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = self.counter.to_be_bytes().to_vec();
        out.extend_from_slice(&self.frames.at.to_be_bytes());
        out.extend_from_slice(&self.frames.code);
        self.holds.encode(&mut out);
        out.extend_from_slice(&self.last_time.to_be_bytes());
        out.push(u8::from(self.intent.is_some()));
        if let Some((before, counter)) = &self.intent {
            out.extend_from_slice(&before.at.to_be_bytes());
            out.extend_from_slice(&before.code);
            out.extend_from_slice(&counter.to_be_bytes());
        }
        for log in [&self.log, &self.retired] {
            out.extend_from_slice(&log.len().to_be_bytes());
            out.push(u8::try_from(log.subtrees().len()).unwrap_or(u8::MAX));
            log.subtrees().iter().for_each(|hash| out.extend_from_slice(hash));
        }
        self.settings.encode(&mut out);
        self.attempts.encode(&mut out);
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader::new(bytes);
        let counter = r.u64()?;
        let end = |r: &mut Reader<'_>| Some(End { at: r.u64()?, code: r.array()? });
        let (frames, holds, last_time) = (end(&mut r)?, Holds::decode(&mut r)?, r.u64()?);
        let intent = match r.u8()? {
            0 => None,
            1 => Some((end(&mut r)?, r.u64()?)),
            _ => return None,
        };
        let frontier = |r: &mut Reader<'_>| {
            let (size, count) = (r.u64()?, usize::from(r.u8()?));
            let (hashes, []) = r.take(count.checked_mul(32)?)?.as_chunks::<32>() else { return None };
            Frontier::from_subtrees(size, hashes)
        };
        let (log, retired) = (frontier(&mut r)?, frontier(&mut r)?);
        if retired.len() > log.len() || retired.len() % UNIT != 0 {
            return None;
        }
        let settings = Settings::decode(&mut r)?;
        let attempts = Attempts::decode(&mut r)?;
        let state = Self { counter, frames, holds, log, retired, last_time, intent, settings, attempts };
        r.rest().is_empty().then_some(state)
    }
}
