//! A key made from a passphrase by Argon2id (RFC 9106).

use std::cmp::Reverse;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use super::super::cipher::{associated, open_bytes, seal_at};
use super::super::error::{KeyError, SealError};
use super::super::key::SecretKey;
use super::super::params::{
    ARGON2_ACCEPTED, ARGON2_KIB, ARGON2_LANES, ARGON2_PASSES, LEAST_PASSPHRASE, NONCE_LEN, SALT_LEN, WRAPPED_VERSION,
};
use super::key_provider::KeyProvider;
use super::opaque::prepared;
use crate::bytes::Reader;

/// The signature of a key wrapped by a [`Passphrase`].
const MAGIC: &[u8] = b"SSPW";

/// What one guess of a passphrase costs: memory 19 MiB to 1 GiB, 2 to 16 passes, 1 to 16 lanes.
///
/// The default cost is 64 MiB, 3 passes, 4 lanes, the second recommendation of RFC 9106. Lanes are computed one after
/// the other.
///
/// ```
/// use selfsame::gallery::seal::Argon2Cost;
/// let dearer = Argon2Cost::new(256 << 10, 4, 4)?;
/// assert!(Argon2Cost::new(8, 1, 1).is_err());
/// assert_ne!(dearer, Argon2Cost::default());
/// # Ok::<(), selfsame::gallery::seal::KeyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: ARGON2_KIB.0, passes: ARGON2_PASSES.0, lanes: ARGON2_LANES.0 }
    }
}

impl Argon2Cost {
    /// The least cost accepted, for machines with little memory.
    pub const LEAST: Self = Self { memory_kib: ARGON2_KIB.1, passes: ARGON2_PASSES.1, lanes: ARGON2_LANES.1 };

    /// The most cost accepted, whatever the caller allows.
    pub const MOST: Self = Self { memory_kib: ARGON2_KIB.2, passes: ARGON2_PASSES.2, lanes: ARGON2_LANES.2 };

    /// Creates a cost of `memory_kib` KiB, `passes` and `lanes`.
    ///
    /// # Errors
    /// [`KeyError::OutOfBounds`].
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KeyError> {
        let bounds = [
            ("memory, KiB", memory_kib, ARGON2_KIB),
            ("passes", passes, ARGON2_PASSES),
            ("lanes", lanes, ARGON2_LANES),
        ];
        for (what, value, (_, floor, ceiling)) in bounds {
            if !(floor..=ceiling).contains(&value) {
                return Err(KeyError::OutOfBounds { what, value, floor, ceiling });
            }
        }
        Ok(Self { memory_kib, passes, lanes })
    }

    /// The memory of one guess, in KiB.
    #[must_use]
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// The number of passes over the memory.
    #[must_use]
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// The number of lanes of the memory.
    #[must_use]
    pub fn lanes(self) -> u32 {
        self.lanes
    }

    /// Memory times passes, in KiB: the time of one guess is proportional to it.
    fn work(self) -> u64 {
        u64::from(self.memory_kib).saturating_mul(u64::from(self.passes))
    }

    fn is_at_least(self, other: Self) -> bool {
        self.memory_kib >= other.memory_kib && self.work() >= other.work()
    }

    /// The least cost whose memory and work are not below those of either, and that `limit` admits.
    fn and(self, other: Self, limit: Limit) -> Self {
        if self.is_at_least(other) {
            return self;
        }
        if other.is_at_least(self) {
            return other;
        }
        let (least, work) = (self.memory_kib.max(other.memory_kib), self.work().max(other.work()));
        let (_, fewest, most) = ARGON2_PASSES;
        let costs = (fewest..=most).filter_map(|passes| {
            let memory = u32::try_from(work.div_ceil(u64::from(passes))).ok()?.max(least);
            Self::new(memory, passes, self.lanes).ok().filter(|cost| limit.admits(*cost))
        });
        // If none fits, work decides, because it determines the time of a guess.
        let dearer = if self.work() < other.work() { other } else { self };
        costs.min_by_key(|cost| (cost.work(), Reverse(cost.memory_kib))).unwrap_or(dearer)
    }
}

/// The most that opening may cost.
#[derive(Clone, Copy)]
struct Limit {
    memory_kib: u32,
    work: u64,
}

impl Limit {
    fn of(cost: Argon2Cost) -> Self {
        Self { memory_kib: cost.memory_kib, work: cost.work() }
    }

    /// The multiple of a cost that is accepted without the caller's permission.
    fn above(cost: Argon2Cost) -> Self {
        let memory = u64::from(cost.memory_kib).saturating_mul(ARGON2_ACCEPTED);
        Self {
            memory_kib: u32::try_from(memory).unwrap_or(u32::MAX),
            work: cost.work().saturating_mul(ARGON2_ACCEPTED),
        }
    }

