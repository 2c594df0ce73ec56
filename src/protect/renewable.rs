//! Subjects whose templates can be renewed, ready to be searched.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use thiserror::Error;

use super::error::ProtectError;
use super::face::{FaceCode, FaceCodeProbe, FaceProtector, ProtectedFace};
use super::finger::{FingerCode, FingerCodeProbe, FingerProtector, ProtectedFinger};
use super::key::{KeyTag, ProtectionKey};
use crate::face::embedding::Embedding;
use crate::fingerprint::template::FingerTemplate;
use crate::gallery::seal::SecretKey;
use crate::index::{Candidates, Index, IndexError, Search};
use crate::modality::Modality;
use crate::subject::SubjectId;

/// Makes codes of one kind of sample under one key.
pub trait Protector: Sized + Send + Sync {
    /// The settings shared by all codes of a collection.
    type Settings: Clone + fmt::Debug + Send + Sync;
    /// The sample that a code is made from.
    type Sample;
    /// The code.
    type Code: Clone;
    /// The modality that compares codes.
    type Modality: Modality<Template = Self::Code, Error = ProtectError> + Default;

    /// Creates a protector for a key.
    ///
    /// # Errors
    /// [`ProtectError`] when the settings are out of range.
    fn of(settings: &Self::Settings, key: &ProtectionKey) -> Result<Self, ProtectError>;

    /// Makes the code of a sample.
    ///
    /// # Errors
    /// [`ProtectError`] when the sample does not fit the settings.
    fn code(&self, sample: &Self::Sample) -> Result<Self::Code, ProtectError>;

    /// Prepares a sample for comparison with codes.
    ///
    /// # Errors
    /// [`ProtectError`] when the sample does not fit the settings.
    fn probe(&self, sample: &Self::Sample) -> Result<<Self::Modality as Modality>::Probe, ProtectError>;

    /// The version and tag of the key that a code was made with.
    fn made_with(code: &Self::Code) -> (u32, KeyTag);
}

/// The settings shared by the codes of a collection of faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaceSettings {
    /// The number of components of the embeddings.
    pub dimension: usize,
    /// The number of bits of the codes, a multiple of 64 up to 4096.
    pub bits: usize,
}

impl Protector for FaceProtector {
    type Settings = FaceSettings;
    type Sample = Embedding;
    type Code = FaceCode;
    type Modality = ProtectedFace;

    fn of(settings: &FaceSettings, key: &ProtectionKey) -> Result<Self, ProtectError> {
        Self::new(key, settings.dimension, settings.bits)
    }

    fn code(&self, sample: &Embedding) -> Result<FaceCode, ProtectError> {
        self.protect(sample)
    }

    fn probe(&self, sample: &Embedding) -> Result<FaceCodeProbe, ProtectError> {
        ProtectedFace::default().prepare(&self.protect(sample)?)
    }

    fn made_with(code: &FaceCode) -> (u32, KeyTag) {
        (code.version(), code.tag())
    }
}

impl Protector for FingerProtector {
    type Settings = ();
    type Sample = FingerTemplate;
    type Code = FingerCode;
    type Modality = ProtectedFinger;

    fn of((): &(), key: &ProtectionKey) -> Result<Self, ProtectError> {
        Ok(Self::new(key))
    }

    fn code(&self, sample: &FingerTemplate) -> Result<FingerCode, ProtectError> {
        Ok(self.protect(sample))
    }

    fn probe(&self, sample: &FingerTemplate) -> Result<FingerCodeProbe, ProtectError> {
        // This calls the method of the same name that cannot fail.
        Ok(Self::probe(self, sample))
    }

    fn made_with(code: &FingerCode) -> (u32, KeyTag) {
        (code.version(), code.tag())
    }
}

