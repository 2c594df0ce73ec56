//! What a gallery is, and who is in it.

use std::fmt;

use super::error::GalleryError;
use super::error::id_text;
use super::handle::Gallery;
use super::log::{EventKind, Hash};
use super::remove::Sample;
use crate::face::embedding::FaceModel;
use crate::subject::SubjectId;

/// What a gallery is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Random, and the same as long as there is the gallery: what [`GalleryBuilder::expect_id`](super::GalleryBuilder::expect_id) compares.
    pub id: [u8; 16],
    /// Which keys it has: one more with each rotation, from 1.
    pub generation: u32,
    /// People.
    pub subjects: usize,
    /// Templates and embeddings.
    pub records: u64,
    /// Entries of the log.
    pub log_entries: u64,
    /// Root of the Merkle tree over them.
    pub log_root: Hash,
    /// The model of its faces.
    pub face_model: Option<FaceModel>,
    /// Whether it has an anchor, without which it is not opened.
    pub anchored: bool,
}

impl Info {
    /// The id as 32 hexadecimal digits.
    #[must_use]
    pub fn id_text(&self) -> String {
        id_text(&self.id)
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Info({}, {} subjects, {} entries)", self.id_text(), self.subjects, self.log_entries)
    }
}

/// A subject and what is enrolled of it. `Debug` shows whom and how much.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{Gallery, Sample, Samples};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # use selfsame::synth::TemplateGenerator;
/// use selfsame::{FingerPosition::RightThumb, SubjectId};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let template = TemplateGenerator::new(1).reference(0);
/// # let jo = SubjectId::new("jo")?;
/// # let gallery = Gallery::builder(key).create_on(MemoryDisk::new())?;
/// gallery.enroll(&jo, &Samples::new().finger(RightThumb, template.clone()).finger(RightThumb, template))?;
/// let page = gallery.subjects(None, 100)?; // the next page is behind the last name of this one
/// assert_eq!(page[0].subject, jo);
/// let second = Sample::Finger { position: RightThumb, impression: 1 };
/// assert_eq!(page[0].samples[1], second);
/// gallery.remove_sample(&jo, second)?;
/// assert_eq!(gallery.info().records, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Who.
    pub subject: SubjectId,
    /// What, fingers first.
    pub samples: Vec<Sample>,
}

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listed({:?}, {} samples)", self.subject, self.samples.len())
    }
}

impl Gallery {
    /// The gallery's id, which tells it from every other.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        self.shared.id
    }

    /// What the gallery is now.
    #[must_use]
    pub fn info(&self) -> Info {
        let (subjects, records) = (self.len(), self.records());
        let ledger = self.ledger();
        let state = &ledger.state;
        Info {
            id: self.shared.id,
            generation: ledger.keys().generation,
            subjects,
            records,
            log_entries: state.log.len(),
            log_root: state.log.root(),
            face_model: self.face_model(),
            anchored: state.settings.anchored,
        }
    }

    /// A page of the subjects by name: at most `count`, those behind `after` or the first. That they were listed stands in the log.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn subjects(&self, after: Option<&SubjectId>, count: usize) -> Result<Vec<Listed>, GalleryError> {
        let mut all = self.shared.people.all();
        all.retain(|(subject, _)| after.is_none_or(|after| subject > after));
        if count < all.len() {
            all.select_nth_unstable_by(count, |a, b| a.0.cmp(&b.0));
            all.truncate(count);
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let listed: Vec<Listed> = all
            .into_iter()
            .map(|(subject, entry)| {
                let samples = entry.records.iter().filter_map(|kept| Sample::of(kept.place)).collect();
                Listed { subject, samples }
            })
            .collect();
        self.note(self.event(EventKind::List).count(listed.len()))?;
        Ok(listed)
    }
}