    fn or(self, other: Self) -> Self {
        Self { memory_kib: self.memory_kib.max(other.memory_kib), work: self.work.max(other.work) }
    }

    fn admits(self, cost: Argon2Cost) -> bool {
        cost.memory_kib <= self.memory_kib && cost.work() <= self.work
    }

    fn check(self, cost: Argon2Cost) -> Result<(), KeyError> {
        if self.admits(cost) {
            return Ok(());
        }
        Err(KeyError::TooExpensive {
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            most_memory_kib: self.memory_kib,
            most_work: self.work,
        })
    }
}

/// Wraps keys with a key made from a passphrase, as `SSPW | version u8 | KiB u32 | passes u32 | lanes u32 | salt (16) | sealed key`,
/// 137 bytes.
///
/// Each wrapping takes a new salt. One wrapping or unwrapping at the default cost takes some tenths of a second.
///
/// **The cost of opening** is stored in the wrapped key, bound to it and checked before any work: guessing cannot be
/// made cheaper than [`Argon2Cost::LEAST`], and a key that demands more than twice the memory, or twice the memory
/// times passes, of the default cost or of the provider's own, whichever is more, is not opened.
/// [`Passphrase::accept_cost_up_to`] allows more.
///
/// **Wrapping again does not weaken the protection**: a provider without an explicit cost wraps at least as strongly as
/// the strongest key it has opened, and through [`KeyProvider::wrap_like`] as the replaced key, even with another
/// passphrase. A provider with an explicit cost keeps to it.
///
/// **The text** is prepared as OpaqueString of RFC 8265, so that one passphrase opens however a system encodes its
/// letters: a byte order mark at the start is dropped, every space is U+0020, letters and their marks are composed
/// (NFC, so ligatures and full-width letters stay as they are). Control, invisible, unassigned and private characters
/// are refused, joiners are not. Fewer than 8 characters are refused unless [`Passphrase::of_any_length`] is used. The
/// caller must remove a line break at the end of a file.
///
/// ```
/// use selfsame::gallery::seal::{Argon2Cost, KeyError, KeyProvider, Passphrase, SecretKey};
/// let provider = Passphrase::with_cost("un caf\u{e9} tr\u{e8}s noir".to_owned(), Argon2Cost::LEAST)?;
/// let wrapped = provider.wrap(&SecretKey::random()?, b"door")?;
/// let elsewhere = Passphrase::new("un cafe\u{301} tre\u{300}s noir".to_owned())?;
/// assert!(elsewhere.unwrap(&wrapped, b"door").is_ok());
/// let wrong = Passphrase::new("incorrect horse".to_owned())?;
/// assert!(matches!(wrong.unwrap(&wrapped, b"door"), Err(KeyError::WrongKey)));
/// # Ok::<(), KeyError>(())
/// ```
pub struct Passphrase {
    text: Zeroizing<String>,
    cost: Argon2Cost,
    /// Whether the caller gave the cost, so that nothing else decides the cost of wrapping.
    given: bool,
    /// The cost of opening that the caller accepts beyond the default.
    accepted: Option<Argon2Cost>,
    /// The strongest cost opened or replaced: wrapping costs no less.
    seen: Mutex<Option<Argon2Cost>>,
}

impl Passphrase {
    /// A provider that wraps at the default cost, or at the strongest that it has opened. The text is wiped when the
    /// provider is dropped.
    ///
    /// # Errors
    /// [`KeyError::EmptyPassphrase`], [`KeyError::ShortPassphrase`] below 8 characters,
    /// [`KeyError::PassphraseCharacter`] for a character that is not allowed.
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self, KeyError> {
        let made = Self::of_any_length(text)?;
        match made.text.chars().count() {
            LEAST_PASSPHRASE.. => Ok(made),
            characters => Err(KeyError::ShortPassphrase { characters, least: LEAST_PASSPHRASE }),
        }
    }

    /// As [`Passphrase::new`], for a passphrase that is short on purpose: an attacker with the files guesses it in next
    /// to no time.
    ///
    /// ```
    /// use selfsame::gallery::seal::{KeyError, Passphrase};
    /// assert!(matches!(Passphrase::new("sesame".to_owned()), Err(KeyError::ShortPassphrase { characters: 6, least: 8 })));
    /// assert!(Passphrase::of_any_length("sesame".to_owned()).is_ok());
    /// # Ok::<(), KeyError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Passphrase::new`], except for the length.
    pub fn of_any_length(text: impl Into<Zeroizing<String>>) -> Result<Self, KeyError> {
        let text = prepared(&text.into())?;
        if text.is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        Ok(Self { text, cost: Argon2Cost::default(), given: false, accepted: None, seen: Mutex::new(None) })
    }