/// Errors of a collection of renewable templates.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenewError {
    /// The sample or the code does not fit.
    #[error(transparent)]
    Protect(#[from] ProtectError),
    /// The index refused.
    #[error(transparent)]
    Index(#[from] IndexError<ProtectError>),
    /// The code was made before the subject's last renewal, or after it.
    #[error("the code has version {found}, but the subject's codes have version {held}")]
    Version {
        /// The version of the existing codes.
        held: u32,
        /// The version of this code.
        found: u32,
    },
    /// The subject is not enrolled.
    #[error("no such subject")]
    UnknownSubject,
    /// A renewal was given no sample, which would make it a removal.
    #[error("a renewal needs at least one sample")]
    NoSample,
    /// The subject was renewed four billion times.
    #[error("there are no versions left")]
    Versions,
}

/// The score of a modality of codes.
type ScoreOf<P> = <<P as Protector>::Modality as Modality>::Score;

/// The codes of one version and their protector.
struct Generation<P: Protector> {
    protector: P,
    index: Index<P::Modality>,
}

/// A collection of protected templates in memory: it keeps no samples, and any subject's templates can be renewed.
///
/// All codes are made with keys of one secret; each subject has a version, and each version has another key. A search
/// transforms the probe once for each version in use and searches the subjects of that version, so a code from before a
/// renewal finds nobody. A renewal does no more than that: codes stolen before it still reveal what they did, and known
/// pairs of old and new codes link the others. Keep the secret apart from the codes: someone with both can make samples
/// that match.
///
/// The caller must keep what [`Renewable::enroll`] and [`Renewable::renew`] return, in a sealed gallery for example,
/// and pass it to [`Renewable::insert`] at the next start.
///
/// ```
/// use selfsame::index::Search;
/// use selfsame::protect::{FingerProtector, Renewable};
/// use selfsame::gallery::seal::SecretKey;
/// use selfsame::synth::TemplateGenerator;
/// use selfsame::SubjectId;
///
/// let people = TemplateGenerator::new(1);
/// let mut fingers = Renewable::<FingerProtector>::new(SecretKey::random()?, ())?;
/// let ada = SubjectId::new("ada")?;
/// let stolen = fingers.enroll(ada.clone(), &people.probe(1, 1))?;
/// // The code was stolen. After a renewal it is refused here.
/// fingers.renew(&ada, &[people.probe(1, 2)])?;
/// assert!(fingers.insert(ada.clone(), stolen).is_err());
/// let found = fingers.identify(&people.probe(1, 3), &Search::top(1))?;
/// assert_eq!(found[0].subject, ada);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Renewable<P: Protector> {
    secret: SecretKey,
    settings: P::Settings,
    generations: BTreeMap<u32, Generation<P>>,
    versions: HashMap<SubjectId, u32>,
}

impl<P: Protector> Renewable<P> {
    /// Creates an empty collection.
    ///
    /// # Errors
    /// [`ProtectError`] when the settings are out of range.
    pub fn new(secret: SecretKey, settings: P::Settings) -> Result<Self, ProtectError> {
        P::of(&settings, &ProtectionKey::new(&secret, 0))?;
        Ok(Self { secret, settings, generations: BTreeMap::new(), versions: HashMap::new() })
    }

    /// The codes of a version, which may be empty.
    fn generation(&mut self, version: u32) -> Result<&mut Generation<P>, ProtectError> {
        use std::collections::btree_map::Entry;
        match self.generations.entry(version) {
            Entry::Occupied(held) => Ok(held.into_mut()),
            Entry::Vacant(place) => {
                let key = ProtectionKey::new(&self.secret, version);
                let protector = P::of(&self.settings, &key)?;
                Ok(place.insert(Generation { protector, index: Index::default() }))
            }
        }
    }

    /// Applies a function to a version, and removes the version if it is empty afterwards.
    fn within<T>(
        &mut self,
        version: u32,
        work: impl FnOnce(&mut Generation<P>) -> Result<T, RenewError>,
    ) -> Result<T, RenewError> {
        let generation = self.generation(version)?;
        let done = work(generation);
        if generation.index.is_empty() {
            self.generations.remove(&version);
        }
        done
    }

    /// Adds a template of a subject, who may have others, and returns its code.
    ///
    /// # Errors
    /// [`RenewError`]; on an error nothing is changed.
    pub fn enroll(&mut self, subject: SubjectId, sample: &P::Sample) -> Result<P::Code, RenewError> {
        self.enroll_labeled(subject, sample, 0)
    }

    /// [`Renewable::enroll`] with a label that searches can filter by, for example a finger position
    /// ([`crate::FingerPosition::label`]). The caller must keep the label with the code.
    ///
    /// # Errors
    /// As [`Renewable::enroll`].
    pub fn enroll_labeled(
        &mut self,
        subject: SubjectId,
        sample: &P::Sample,
        label: u64,
    ) -> Result<P::Code, RenewError> {
        let version = self.versions.get(&subject).copied().unwrap_or(0);
        let code = self.within(version, |generation| {
            let code = generation.protector.code(sample)?;
            generation.index.add(subject.clone(), (&code, label))?;
            Ok(code)
        })?;
        self.versions.insert(subject, version);
        Ok(code)
    }

    /// Adds a code that was made earlier with this secret and these settings.
    ///
    /// # Errors
    /// [`RenewError::Version`] when the subject's codes have another version, [`ProtectError::OtherKey`] when another
    /// secret made the code; on an error nothing is changed.
    pub fn insert(&mut self, subject: SubjectId, code: P::Code) -> Result<(), RenewError> {
        self.insert_labeled(subject, code, 0)
    }

    /// [`Renewable::insert`] with the label that the code was enrolled with.
    ///
    /// # Errors
    /// As [`Renewable::insert`].
    pub fn insert_labeled(&mut self, subject: SubjectId, code: P::Code, label: u64) -> Result<(), RenewError> {
        let (found, tag) = P::made_with(&code);
        if let Some(&held) = self.versions.get(&subject)
            && held != found
        {
            return Err(RenewError::Version { held, found });
        }
        // The code is checked before a generation is created for a version that may be a stranger's number.
        if ProtectionKey::new(&self.secret, found).tag() != tag {
            return Err(ProtectError::OtherKey.into());
        }
        self.within(found, |generation| Ok(generation.index.add(subject.clone(), (&code, label))?))?;
        self.versions.insert(subject, found);
        Ok(())
    }

