//! The state of a gallery after a commit.

use super::end::End;
use super::frames::{Frame, Holds};
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
    pub(in crate::gallery) records_end: End,
    pub(in crate::gallery) subjects: u64,
    /// The number of templates and embeddings.
    pub(in crate::gallery) records: u64,
    /// The size and root of the log.
    pub(in crate::gallery) log: Frontier,
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
            records_end: End::NO_BLOCKS,
            subjects: 0,
            records: 0,
            log: Frontier::default(),
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
        if let Some(Holds { end, subjects, records }) = frame.holds {
            (self.records_end, self.subjects, self.records) = (end, subjects, records);
        }
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
            self.last_time = stored.event.time;
            self.attempts.note(&stored.event);
        }
    }

    /// `counter u64 | frames end u64, code (32) | records end u64, code (32) | subjects u64 | records u64 | last time u64 |
    /// intent u8, if 1: before u64, code (32), counter u64 | log size u64 | hashes u8, each (32) | settings | attempts`
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = self.counter.to_be_bytes().to_vec();
        for end in [&self.frames, &self.records_end] {
            out.extend_from_slice(&end.at.to_be_bytes());
            out.extend_from_slice(&end.code);
        }
        for number in [self.subjects, self.records, self.last_time] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.push(u8::from(self.intent.is_some()));
        if let Some((before, counter)) = &self.intent {
            out.extend_from_slice(&before.at.to_be_bytes());
            out.extend_from_slice(&before.code);
            out.extend_from_slice(&counter.to_be_bytes());
        }
        out.extend_from_slice(&self.log.len().to_be_bytes());
        out.push(u8::try_from(self.log.subtrees().len()).unwrap_or(u8::MAX));
        self.log.subtrees().iter().for_each(|hash| out.extend_from_slice(hash));
        self.settings.encode(&mut out);
        self.attempts.encode(&mut out);
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader::new(bytes);
        let counter = r.u64()?;
        let end = |r: &mut Reader<'_>| Some(End { at: r.u64()?, code: r.array()? });
        let (frames, records_end) = (end(&mut r)?, end(&mut r)?);
        let (subjects, records, last_time) = (r.u64()?, r.u64()?, r.u64()?);
        let intent = match r.u8()? {
            0 => None,
            1 => Some((end(&mut r)?, r.u64()?)),
            _ => return None,
        };
        let size = r.u64()?;
        let count = usize::from(r.u8()?);
        let (hashes, []) = r.take(count.checked_mul(32)?)?.as_chunks::<32>() else { return None };
        let log = Frontier::from_subtrees(size, hashes)?;
        let settings = Settings::decode(&mut r)?;
        let attempts = Attempts::decode(&mut r)?;
        let state =
            Self { counter, frames, records_end, subjects, records, log, last_time, intent, settings, attempts };
        r.rest().is_empty().then_some(state)
    }
}