    /// A provider that wraps at a given cost, whatever it has opened.
    ///
    /// # Errors
    /// As for [`Passphrase::new`].
    pub fn with_cost(text: impl Into<Zeroizing<String>>, cost: Argon2Cost) -> Result<Self, KeyError> {
        Self::new(text).map(|made| made.at_cost(cost))
    }

    /// The same provider, wrapping at a given cost, whatever it has opened.
    ///
    /// ```
    /// use selfsame::gallery::seal::{Argon2Cost, KeyProvider, Passphrase, SecretKey};
    /// let provider = Passphrase::of_any_length("sesame".to_owned())?.at_cost(Argon2Cost::LEAST);
    /// let wrapped = provider.wrap(&SecretKey::random()?, b"door")?;
    /// assert_eq!(Passphrase::cost_of(&wrapped), Some(Argon2Cost::LEAST));
    /// # Ok::<(), selfsame::gallery::seal::KeyError>(())
    /// ```
    #[must_use]
    pub fn at_cost(self, cost: Argon2Cost) -> Self {
        Self { cost, given: true, ..self }
    }

    /// The same provider, wrapping at no less than `cost`: its memory and its memory times passes. Pass the result of
    /// [`Passphrase::cost_of`] for a key that has been opened; anyone may have written the cost of one that has not.
    ///
    /// ```
    /// use selfsame::gallery::seal::{Argon2Cost, KeyProvider, Passphrase, SecretKey};
    /// let key = SecretKey::random()?;
    /// let strong = Argon2Cost::new(96 << 10, 3, 4)?;
    /// let provider = Passphrase::new("correct horse battery staple".to_owned())?.at_least(strong);
    /// assert_eq!(Passphrase::cost_of(&provider.wrap(&key, b"door")?), Some(strong));
    /// # Ok::<(), selfsame::gallery::seal::KeyError>(())
    /// ```
    #[must_use]
    pub fn at_least(self, cost: Argon2Cost) -> Self {
        Self { cost: self.cost.and(cost, Limit { memory_kib: u32::MAX, work: u64::MAX }), ..self }
    }

    /// The same provider, also opening keys that cost up to `cost`: its memory and its memory times passes. The limit
    /// never falls below twice the provider's own cost.
    ///
    /// ```
    /// use selfsame::gallery::seal::{Argon2Cost, KeyError, KeyProvider, Passphrase, SecretKey};
    /// let text = "correct horse battery staple";
    /// let dear = Argon2Cost::new(160 << 10, 2, 4)?;
    /// let wrapped = Passphrase::with_cost(text.to_owned(), dear)?.wrap(&SecretKey::random()?, b"door")?;
    /// let provider = Passphrase::new(text.to_owned())?;
    /// assert!(matches!(provider.unwrap(&wrapped, b"door"), Err(KeyError::TooExpensive { memory_kib: 163_840, .. })));
    /// assert!(provider.accept_cost_up_to(dear).unwrap(&wrapped, b"door").is_ok());
    /// # Ok::<(), KeyError>(())
    /// ```
    #[must_use]
    pub fn accept_cost_up_to(self, cost: Argon2Cost) -> Self {
        Self { accepted: Some(cost), ..self }
    }

    /// The cost of opening a wrapped key, as the key itself states it: anyone may have written it. `None` when no
    /// passphrase wrapped it, or at a cost that no provider accepts.
    ///
    /// ```
    /// use selfsame::gallery::seal::{KeyProvider, Passphrase, RawKey, SecretKey};
    /// let key = SecretKey::random()?;
    /// let wrapped = RawKey::new(SecretKey::random()?).wrap(&key, b"door")?;
    /// assert_eq!(Passphrase::cost_of(&wrapped), None);
    /// # Ok::<(), selfsame::gallery::seal::KeyError>(())
    /// ```
    #[must_use]
    pub fn cost_of(wrapped: &[u8]) -> Option<Argon2Cost> {
        Envelope::read(wrapped).ok().map(|envelope| envelope.cost)
    }

    /// The most that opening may cost.
    fn limit(&self) -> Limit {
        let own = Limit::above(Argon2Cost::default()).or(Limit::above(self.cost));
        [self.accepted, self.seen()].into_iter().flatten().fold(own, |limit, cost| limit.or(Limit::of(cost)))
    }

    /// The cost of wrapping.
    fn own_cost(&self) -> Argon2Cost {
        match self.seen() {
            Some(seen) if !self.given => self.cost.and(seen, self.limit()),
            _ => self.cost,
        }
    }

    fn seen(&self) -> Option<Argon2Cost> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a cost that was accepted.
    fn see(&self, cost: Argon2Cost) {
        let limit = self.limit();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(seen.map_or(cost, |known| known.and(cost, limit)));
    }