    /// Replaces all templates of a subject with new ones under the next version of the key, and returns their codes.
    /// The earlier codes no longer match anything, and nothing links them to the new ones without the secret.
    ///
    /// # Errors
    /// [`RenewError::UnknownSubject`], [`RenewError::NoSample`], [`RenewError::Protect`] when a sample does not fit; on
    /// an error nothing is changed.
    pub fn renew(&mut self, subject: &SubjectId, samples: &[P::Sample]) -> Result<Vec<P::Code>, RenewError> {
        self.renew_labeled(subject, samples.iter().map(|sample| (sample, 0)))
    }

    /// [`Renewable::renew`] with a label for each sample.
    ///
    /// # Errors
    /// As [`Renewable::renew`].
    pub fn renew_labeled<'a>(
        &mut self,
        subject: &SubjectId,
        samples: impl IntoIterator<Item = (&'a P::Sample, u64)>,
    ) -> Result<Vec<P::Code>, RenewError>
    where
        P::Sample: 'a,
    {
        let samples: Vec<(&P::Sample, u64)> = samples.into_iter().collect();
        let &old = self.versions.get(subject).ok_or(RenewError::UnknownSubject)?;
        if samples.is_empty() {
            return Err(RenewError::NoSample);
        }
        let version = old.checked_add(1).ok_or(RenewError::Versions)?;
        let codes = self.within(version, |generation| {
            let codes = samples.iter().map(|(s, _)| generation.protector.code(s)).collect::<Result<Vec<_>, _>>()?;
            for (code, (_, label)) in codes.iter().zip(&samples) {
                if let Err(reason) = generation.index.add(subject.clone(), (code, *label)) {
                    generation.index.remove(subject);
                    return Err(reason.into());
                }
            }
            Ok(codes)
        })?;
        self.take_from(old, subject);
        self.versions.insert(subject.clone(), version);
        Ok(codes)
    }

    /// Removes a subject; returns the number of its codes.
    pub fn remove(&mut self, subject: &SubjectId) -> usize {
        self.versions.remove(subject).map_or(0, |version| self.take_from(version, subject))
    }

    /// Removes a subject from a version, and the version with its last subject.
    fn take_from(&mut self, version: u32, subject: &SubjectId) -> usize {
        let Some(generation) = self.generations.get_mut(&version) else { return 0 };
        let taken = generation.index.remove(subject);
        if generation.index.is_empty() {
            self.generations.remove(&version);
        }
        taken
    }

    /// The score of a sample and the most similar code of a subject.
    ///
    /// # Errors
    /// [`RenewError::UnknownSubject`], [`RenewError::Protect`] when the sample does not fit.
    pub fn verify(&self, subject: &SubjectId, sample: &P::Sample) -> Result<ScoreOf<P>, RenewError> {
        let version = self.versions.get(subject).ok_or(RenewError::UnknownSubject)?;
        let generation = self.generations.get(version).ok_or(RenewError::UnknownSubject)?;
        let probe = generation.protector.probe(sample)?;
        Ok(generation.index.verify(subject, &probe)?)
    }

    /// The subjects whose codes are most similar to a sample, best first; equal scores are ordered by ascending id.
    ///
    /// # Errors
    /// [`RenewError::Protect`] when the sample does not fit, [`RenewError::Index`] when the search asks for no
    /// candidates or was canceled.
    pub fn identify(
        &self,
        sample: &P::Sample,
        search: &Search<'_, ScoreOf<P>>,
    ) -> Result<Candidates<P::Modality>, RenewError> {
        let mut found = Vec::new();
        if self.generations.is_empty() {
            // An empty collection gives the same errors as others.
            let none = Index::<P::Modality>::default();
            let protector = P::of(&self.settings, &ProtectionKey::new(&self.secret, 0))?;
            return Ok(none.identify(&protector.probe(sample)?, search)?);
        }
        for generation in self.generations.values() {
            let probe = generation.protector.probe(sample)?;
            found.extend(generation.index.identify(&probe, search)?);
        }
        found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.subject.cmp(&b.subject)));
        found.truncate(search.count());
        Ok(found)
    }

    /// The version of a subject's codes: the number of renewals.
    #[must_use]
    pub fn version(&self, subject: &SubjectId) -> Option<u32> {
        self.versions.get(subject).copied()
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether there are no subjects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Number of codes, over all subjects.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.generations.values().map(|generation| generation.index.references()).sum()
    }

    /// The number of versions in use: a search transforms its probe, and searches an index, once for each.
    #[must_use]
    pub fn versions_in_use(&self) -> usize {
        self.generations.len()
    }
}

impl<P: Protector> fmt::Debug for Renewable<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewable")
            .field("subjects", &self.len())
            .field("codes", &self.codes())
            .field("versions", &self.versions_in_use())
            .finish_non_exhaustive()
    }
}
