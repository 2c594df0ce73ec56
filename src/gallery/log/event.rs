//! The events of a log.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use thiserror::Error;

use crate::bytes::Reader;
use crate::score::Score;

/// Who did something, as the caller names it: a door, a clerk, a service. At most 256 bytes. Cheap to clone.
///
/// ```
/// use selfsame::gallery::log::Actor;
/// assert_eq!(Actor::new("door 3")?.as_str(), "door 3");
/// assert!(Actor::new("x".repeat(257)).is_err());
/// # Ok::<(), selfsame::gallery::log::ActorError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor(Arc<str>);

/// The error for an actor's name that is too long.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an actor's name has at most {max} bytes, not {len}", max = Actor::MAX_LEN)]
#[non_exhaustive]
pub struct ActorError {
    /// The length given, in bytes.
    pub len: usize,
}

impl Actor {
    /// Longest name, in bytes.
    pub const MAX_LEN: usize = 256;

    /// Creates an actor from text. Empty text means that the actor was not stated.
    ///
    /// # Errors
    /// [`ActorError`] when the text is too long.
    pub fn new(name: impl AsRef<str>) -> Result<Self, ActorError> {
        let name = name.as_ref();
        if name.len() > Self::MAX_LEN { Err(ActorError { len: name.len() }) } else { Ok(Self(name.into())) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Actor {
    fn default() -> Self {
        Self("".into())
    }
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All variants.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number of the variant in an entry.
            #[must_use]
            pub fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The variant with this number.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name of the variant, as programs read it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

numbered! {
    /// What was done.
    EventKind {
        /// The gallery was created.
        Create = 1 "create",
        /// Samples were added to a subject, new or known.
        Enroll = 2 "enroll",
        /// Samples replaced others.
        Update = 3 "update",
        /// A subject was removed.
        Delete = 4 "delete",
        /// A subject was removed and its keys destroyed.
        Erase = 5 "erase",
        /// Samples were compared with one subject.
        Verify = 6 "verify",
        /// Samples were searched for.
        Identify = 7 "identify",
        /// An attempt to open the gallery failed for lack of the key. The next successful opening logs it. It is not
        /// authentic, because someone without the key cannot write anything authentic.
        OpenFailed = 8 "open-failed",
        /// Templates were exported unencrypted.
        Export = 9 "export",
        /// Templates were imported from an export.
        Import = 10 "import",
        /// The master keys were replaced.
        RotateKeys = 11 "rotate-keys",
        /// The passphrase, key file or key service was replaced.
        ChangeProvider = 12 "change-provider",
        /// The whole gallery was checked.
        Check = 13 "check",
        /// The log's root was signed.
        Checkpoint = 14 "checkpoint",
        /// The gallery was opened.
        Open = 15 "open",
        /// The log was read.
        ReadLog = 16 "read-log",
        /// A subject's metadata were read.
        ReadMetadata = 17 "read-metadata",
        /// The names of subjects were listed.
        List = 18 "list",
        /// An attempt to open the gallery failed because the keyring could not be read or had been changed. The next
        /// successful opening logs it.
        KeyringChanged = 19 "keyring-changed",
        /// The gallery continues with another anchor, or with none.
        NewAnchor = 20 "new-anchor",
        /// A face model or calibration was set.
        Settings = 21 "settings",
        /// One sample of a subject was removed.
        RemoveSample = 22 "remove-sample",
        /// What no longer counts was removed from the file of records.
        Compact = 23 "compact",
        /// The oldest entries of the log were removed; the count says how many.
        RetireLog = 24 "retire-log",
        /// Entries of the log were written to an archive.
        ArchiveLog = 25 "archive-log",
    }
}

numbered! {
    /// The outcome of an action.
    Outcome {
        /// The action was done.
        Done = 1 "done",
        /// A match.
        Match = 2 "match",
        /// No match.
        NoMatch = 3 "no-match",
        /// The action was refused: the subject is unknown, or nothing usable was given.
        Refused = 4 "refused",
        /// The action failed: the disk failed, or something was found to be wrong.
        Failed = 5 "failed",
        /// Refused, because too many attempts had failed before.
        Limited = 6 "limited",
    }
}

numbered! {
    /// A score, `-10 * log10(FMR)`, in steps of ten decibels only.
    ScoreBucket {
        /// Below 20: one stranger in a hundred scores higher.
        Below20 = 1 "<20",
        /// 20 to 30.
        From20 = 2 "20-30",
        /// 30 to 40.
        From30 = 3 "30-40",
        /// 40 to 50.
        From40 = 4 "40-50",
        /// 50 and more.
        From50 = 5 ">=50",
    }
}

impl ScoreBucket {
    /// The step that contains a score.
    #[must_use]
    pub fn of(score: Score) -> Self {
        match score.decibels() {
            s if s >= 50.0 => Self::From50,
            s if s >= 40.0 => Self::From40,
            s if s >= 30.0 => Self::From30,
            s if s >= 20.0 => Self::From20,
            _ => Self::Below20,
        }
    }
}

/// One event.
///
/// ```
/// use selfsame::gallery::log::{Actor, Event, EventKind, Outcome};
/// let event = Event::now(EventKind::Verify, Actor::new("door 3")?).outcome(Outcome::NoMatch);
/// assert_eq!(event.kind.name(), "verify");
/// # Ok::<(), selfsame::gallery::log::ActorError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The time by the clock of the writer, in milliseconds since 1970-01-01 UTC.
    pub time: u64,
    /// What was done.
    pub kind: EventKind,
    /// The actor.
    pub actor: Actor,
    /// The subject: a random number assigned at enrollment, which does not reveal the name.
    pub subject: Option<[u8; 16]>,
    /// The outcome.
    pub outcome: Outcome,
    /// The score, in coarse steps.
    pub score: Option<ScoreBucket>,
    /// The number of samples enrolled, candidates found, records exported, or attempts made.
    pub count: u32,
}

impl Event {
    /// Creates an event at the current time, with the outcome "done".
    #[must_use]
    pub fn now(kind: EventKind, actor: Actor) -> Self {
        Self { time: now(), kind, actor, subject: None, outcome: Outcome::Done, score: None, count: 0 }
    }

    /// The same event at the current time.
    pub(crate) fn at_now(mut self) -> Self {
        self.time = now();
        self
    }

    /// Sets the outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Sets the subject.
    #[must_use]
    pub fn subject(mut self, number: [u8; 16]) -> Self {
        self.subject = Some(number);
        self
    }

    /// Sets the score.
    #[must_use]
    pub fn score(mut self, score: Score) -> Self {
        self.score = Some(ScoreBucket::of(score));
        self
    }

    /// Sets the count.
    #[must_use]
    pub fn count(mut self, count: usize) -> Self {
        self.count = u32::try_from(count).unwrap_or(u32::MAX);
        self
    }

    /// `time u64 | kind u8 | outcome u8 | score u8 or 0 | count u32 | subject u8 (0 or 1), number (16) | actor length u16, actor`.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.actor.as_str().len().saturating_add(64));
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&[self.kind.code(), self.outcome.code(), self.score.map_or(0, ScoreBucket::code)]);
        out.extend_from_slice(&self.count.to_be_bytes());
        out.push(u8::from(self.subject.is_some()));
        self.subject.iter().for_each(|tag| out.extend_from_slice(tag));
        out.extend_from_slice(&u16::try_from(self.actor.as_str().len()).unwrap_or(0).to_be_bytes());
        out.extend_from_slice(self.actor.as_str().as_bytes());
        out
    }

    /// Reads an event.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader::new(bytes);
        let time = r.u64()?;
        let (kind, outcome) = (EventKind::from_code(r.u8()?)?, Outcome::from_code(r.u8()?)?);
        let score = match r.u8()? {
            0 => None,
            score => Some(ScoreBucket::from_code(score)?),
        };
        let count = r.u32()?;
        let subject = match r.u8()? {
            0 => None,
            1 => Some(r.array()?),
            _ => return None,
        };
        let length = usize::from(r.u16()?);
        let actor = Actor::new(std::str::from_utf8(r.take(length)?).ok()?).ok()?;
        r.rest().is_empty().then_some(Self { time, kind, actor, subject, outcome, score, count })
    }
}

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_read_is_written_back_the_same(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some(event) = Event::decode(&bytes) {
                prop_assert_eq!(event.encode(), bytes);
            }
        }

        #[test]
        fn any_event_comes_back(
            time: u64, kind in prop::sample::select(EventKind::ALL), outcome in prop::sample::select(Outcome::ALL),
            score in prop::option::of(prop::sample::select(ScoreBucket::ALL)), count: u32,
            subject: Option<[u8; 16]>, actor in ".{0,64}",
        ) {
            let event = Event { time, kind, actor: Actor::new(actor).unwrap(), subject, outcome, score, count };
            let bytes = event.encode();
            prop_assert_eq!(Event::decode(&bytes), Some(event));
            // A changed byte gives another event or none, never the same one.
            for i in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[i] ^= 1;
                prop_assert_ne!(Event::decode(&changed), Event::decode(&bytes));
            }
        }
    }

    #[test]
    fn every_kind_is_read_as_it_was_written() {
        for &kind in EventKind::ALL {
            for &outcome in Outcome::ALL {
                let event = Event::now(kind, Actor::new("tür 3").unwrap()).outcome(outcome).count(7);
                for event in [event.clone(), event.subject([9; 16]).score(Score::from_decibels(33.0))] {
                    let bytes = event.encode();
                    assert_eq!(Event::decode(&bytes), Some(event));
                    assert!((0..bytes.len()).all(|end| Event::decode(&bytes[..end]).is_none()));
                }
            }
        }
        let mut bytes = Event::now(EventKind::Check, Actor::default()).encode();
        bytes[8] = 200;
        assert_eq!(Event::decode(&bytes), None);
        bytes[8] = EventKind::Check.code();
        assert!(Event::decode(&bytes).is_some());
        bytes.push(0);
        assert!(Event::decode(&bytes).is_none());
    }

    #[test]
    fn scores_are_told_coarsely() {
        let of = |db: f32| ScoreBucket::of(Score::from_decibels(db)).name();
        assert_eq!([0.0, 20.0, 39.9, 40.0, 90.0].map(of), ["<20", "20-30", "30-40", "40-50", ">=50"]);
    }
}
