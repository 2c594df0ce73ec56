//! Subjects whose templates can be renewed, ready for search.

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

/// What makes codes of one kind of sample under one key.
pub trait Protector: Sized + Send + Sync {
    /// What all codes of a collection have in common.
    type Settings: Clone + fmt::Debug + Send + Sync;
    /// What a code is made of.
    type Sample;
    /// The code.
    type Code: Clone;
    /// How codes are compared.
    type Modality: Modality<Template = Self::Code, Error = ProtectError> + Default;

    /// For a key.
    ///
    /// # Errors
    /// [`ProtectError`] when the settings are out of range.
    fn of(settings: &Self::Settings, key: &ProtectionKey) -> Result<Self, ProtectError>;

    /// The code of a sample.
    ///
    /// # Errors
    /// [`ProtectError`] when the sample does not fit the settings.
    fn code(&self, sample: &Self::Sample) -> Result<Self::Code, ProtectError>;

    /// A sample made ready to be compared with codes.
    ///
    /// # Errors
    /// [`ProtectError`] when the sample does not fit the settings.
    fn probe(&self, sample: &Self::Sample) -> Result<<Self::Modality as Modality>::Probe, ProtectError>;

    /// Version and tag of the key that a code was made with.
    fn made_with(code: &Self::Code) -> (u32, KeyTag);
}

/// What the codes of a collection of faces have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaceSettings {
    /// Components of the embeddings.
    pub dimension: usize,
    /// Bits of the codes, a multiple of 64 up to 4096.
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
        // The method of the same name that cannot fail.
        Ok(Self::probe(self, sample))
    }

    fn made_with(code: &FingerCode) -> (u32, KeyTag) {
        (code.version(), code.tag())
    }
}

/// Why a collection of renewable templates refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenewError {
    /// The sample or the code does not fit.
    #[error(transparent)]
    Protect(#[from] ProtectError),
    /// The index refuses.
    #[error(transparent)]
    Index(#[from] IndexError<ProtectError>),
    /// A code that was made before the subject's last renewal, or after it.
    #[error("the code is of version {found}, the subject's are of version {held}")]
    Version {
        /// Version of the codes that are there.
        held: u32,
        /// Version of this one.
        found: u32,
    },
    /// Nobody of this name is enrolled.
    #[error("no such subject")]
    UnknownSubject,
    /// A renewal without a single sample would be a removal.
    #[error("a renewal needs a sample at least")]
    NoSample,
    /// The subject was renewed four thousand million times.
    #[error("there are no versions left")]
    Versions,
}

/// The score of a modality of codes.
type ScoreOf<P> = <<P as Protector>::Modality as Modality>::Score;

/// The codes of one version and what makes them.
struct Generation<P: Protector> {
    protector: P,
    index: Index<P::Modality>,
}

/// A collection of protected templates in memory: no sample stays in it, and any subject's templates can be renewed.
///
/// All codes are made with keys of one secret; each subject has a version, and the key of a version is another. A search transforms the
/// probe once for each version that is in use and looks among the subjects of that version, so that a code from before a renewal finds
/// nobody. That is all a renewal does: codes that were stolen before it still tell what they told, and known pairs of old and new codes
/// link the others. Keep the secret away from the codes: who has both can make samples that match.
///
/// What [`Renewable::enroll`] and [`Renewable::renew`] return is to be kept by the caller, in a sealed gallery for example, and given to
/// [`Renewable::insert`] at the next start.
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
    /// An empty collection.
    ///
    /// # Errors
    /// [`ProtectError`] when the settings are out of range.
    pub fn new(secret: SecretKey, settings: P::Settings) -> Result<Self, ProtectError> {
        P::of(&settings, &ProtectionKey::new(&secret, 0))?;
        Ok(Self { secret, settings, generations: BTreeMap::new(), versions: HashMap::new() })
    }

    /// The codes of a version; there need be none yet.
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

    /// Works on a version, which goes if it is empty then.
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
    /// [`RenewError`]; nothing is changed then.
    pub fn enroll(&mut self, subject: SubjectId, sample: &P::Sample) -> Result<P::Code, RenewError> {
        self.enroll_labeled(subject, sample, 0)
    }

    /// [`Renewable::enroll`] with a label that searches can ask for: a finger position ([`crate::FingerPosition::label`]), for example. It is
    /// the caller's to keep with the code.
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
    /// [`RenewError::Version`] when the subject's codes are of another version, [`ProtectError::OtherKey`] when another secret made it;
    /// nothing is changed then.
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
        // Before a generation is made of what may be a stranger's number.
        if ProtectionKey::new(&self.secret, found).tag() != tag {
            return Err(ProtectError::OtherKey.into());
        }
        self.within(found, |generation| Ok(generation.index.add(subject.clone(), (&code, label))?))?;
        self.versions.insert(subject, found);
        Ok(())
    }

    /// Replaces all templates of a subject by new ones under the next version of the key, and returns their codes. Those from before match
    /// nothing any more, and nothing links them to the new ones without the secret.
    ///
    /// # Errors
    /// [`RenewError::UnknownSubject`], [`RenewError::NoSample`], [`RenewError::Protect`] when a sample does not fit; nothing is changed then.
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

    /// Removes a subject; tells how many codes there were.
    pub fn remove(&mut self, subject: &SubjectId) -> usize {
        self.versions.remove(subject).map_or(0, |version| self.take_from(version, subject))
    }

    /// Takes a subject out of a version, and the version with its last one.
    fn take_from(&mut self, version: u32, subject: &SubjectId) -> usize {
        let Some(generation) = self.generations.get_mut(&version) else { return 0 };
        let taken = generation.index.remove(subject);
        if generation.index.is_empty() {
            self.generations.remove(&version);
        }
        taken
    }

    /// How much a sample is like the most similar code of a subject.
    ///
    /// # Errors
    /// [`RenewError::UnknownSubject`], [`RenewError::Protect`] when the sample does not fit.
    pub fn verify(&self, subject: &SubjectId, sample: &P::Sample) -> Result<ScoreOf<P>, RenewError> {
        let version = self.versions.get(subject).ok_or(RenewError::UnknownSubject)?;
        let generation = self.generations.get(version).ok_or(RenewError::UnknownSubject)?;
        let probe = generation.protector.probe(sample)?;
        Ok(generation.index.verify(subject, &probe)?)
    }

    /// The subjects whose codes are most like a sample, best first; of equal scores the smaller id first.
    ///
    /// # Errors
    /// [`RenewError::Protect`] when the sample does not fit, [`RenewError::Index`] when the search asks for nobody or was canceled.
    pub fn identify(
        &self,
        sample: &P::Sample,
        search: &Search<'_, ScoreOf<P>>,
    ) -> Result<Candidates<P::Modality>, RenewError> {
        let mut found = Vec::new();
        if self.generations.is_empty() {
            // The same errors as among others.
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

    /// Version of a subject's codes: how often they were renewed.
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

    /// Number of codes of all subjects.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.generations.values().map(|generation| generation.index.references()).sum()
    }

    /// How many versions are in use: how often a search transforms its probe and how many indexes it looks through.
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