    fn key(&self, cost: Argon2Cost, salt: &[u8; SALT_LEN]) -> Result<SecretKey, KeyError> {
        const REFUSED: KeyError = KeyError::Malformed { what: "parameters that Argon2id does not accept" };
        let params =
            Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(SecretKey::LEN)).map_err(|_| REFUSED)?;
        let mut memory: Zeroizing<Vec<Block>> = Zeroizing::default();
        let blocks = params.block_count();
        memory.try_reserve_exact(blocks).map_err(|_| KeyError::Memory { kib: cost.memory_kib })?;
        memory.resize(blocks, Block::new());
        let mut key = Zeroizing::new([0; SecretKey::LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(self.text.as_bytes(), salt, key.as_mut_slice(), memory.as_mut_slice())
            .map_err(|_| REFUSED)?;
        Ok(SecretKey::from_bytes(&key))
    }

    pub(in super::super) fn wrap_at(
        &self,
        salt: &[u8; SALT_LEN],
        nonce: &[u8; NONCE_LEN],
        key: &SecretKey,
        context: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let cost = self.own_cost();
        let mut out = head(cost, salt);
        let outer = self.key(cost, salt)?;
        let sealed = seal_at(&outer, nonce, &associated(b"wrap", &[&out, context]), key.expose())?;
        out.extend_from_slice(&sealed);
        Ok(out)
    }
}

impl KeyProvider for Passphrase {
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (mut salt, mut nonce) = ([0; SALT_LEN], [0; NONCE_LEN]);
        getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut nonce)).map_err(|_| SealError::Random)?;
        self.wrap_at(&salt, &nonce, key, context)
    }

    /// Costs no less than `previous` unless the cost was given.
    ///
    /// # Errors
    /// As for [`KeyProvider::wrap`]; [`KeyError::TooExpensive`] when `previous` costs more than this provider would
    /// open again.
    fn wrap_like(&self, key: &SecretKey, context: &[u8], previous: &[u8]) -> Result<Vec<u8>, KeyError> {
        if let Some(cost) = Self::cost_of(previous)
            && !self.given
        {
            self.limit().check(cost)?;
            self.see(cost);
        }
        self.wrap(key, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
        let envelope = Envelope::read(wrapped)?;
        self.limit().check(envelope.cost)?;
        let key = envelope.open(&self.key(envelope.cost, &envelope.salt)?, context)?;
        // Only now is the cost known to be that of the original wrapping.
        self.see(envelope.cost);
        Ok(key)
    }

    fn describe(&self) -> &'static str {
        "passphrase"
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrase").field("cost", &self.cost).finish_non_exhaustive()
    }
}

/// The fields of a wrapped key, with a cost within bounds.
struct Envelope<'a> {
    cost: Argon2Cost,
    salt: [u8; SALT_LEN],
    sealed: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn read(wrapped: &'a [u8]) -> Result<Self, KeyError> {
        const CUT: KeyError = KeyError::Malformed { what: "the wrapped key is truncated" };
        let mut reader = Reader::new(wrapped);
        if reader.take(MAGIC.len()) != Some(MAGIC) {
            return Err(KeyError::Malformed { what: "not wrapped with a passphrase" });
        }
        match reader.u8().ok_or(CUT)? {
            WRAPPED_VERSION => {}
            version => return Err(KeyError::NewerVersion { version }),
        }
        let mut number = || reader.u32().ok_or(CUT);
        let cost = Argon2Cost::new(number()?, number()?, number()?)?;
        let salt = reader.array().ok_or(CUT)?;
        let sealed = reader.rest();
        if sealed.len() != super::super::cipher::SEAL_OVERHEAD.saturating_add(SecretKey::LEN) {
            return Err(KeyError::Malformed { what: "the wrapped key has the wrong length" });
        }
        Ok(Self { cost, salt, sealed })
    }

    fn open(&self, outer: &SecretKey, context: &[u8]) -> Result<SecretKey, KeyError> {
        let place = associated(b"wrap", &[&head(self.cost, &self.salt), context]);
        SecretKey::from_slice(&open_bytes(outer, &place, self.sealed)?).ok_or(KeyError::WrongKey)
    }
}

fn head(cost: Argon2Cost, salt: &[u8; SALT_LEN]) -> Vec<u8> {
    let Argon2Cost { memory_kib, passes, lanes } = cost;
    let numbers = [memory_kib, passes, lanes].map(u32::to_be_bytes);
    [MAGIC, &[WRAPPED_VERSION], numbers.as_flattened(), salt].concat()
}

#[cfg(test)]
#[path = "passphrase_tests.rs"]
mod tests;
