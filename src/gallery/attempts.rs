//! Consecutive failed attempts per subject and per actor, and the wait before the next attempt.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::log::{Actor, Event, EventKind, Outcome, ScoreBucket};
use super::params::{ATTEMPTS_ACTOR, ATTEMPTS_FIRST_S, ATTEMPTS_MOST_S, ATTEMPTS_SUBJECT, MAX_ATTEMPTS};
use crate::bytes::Reader;

/// How many consecutive attempts may fail, and how long the next one must then wait.
///
/// Someone who may try without limit and sees each score can climb to a match in about a hundred tries. After `subject`
/// consecutive failed comparisons with one subject, or `actor` consecutive failed comparisons and searches by one
/// actor, of any subjects, the next attempt is refused for `first`, and each further failure doubles that up to `most`.
/// A match resets the count. Whatever the caller's threshold, an attempt that does not reach 30 dB (a false match rate
/// of 1e-3) has failed: otherwise a lax threshold would reveal scores and reset the count. A search counts only for its
/// actor. Counts survive a restart: the log keeps them.
///
/// The default numbers for a subject, 5 and 30 seconds, are those of NIST SP 800-63B, 5.2.3.
///
/// ```
/// use std::time::Duration;
/// use selfsame::gallery::AttemptLimit;
/// let strict = AttemptLimit { subject: 3, most: Duration::from_secs(24 * 3600), ..AttemptLimit::default() };
/// assert!(strict.first >= Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    /// Consecutive failures with one subject before there is a wait.
    pub subject: u16,
    /// Consecutive failures by one actor before there is a wait.
    pub actor: u16,
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl Default for AttemptLimit {
    fn default() -> Self {
        Self {
            subject: ATTEMPTS_SUBJECT,
            actor: ATTEMPTS_ACTOR,
            first: Duration::from_secs(ATTEMPTS_FIRST_S),
            most: Duration::from_secs(ATTEMPTS_MOST_S),
        }
    }
}

/// A subject's number.
pub(super) type Uid = [u8; 16];

/// The subject or actor whose failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Row {
    Subject(Uid),
    /// An actor, identified by the first bytes of a hash of the name.
    Actor([u8; 16]),
}

impl Row {
    pub(super) fn of_actor(actor: &Actor) -> Self {
        let hash = Sha256::digest(actor.as_str().as_bytes());
        Self::Actor(hash.first_chunk().copied().unwrap_or_default())
    }

    fn kind(self) -> usize {
        match self {
            Self::Subject(_) => 0,
            Self::Actor(_) => 1,
        }
    }

    fn free(self, limit: &AttemptLimit) -> u16 {
        match self {
            Self::Subject(_) => limit.subject,
            Self::Actor(_) => limit.actor,
        }
    }
}

/// The number of consecutive failures and the time of the last, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Failures {
    count: u16,
    last: u64,
}

/// The rows of failures. At most as many are kept as fit the log's head; beyond that the smallest are dropped, and
/// everyone without a row counts as having failed as often as the largest dropped row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attempts {
    rows: BTreeMap<Row, Failures>,
    /// The largest dropped failures of subjects and of actors.
    others: [Failures; 2],
}

impl Attempts {
    /// Whether an event reports a failed attempt; `None` when it reports no attempt.
    pub(super) fn failed(event: &Event) -> Option<bool> {
        let enough = event.score.is_some_and(|score| score >= ScoreBucket::From30);
        match (event.kind, event.outcome) {
            (EventKind::Verify | EventKind::Identify, Outcome::Match) => Some(!enough),
            (EventKind::Verify | EventKind::Identify, Outcome::NoMatch) => Some(true),
            // The claimed name is not enrolled.
            (EventKind::Verify, Outcome::Refused) => Some(true),
            _ => None,
        }
    }

    /// Limits recorded times to `now`, so that a clock that was ahead at a failure does not lengthen the wait.
    pub(super) fn not_after(&mut self, now: u64) {
        let others = self.others.iter_mut();
        self.rows.values_mut().chain(others).for_each(|failures| failures.last = failures.last.min(now));
    }

    /// Counts the attempt that an event reports.
    pub(super) fn note(&mut self, event: &Event) {
        let Some(failed) = Self::failed(event) else { return };
        let subject = event.subject.filter(|_| event.kind == EventKind::Verify).map(Row::Subject);
        for row in [subject, Some(Row::of_actor(&event.actor))].into_iter().flatten() {
            let before = self.of(row);
            if !failed && before.count == 0 {
                continue;
            }
            let count = if failed { before.count.saturating_add(1) } else { 0 };
            if count == 0 && self.others[row.kind()].count == 0 {
                self.rows.remove(&row);
            } else {
                self.rows.insert(row, Failures { count, last: event.time });
            }
        }
        while self.rows.len() > MAX_ATTEMPTS {
            // A row whose last attempt matched is dropped last: without it, the count of the dropped rows would apply
            // again.
            let least = self.rows.iter().map(|(row, failures)| (failures.count == 0, *failures, *row)).min();
            let Some((_, failures, row)) = least else { break };
            self.rows.remove(&row);
            let others = &mut self.others[row.kind()];
            *others = Failures { count: others.count.max(failures.count), last: others.last.max(failures.last) };
        }
    }

    fn of(&self, row: Row) -> Failures {
        self.rows.get(&row).copied().unwrap_or(self.others[row.kind()])
    }

    /// The remaining wait of an attempt while `under_way` others of its row are in progress.
    pub(super) fn wait(&self, limit: &AttemptLimit, row: Row, under_way: u16, now: u64) -> Option<Duration> {
        let Failures { count, last } = self.of(row);
        let free = row.free(limit);
        if count.saturating_add(under_way) < free {
            return None;
        }
        let doublings = u32::from(count.saturating_sub(free)).min(31);
        let wait = limit.first.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(limit.most);
        let passed = Duration::from_millis(now.saturating_sub(last));
        match wait.checked_sub(passed).filter(|rest| !rest.is_zero()) {
            Some(rest) => Some(rest),
            // From here on only one attempt may be in progress.
            None => (under_way > 0).then_some(limit.first),
        }
    }

    /// `rows u16, each: kind u8, whose (16), count u16, last u64 | of other subjects, of other actors: count u16, last u64`
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&u16::try_from(self.rows.len()).unwrap_or(u16::MAX).to_be_bytes());
        for (row, failures) in &self.rows {
            let (kind, whose) = match row {
                Row::Subject(uid) => (0, uid),
                Row::Actor(name) => (1, name),
            };
            out.push(kind);
            out.extend_from_slice(whose);
            failures.encode(out);
        }
        self.others.iter().for_each(|others| others.encode(out));
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Option<Self> {
        let count = usize::from(r.u16()?);
        if count > MAX_ATTEMPTS {
            return None;
        }
        let mut rows = BTreeMap::new();
        for _ in 0..count {
            let row = match r.u8()? {
                0 => Row::Subject(r.array()?),
                1 => Row::Actor(r.array()?),
                _ => return None,
            };
            // Rows are read in the order in which they are written, each once.
            if rows.last_key_value().is_some_and(|(last, _)| *last >= row) {
                return None;
            }
            rows.insert(row, Failures::decode(r)?);
        }
        Some(Self { rows, others: [Failures::decode(r)?, Failures::decode(r)?] })
    }
}

impl Failures {
    fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&self.last.to_be_bytes());
    }

    fn decode(r: &mut Reader<'_>) -> Option<Self> {
        Some(Self { count: r.u16()?, last: r.u64()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Score;

    fn event(subject: u16, outcome: Outcome, time: u64) -> Event {
        let mut uid = [0; 16];
        uid[..2].copy_from_slice(&subject.to_be_bytes());
        Event { time, ..Event::now(EventKind::Verify, Actor::new(format!("door {}", subject % 7)).unwrap()) }
            .outcome(outcome)
            .subject(uid)
            .score(Score::from_decibels(if outcome == Outcome::Match { 41.0 } else { 3.0 }))
    }

    fn row(subject: u16) -> Row {
        Row::Subject(event(subject, Outcome::Match, 0).subject.unwrap())
    }

    #[test]
    fn waits_double_and_a_match_ends_the_row() {
        let limit = AttemptLimit::default();
        let mut attempts = Attempts::default();
        let wait = |attempts: &Attempts, now| attempts.wait(&limit, row(1), 0, now).map(|d| d.as_secs());
        for n in 0..5 {
            assert_eq!(wait(&attempts, 1000), None, "{n}");
            attempts.note(&event(1, Outcome::NoMatch, 1000));
        }
        assert_eq!(
            (wait(&attempts, 1000), wait(&attempts, 30_999), wait(&attempts, 31_000)),
            (Some(30), Some(0), None)
        );
        // With the clock set back, the wait starts again, and ends.
        let mut back = attempts.clone();
        back.not_after(500);
        assert_eq!((wait(&back, 500), wait(&back, 30_499), wait(&back, 30_500)), (Some(30), Some(0), None));
        // A lax threshold does not end a row.
        let mut lax = attempts.clone();
        lax.note(&event(1, Outcome::Match, 1000).score(Score::from_decibels(12.0)));
        assert_eq!(wait(&lax, 1000), Some(60));
        let mut waits = Vec::new();
        for _ in 0..9 {
            attempts.note(&event(1, Outcome::NoMatch, 1000));
            waits.extend(wait(&attempts, 1000));
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        let mut out = Vec::new();
        attempts.encode(&mut out);
        assert_eq!(Attempts::decode(&mut Reader::new(&out)), Some(attempts.clone()));
        attempts.note(&event(1, Outcome::Match, 1000));
        assert_eq!((wait(&attempts, 1000), attempts.clone()), (None, Attempts::default()));
    }

    #[test]
    fn attempts_under_way_count() {
        let limit = AttemptLimit::default();
        let mut attempts = Attempts::default();
        assert!(attempts.wait(&limit, row(1), 4, 0).is_none() && attempts.wait(&limit, row(1), 5, 0).is_some());
        for _ in 0..6 {
            attempts.note(&event(1, Outcome::NoMatch, 0));
        }
        assert!(
            attempts.wait(&limit, row(1), 0, 60_000).is_none() && attempts.wait(&limit, row(1), 1, 60_000).is_some()
        );
    }

    #[test]
    fn actors_have_rows_of_their_own() {
        let mut attempts = Attempts::default();
        let limit = AttemptLimit { subject: 1000, actor: 20, ..AttemptLimit::default() };
        let actor = Row::of_actor(&Actor::new("door 1").unwrap());
        for n in 0..20 {
            assert!(attempts.wait(&limit, actor, 0, 0).is_none());
            attempts.note(&event(1 + 7 * n, Outcome::NoMatch, 0));
        }
        assert!(attempts.wait(&limit, actor, 0, 0).is_some());
        assert!(attempts.wait(&limit, Row::of_actor(&Actor::default()), 0, 0).is_none());
    }

    #[test]
    fn a_flood_of_names_hides_nobody() {
        let limit = AttemptLimit::default();
        let mut attempts = Attempts::default();
        for _ in 0..6 {
            attempts.note(&event(60_000, Outcome::NoMatch, 0));
        }
        // Each of a thousand others fails seven times: more rows than are kept, and more failures than the first.
        for n in 0..1000 {
            for _ in 0..7 {
                attempts.note(&event(n, Outcome::NoMatch, 0));
            }
        }
        assert!(attempts.rows.len() <= MAX_ATTEMPTS);
        assert!(attempts.wait(&limit, row(60_000), 0, 0).is_some() && attempts.wait(&limit, row(3), 0, 0).is_some());
        // Unknown names count as rows of actors and do not delay a subject; nor do other subjects delay an actor.
        let mut actors = Attempts::default();
        for n in 0..300 {
            for _ in 0..30 {
                let stranger = Event::now(EventKind::Verify, Actor::new(format!("gate {n}")).unwrap());
                actors.note(&stranger.outcome(Outcome::Refused));
            }
        }
        assert!(actors.wait(&limit, row(1), 0, u64::MAX / 2).is_none());
        // An actor who matches is free of the wait, and stays so.
        attempts.note(&event(60_000, Outcome::Match, 0));
        assert!(attempts.wait(&limit, row(60_000), 0, 0).is_none());
        let mut out = Vec::new();
        attempts.encode(&mut out);
        assert!(out.len() < 8000, "{}", out.len());
    }
}
